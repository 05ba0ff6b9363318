"""The tables that the steps make are the tables that the code reads; the future is refused."""

from importlib.resources import files

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory

from dispatch.errors import SettingsError
from dispatch.store import migrate
from dispatch.store.schema import METADATA
from dispatch.store.sql import verify_at
from tests.dispatch.store.conftest import Home
from tests.dispatch.store.facts import alarm, alarm_id
from tests.dispatch.store.started import board_of


def test_the_steps_lead_to_the_tables_of_the_code(home: Home) -> None:
    """A column added on one side only would be found by the first hub in the field."""
    home.open().close()
    engine = home.engine()

    with engine.connect() as conn:
        context = MigrationContext.configure(conn, opts={"include_name": _is_ours})
        differences = compare_metadata(context, METADATA)

    engine.dispose()
    assert differences == []


def test_the_newest_step_is_the_one_that_a_start_compares_with() -> None:
    """Else a start would run no step, or would load Alembic every time."""
    assert ScriptDirectory(str(migrate.FOLDER)).get_current_head() == migrate.NEWEST


def _is_ours(name: str | None, kind: str, _parents: object) -> bool:
    return kind != "table" or name in METADATA.tables


def test_a_second_start_changes_nothing(home: Home) -> None:
    store = home.open()
    store.submit([alarm()]).result(20)
    store.close()

    assert board_of(home.open().load()).alarms.keys() == {alarm_id()}


def test_a_journal_of_a_newer_version_is_refused(home: Home) -> None:
    """An old hub would write facts that the new one has other tables for."""
    home.open().close()
    home.tamper("UPDATE alembic_version SET version_num = '9999'")

    with pytest.raises(SettingsError, match=r"newer Yihu \(its tables are version 9999\); install"):
        home.open()
    with pytest.raises(SettingsError, match="newer Yihu"):
        verify_at(home.url, home.data_dir)


def test_a_history_of_a_newer_version_is_refused(home: Home) -> None:
    home.open().close()
    home.tamper_history("UPDATE history_version SET version = 99")

    with pytest.raises(SettingsError, match=r"history of positions was written by a newer Yihu"):
        home.open()


def test_an_older_journal_is_not_read_before_it_is_brought_up_to_date(home: Home) -> None:
    home.open().close()
    home.tamper("DELETE FROM alembic_version")

    with pytest.raises(SettingsError, match="start the hub once"):
        verify_at(home.url, home.data_dir)


def test_the_steps_travel_with_the_package() -> None:
    """An installed wheel has no checkout to look in."""
    folder = files("dispatch.store").joinpath("migrations")

    assert str(folder) == str(migrate.FOLDER)
    assert folder.joinpath("env.py").is_file()
    assert folder.joinpath("versions", "v0001_first.py").is_file()
