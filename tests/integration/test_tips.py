"""A sealed tip in a whole Yihu: by radio over the real broker, over a kill of the hub, and then a
search through every byte that is on the disk, in the log and in a backup."""

import contextlib
import json
import sqlite3
from pathlib import Path
from typing import Any

import pytest

from tests.console_client import Console
from tests.integration.conftest import Community
from tests.system import System

pytestmark = pytest.mark.broker

BY_RADIO = "三号楼地下室每晚有人打麻将赌钱-R"
BY_PAGE = "五号楼有人上门推销假药骗老人-P"
WHY = "核实三号楼的线索"


def every_byte(folder: Path) -> bytes:
    """Of every file, the database's log included; but for the key."""
    found = []
    for each in sorted(folder.rglob("*")):
        if each.is_file() and each.name != "tips.key":
            with contextlib.suppress(OSError):
                found.append(each.read_bytes())
    return b"\n".join(found)


def look(system: System, path: str, operator: str = "tester") -> Any:
    """JSON, as a manager."""
    with system._open(path, headers=system.person(operator)) as answer:
        return json.load(answer)


async def test_nothing_on_the_disk_in_the_log_or_a_backup_tells_of_it(
    community: Community, tmp_path: Path
) -> None:
    """Whoever steals all of it but the key has no word, and no console was told anything."""
    system = community.system
    async with Console(system, "tester") as console, community.radio("v01") as radio:
        before = dict(console.incidents)
        code = await radio.tell_tip("t1", words=BY_RADIO, about="gambling", photo="p/1")
        nameless = await radio.tell_tip("t2", words=BY_RADIO, anonymous=True)
        status, _ = system.post(
            "/api/v1/tips", {"community": community.name, "kind": "fraud", "words": BY_PAGE}
        )
        assert status == 200
        assert console.incidents == before
        assert "tip" not in json.dumps([console.status, console.undecided])

        system.wait_hub_after(system.kill_hub())
        assert await radio.tell_tip("t1", words=BY_RADIO, about="gambling") == code

    mine = [t for t in look(system, "/api/v1/tips")["tips"] if t["community"] == community.name]
    assert sorted((t["kind"], t["way"], t["anonymous"]) for t in mine) == [
        ("fraud", "page", False),
        ("gambling", "radio", False),
        ("other", "radio", True),
    ]
    for each in mine:
        status, opened = system.post(f"/api/v1/tips/{each['tip']}/read", {"why": WHY})
        assert status == 200
        assert opened["words"] == (BY_PAGE if each["way"] == "page" else BY_RADIO)
        assert (opened["teller"] is None) is each["anonymous"]
    status, told = system.post("/api/v1/tips/state", {"code": nameless})
    assert (status, told) == (200, {"state": "read"})

    made = tmp_path / "usb"
    made.mkdir()
    done = system.command("backup", str(made), "--data", str(system.data_dir), "--quiet")
    assert done.returncode == 0, done.stderr
    assert not list(made.rglob("tips.key"))
    key = json.loads((system.data_dir / "tips.key").read_text())["keys"][0]["private"]
    places = {
        "disk": every_byte(system.data_dir),
        "backup": every_byte(made),
        "log": system.log().encode(),
        "metrics": system.text("/metrics").encode(),
        "health": system.text("/health").encode(),
    }
    for name, held in places.items():
        for words in (BY_RADIO, BY_PAGE, key):
            for said in (words, json.dumps(words)[1:-1]):
                assert said.encode() not in held, (name, words)
    assert WHY.encode() in places["disk"], "the search would find what stands there"
    assert b"tip" not in places["metrics"]
    with contextlib.closing(sqlite3.connect(system.data_dir / "journal.db")) as db:
        bodies = " ".join(row[0] for row in db.execute("SELECT body FROM journal"))
        reports = list(db.execute("SELECT report FROM reports WHERE report LIKE ?", ("%/t1",)))
    assert '"gambling"' not in bodies
    assert reports == [], "it is no report"
