"""The store that starts are measured with is one that the product could have written."""

from pathlib import Path

from bench.start_store import Size, build
from dispatch.store.sql import SqlStore, verify_at


def test_the_built_store_is_whole_and_a_hub_goes_on_with_it(tmp_path: Path) -> None:
    """Copied rows with a chain that did not hold would measure something else."""
    size = Size(communities=1, open_ones=10, ended=15)

    data_dir = build(tmp_path / "town", size)

    report = verify_at("", data_dir)
    assert report.broken_at_seq is None
    store = SqlStore.open("", data_dir=data_dir, on_state=lambda _why: None)
    try:
        restored, again = store.load(), store.load()
    finally:
        store.close()
    assert restored.board is not None
    assert again.board is not None
    assert sum(each.open for each in restored.board.incidents.values()) == size.open_ones
    assert again.board.incidents == restored.board.incidents
    assert len(restored.radios) == size.units
    assert len(list(restored.on_duty)) == len(restored.last_fixes) == size.units // 5


def test_a_store_of_few_radios_is_one_too(tmp_path: Path) -> None:
    """What one more radio costs is told by two stores of the same communities."""
    size = Size(communities=2, open_ones=0, ended=0, radios=10)

    data_dir = build(tmp_path / "town", size)

    store = SqlStore.open("", data_dir=data_dir, on_state=lambda _why: None)
    try:
        restored = store.load()
    finally:
        store.close()
    assert len(restored.radios) == size.units == 20
    assert len(list(restored.on_duty)) == len(restored.last_fixes) == 4
