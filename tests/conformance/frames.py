"""The frames kept beside each codec's tests: a newcomer's codec is tested by adding its folder."""

import json
from dataclasses import dataclass
from pathlib import Path

from devices.codec import Codec
from devices.registry import CODECS

FOLDER = Path(__file__).resolve().parent.parent / "devices"


@dataclass(frozen=True, slots=True, kw_only=True)
class Frame:
    """A captured message: ``payload`` is text, ``hex`` bytes that are none."""

    codec: Codec
    name: str
    topic: str
    data: bytes


def frames() -> list[Frame]:
    """Every kept frame of every registered codec."""
    return [
        _frame(codec, path)
        for name, codec in CODECS.items()
        for path in sorted((FOLDER / name / "frames").glob("*.json"))
    ]


def _frame(codec: Codec, path: Path) -> Frame:
    kept = json.loads(path.read_text(encoding="utf-8"))
    data = bytes.fromhex(kept["hex"]) if "hex" in kept else kept["payload"].encode()
    return Frame(codec=codec, name=f"{codec.name}/{path.stem}", topic=kept["topic"], data=data)
