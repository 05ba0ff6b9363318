"""Communities for tests of the whole: copies of the demo's under other names, so that each
test has grids and people of its own on one running hub."""

import shutil
from pathlib import Path

from dispatch.config import load_community
from dispatch.demo import demo_community_path


def copies_of_demo(folder: Path, *names: str) -> list[Path]:
    """Community files: radio ``xizi-v01`` called 西子一间 becomes ``NAME-v01`` called NAME一间."""
    demo = demo_community_path()
    folder.mkdir(parents=True, exist_ok=True)
    for data in ("grids.geojson", "streets.geojson"):
        shutil.copy(demo.parent / data, folder)
    files = []
    for name in names:
        text = demo.read_text(encoding="utf-8")
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
