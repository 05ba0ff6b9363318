"""Consent at a whole Yihu: asked for with a code, and what a withdrawal promises is kept."""

import contextlib
import time
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from dispatch.clock import HOUR
from dispatch.ids import UnitId
from dispatch.store.sql import SqlStore
from tests.communities import copies_of_demo
from tests.integration.conftest import skip_without_broker
from tests.integration.test_gateways import settings_file, sms_service, told
from tests.system import System, running_yihu
from tests.withdrawing import FIXES, kill_between

pytestmark = [pytest.mark.broker, pytest.mark.slow]

BEARER, RADIO = "李雷", "xizi-v07"
NUMBER = "+8610000000007"
VOLUNTEERS = range(1, 31)


def tracked(folder: Path) -> int:
    """How many fixes of this radio the database holds; no server works in it."""
    now = time.time_ns() // 1000
    with contextlib.closing(
        SqlStore.open("", data_dir=folder, on_state=lambda _why: None)
    ) as store:
        span = {"from_t": now - 24 * HOUR, "to_t": now + HOUR, "fixes_max": 10_000}
        return len(store.track(UnitId(RADIO), **span).fixes)


def files_with(folder: Path, text: str) -> list[str]:
    """Where it stands."""
    every = [each for each in folder.rglob("*") if each.is_file()]
    return [each.name for each in every if text.encode() in each.read_bytes()]


def test_a_hub_killed_between_word_and_deed_does_it_when_it_is_back(tmp_path: Path) -> None:
    """The withdrawal is on disk, the hub died of SIGKILL, and nobody asks a second time."""
    skip_without_broker()
    data = tmp_path / "data"
    data.mkdir()
    kill_between(data, BEARER, RADIO)
    assert tracked(data) == FIXES
    settings = settings_file(tmp_path, port=9)
    assert files_with(tmp_path, NUMBER) == ["gateways.toml"]

    with running_yihu(tmp_path, f"--settings={settings}", "--no-simulator") as system:
        system.until(lambda: bool(system.facts("TrackErased")), "the track is erased")
        system.until(lambda: bool(system.facts("NumberErased")), "the number is erased")
        assert [each["unit"] for each in system.facts("TrackErased")] == [RADIO]
        (number,) = system.facts("NumberErased")
        assert (number["account"], number["unit"], number["count"]) == (BEARER, RADIO, 1)

    assert tracked(data) == 0
    assert files_with(tmp_path, NUMBER) == []


def test_nobody_is_called_by_phone_who_withdrew(tmp_path: Path) -> None:
    """All volunteers did: orders go to their radios, messages to the supervisor alone."""
    skip_without_broker()
    with sms_service() as (port, heard):
        settings = settings_file(tmp_path, port)
        with running_yihu(tmp_path, f"--settings={settings}") as system:
            system.counted("yihu_units_on_duty", 36)
            for number in VOLUNTEERS:
                withdraw(system, f"巡逻{number}", f"xizi-v{number:02d}")
            system.until(
                lambda: len(system.facts("NumberErased")) == len(VOLUNTEERS), "all are erased"
            )

            pressed = system.command("press", "西子一间", f"--data={system.data_dir}")
            assert pressed.returncode == 0, pressed.stderr
            system.until(lambda: told(heard, "", "10000000000"), "an SMS to the supervisor")

            assert system.facts("UnitAssigned"), "they are asked by radio"
            volunteers = [each for each in system.facts("GatewayTried") if "-v" in each["unit"]]
            assert volunteers == []
    assert {path for path, _ in heard} == {"/sms/+8610000000000"}
    for number in VOLUNTEERS:
        assert files_with(tmp_path, f"+86100000000{number:02d}") == []


def test_a_code_lets_nobody_in_without_the_consent_that_is_demanded(tmp_path: Path) -> None:
    """Refused with a sentence and what to read; the same code is good once they have said so."""
    skip_without_broker()
    (file,) = copies_of_demo(tmp_path / "communities", "c1")
    text = file.read_text(encoding="utf-8")
    file.write_text(text.replace('id = "c1"', 'id = "c1"\nmust_consent = true', 1), "utf-8")
    own = ("--credentials", str(tmp_path / "own.json"))
    with running_yihu(tmp_path, f"--community={file}") as system:
        assert system.post("/api/v1/people", {"name": BEARER, "unit": "c1-v01"})[0] == 200
        status, made = system.post("/api/v1/radios/c1-v01/code", {"minutes": 60})
        assert status == 200
        joining = ("join", made["code"], "--url", system.url, *own)

        refused = system.command(*joining)
        assert refused.returncode == 1
        assert "place=1  (没有它不能入网 not let in without)" in refused.stdout
        assert "only with its bearer's consent to: place" in refused.stderr
        assert system.facts("ConsentGiven") == []

        done = system.command(*joining, "--consent", "place=1")
        assert done.returncode == 0, done.stderr
        (given,) = system.facts("ConsentGiven")
        assert (given["account"], given["how"], given["by"]) == (BEARER, "join", "tester")
        (let_in,) = system.facts("RadioLetIn")
        assert [each.split("/")[:2] for each in let_in["consented"]] == [["place", "1"]]


def withdraw(system: System, name: str, radio: str) -> None:
    """A manager lets them in, and notes from paper that they withdrew."""

    def post(path: str, body: Any) -> None:
        status, said = system.post(path, body)
        assert status == 200, said

    post("/api/v1/people", {"name": name, "unit": radio})
    post(f"/api/v1/people/{quote(name)}/consents/call/withdraw", {})
