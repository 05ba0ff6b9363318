"""docs/incident-file.md: what it tells a stranger to do is done here."""

import json
import re
import subprocess
import sys
from pathlib import Path

from dispatch.casefile import verify_file
from dispatch.casefile.seal import FILE_BYTES_MAX, FORMAT, SECTIONS
from dispatch.store import slices
from tests.dispatch.casefile.case import changed, filed

DOCS = Path(__file__).resolve().parents[3] / "docs" / "incident-file.md"


def by_hand(tmp_path: Path, data: bytes) -> str:
    """What the lines of the page say of a file, run by a Python that has no program of ours."""
    [code] = re.findall(r"```python\n(.*?)```", DOCS.read_text(), re.DOTALL)
    (tmp_path / "check.py").write_text(code)
    (tmp_path / "file.json").write_bytes(data)
    ran = subprocess.run(
        [sys.executable, "-I", "check.py", "file.json"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return ran.stdout


def test_the_lines_of_the_page_check_a_file(tmp_path: Path) -> None:
    """A court's own expert needs nothing else."""
    said = by_hand(tmp_path, filed().data)

    assert said.splitlines() == [*(f"{name} whole" for name in SECTIONS), "seal whole"]


def test_the_lines_of_the_page_find_what_was_changed(tmp_path: Path) -> None:
    def change(document: dict[str, object]) -> None:
        text = json.dumps(document, ensure_ascii=False).replace("有人追赶", "无人追赶")
        document.update(json.loads(text))

    spoilt = changed(filed(), change)

    assert verify_file(spoilt).faults
    said = by_hand(tmp_path, spoilt)
    assert "values CHANGED" in said
    assert re.search(r"^value [0-9a-f]{32} CHANGED$", said, re.MULTILINE)


def test_the_page_names_the_form_and_the_limits_that_hold() -> None:
    """Numbers in a page grow old by themselves."""
    told = DOCS.read_text()

    assert FORMAT in told
    assert all(f'"name":"{name}"' in told for name in SECTIONS)
    assert f"{FILE_BYTES_MAX // 2**20} MiB" in told
    assert f"{slices.FACTS_MAX:,} facts" in told
    assert slices.BODY_CHARS_MAX == slices.VALUE_CHARS_MAX == 8_000_000
