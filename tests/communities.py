"""Communities for tests of the whole: copies of the demo's under other names, so that each
test has grids and people of its own on one running hub."""

import shutil
from collections.abc import Mapping
from pathlib import Path

from dispatch.config import load_community
from dispatch.demo import demo_community_path

BOOK = "plans.toml"


def copies_of_demo(
    folder: Path, *names: str, book: str = "", pins: Mapping[str, str] | None = None
) -> list[Path]:
    """Community files: radio ``xizi-v01`` called 西子一间 becomes ``NAME-v01`` called NAME一间.

    ``book`` is the text of a plan book of their own, ``pins`` are lines for a radio, by ``v01``.
    """
    demo = demo_community_path()
    folder.mkdir(parents=True, exist_ok=True)
    for data in ("grids.geojson", "streets.geojson"):
        shutil.copy(demo.parent / data, folder)
    if book:
        (folder / BOOK).write_text(book, encoding="utf-8")
    files = []
    for name in names:
        text = demo.read_text(encoding="utf-8")
        for short, lines in (pins or {}).items():
            text = text.replace(f'id = "xizi-{short}"', f'id = "xizi-{short}"\n{lines}')
        if book:
            text = text.replace('id = "xizi"', f'id = "xizi"\nplans = ["{BOOK}"]')
        text = text.replace('id = "xizi"', f'id = "{name}"').replace("xizi-", f"{name}-")
        text = text.replace('call_sign = "西子', f'call_sign = "{name}')
        file = folder / f"{name}.toml"
        file.write_text(text, encoding="utf-8")
        files.append(file)
    return files


def posts(file: Path) -> dict[str, tuple[float, float]]:
    """A place (lon, lat) in the grid of each radio's post."""
    community, radios = load_community(file)
    grids = community.grids
    return {
        record.radio: grids.centre(grids.index_of(record.post))
        for record in radios
        if record.post is not None
    }
