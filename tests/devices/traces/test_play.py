"""A replay with a real broker: common start, recorded moments, presses that are stored."""

import argparse
import asyncio
import json
import random
import time
from itertools import pairwise
from pathlib import Path

import pytest

from devices import replay
from devices.credentials import Credentials, RadioCredentials, load_credentials, save_credentials
from devices.mqtt import BrokerAddress
from devices.simulator.fleet import PassingTime
from devices.traces.play import Plan, Player
from devices.traces.roster import COMMUNITY, radio_id
from dispatch.clock import MINUTE, SECOND
from dispatch.errors import SettingsError
from dispatch.readings import PressReading
from tests.broker import running_broker
from tests.devices.simulator.centre import running_centre
from tests.devices.traces.test_traces import CSV, GRIDS, trace

COUNT = 4
RADIOS = {radio_id(i): (COMMUNITY, f"secret-{i}") for i in range(COUNT)}
CREDENTIALS = Credentials(
    broker_url="",
    radios={
        radio: RadioCredentials(radio=radio, community=COMMUNITY, call_sign=radio, secret=secret)
        for radio, (_, secret) in RADIOS.items()
    },
)


@pytest.mark.broker
async def test_traces_run_at_the_centres_speed_from_a_common_start(tmp_path: Path) -> None:
    """Three minutes in a second and a half; every fix is told, a minute apart as recorded."""
    traces = [trace(3, f"t{i}") for i in range(COUNT)]
    async with (
        running_broker(tmp_path, {str(r): (str(c), s) for r, (c, s) in RADIOS.items()}) as broker,
        running_centre(broker, clock_speed=120.0) as centre,
    ):
        player = Player(
            traces,
            CREDENTIALS,
            address=BrokerAddress(host=broker.host, port=broker.mqtt_port),
            time=PassingTime(time.monotonic_ns, 1.0),
            wall_t=time.time_ns() // 1000,
            chance=random.Random(1),
        )
        plans = [Plan(index=2, at=MINUTE + 30 * SECOND)]
        await player.run(plans, until=3 * MINUTE + 30 * SECOND)
        await centre.until(lambda: sum(len(b) for b in centre.batches) == 4 * COUNT)

    fixes = sorted(
        (radio, int(t))
        for b in centre.batches
        for radio, t in zip(centre.rows.radios(b.rows), b.t, strict=True)
    )
    steps = [t2 - t1 for (r1, t1), (r2, t2) in pairwise(fixes) if r1 == r2]
    starts = [min(t for r, t in fixes if r == radio) for radio in RADIOS]
    press = centre.of(PressReading)[0]
    assert all(abs(step - MINUTE) < 10 * SECOND for step in steps)
    assert max(starts) - min(starts) < 30 * SECOND
    assert isinstance(press, PressReading)
    assert press.press.radio == radio_id(2)
    assert press.fix is not None
    assert [(row["alarm"], row["stored"]) for row in player.pressed] == [(press.press.alarm, True)]
    assert player.pressed[0]["fix"]["lon"] == press.fix.lon == pytest.approx(116.301)


async def test_a_trace_without_credentials_is_refused() -> None:
    """Before anything is connected, and with what to do."""
    with pytest.raises(SettingsError, match="--prepare"):
        Player(
            [trace(3)] * (COUNT + 1),
            CREDENTIALS,
            address=BrokerAddress(host="127.0.0.1", port=1),
            time=PassingTime(time.monotonic_ns, 1.0),
            wall_t=0,
            chance=random.Random(1),
        )


def options(*arguments: str) -> argparse.Namespace:
    """The command line of ``yihu replay``."""
    parser = argparse.ArgumentParser()
    replay.add_arguments(parser)
    return parser.parse_args(arguments)


def test_preparing_by_command_writes_the_three_files(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """What the README says to type."""
    (tmp_path / "t.csv").write_text(CSV)
    (tmp_path / "g.geojson").write_text(json.dumps(GRIDS))

    status = replay.run(
        options(
            f"--prepare={tmp_path / 'out'}",
            f"--traces={tmp_path / 't.csv'}",
            f"--grids={tmp_path / 'g.geojson'}",
        )
    )

    assert status == 0
    assert "2 radios" in capsys.readouterr().out
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == [
        "community.toml",
        "credentials.json",
        "grids.geojson",
    ]
    assert load_credentials(tmp_path / "out" / "credentials.json").radios


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        ((), "no traces"),
        (("x.csv", "--speed=0"), "above 0"),
        (("{csv}", "--prepare=x"), "--grids"),
        (("{csv}", "--credentials={none}"), "cannot be read"),
    ],
)
def test_a_wrong_command_line_is_refused_in_a_sentence(
    tmp_path: Path, arguments: tuple[str, ...], says: str
) -> None:
    """Exit status 2."""
    (tmp_path / "t.csv").write_text(CSV)
    known = {"csv": str(tmp_path / "t.csv"), "none": str(tmp_path / "none.json")}

    with pytest.raises(SettingsError, match=says):
        replay.run(options(*(each.format(**known) for each in arguments)))


def test_the_log_is_written_even_where_the_replay_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was pressed before is known all the same."""
    (tmp_path / "t.csv").write_text(CSV)
    save_credentials(tmp_path / "c.json", CREDENTIALS)

    async def fails(self: Player, *_: object, **__: object) -> None:
        await asyncio.sleep(0)
        raise SettingsError("no centre", "start one")

    monkeypatch.setattr(Player, "run", fails)

    with pytest.raises(SettingsError, match="no centre"):
        replay.run(
            options(
                str(tmp_path / "t.csv"),
                f"--credentials={tmp_path / 'c.json'}",
                f"--log={tmp_path / 'log.json'}",
            )
        )
    assert json.loads((tmp_path / "log.json").read_text()) == []
