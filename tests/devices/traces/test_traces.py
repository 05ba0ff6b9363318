"""Recorded journeys as radios: read, put on a roster, and followed fix by fix."""

import gzip
import json
import random
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from devices.credentials import load_credentials
from devices.made_roster import shared_roles
from devices.traces.body import Traveller
from devices.traces.play import plan_presses, save_presses
from devices.traces.read import Trace, read_traces
from devices.traces.roster import prepare, radio_id
from dispatch.clock import MINUTE, SECOND
from dispatch.config import load_community
from dispatch.errors import SettingsError
from dispatch.words import Role
from geo.grids import load_grids

CSV = """trace_id,user,time,lon,lat,alt_m
b,1,2008-10-24T02:10:00Z,116.31,40.01,3
a,0,2008-10-24T02:09:59Z,116.32,40.02,
b,1,2008-10-24T02:09:58Z,116.30,40.00,
b,1,2008-10-24T02:10:00Z,116.39,40.09,
"""
GRIDS = {
    "type": "FeatureCollection",
    "features": [
        {
            "type": "Feature",
            "geometry": {
                "type": "Polygon",
                "coordinates": [
                    [
                        [116.3, 39.99],
                        [116.315, 39.99],
                        [116.315, 40.05],
                        [116.3, 40.05],
                        [116.3, 39.99],
                    ]
                ],
            },
            "properties": {"id": '东"一', "name": "东一"},
        }
    ],
}


def trace(minutes: int, name: str = "t") -> Trace:
    """A fix a minute, going east."""
    return Trace(
        name=name,
        t=tuple(i * MINUTE for i in range(minutes + 1)),
        lon=tuple(116.3 + i * 0.001 for i in range(minutes + 1)),
        lat=(40.0,) * (minutes + 1),
    )


@pytest.mark.parametrize("packed", [False, True])
def test_traces_are_put_in_order_and_begin_at_nought(tmp_path: Path, packed: bool) -> None:
    """Rows may stand anywhere; of two fixes in one instant the first is kept."""
    file = tmp_path / "traces"
    file.write_bytes(gzip.compress(CSV.encode()) if packed else CSV.encode())

    first, second = read_traces(file)

    assert (first.name, first.t, first.duration) == ("a", (0,), 0)
    assert second.t == (0, 2 * SECOND)
    assert second.lon == (116.30, 116.31)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "has not the columns"),
        ("trace_id,time,lon,lat\n", "has no traces"),
        ("trace_id,time,lon,lat\na,2008-10-24,1,2\n", "line 2"),
        ("trace_id,time,lon,lat\na,2008-10-24T00:00:00Z,x,2\n", "line 2"),
        ("trace_id,time,lon,lat\na,2008-10-24T00:00:00Z,nan,2\n", "line 2"),
        ("trace_id,time,lon,lat\na,2008-10-24T00:00:00Z,181,2\n", "line 2"),
        ("trace_id,time,lon,lat\na,2008-10-24T00:00:00Z\n", "line 2"),
    ],
)
def test_a_file_of_something_else_is_refused(tmp_path: Path, text: str, says: str) -> None:
    """With the line that was not understood."""
    file = tmp_path / "traces.csv"
    file.write_text(text)

    with pytest.raises(SettingsError, match=says):
        read_traces(file)


def test_a_cut_off_gzip_is_refused(tmp_path: Path) -> None:
    """A download that broke."""
    file = tmp_path / "traces.csv.gz"
    file.write_bytes(gzip.compress(CSV.encode() * 50)[:-20])

    with pytest.raises(SettingsError, match="cannot be read"):
        read_traces(file)


def test_roles_have_their_shares_by_seed() -> None:
    """Seventy, twenty, ten per cent; the same for the same seed."""
    listed = shared_roles(220, random.Random(1))

    assert Counter(listed) == {Role.VOLUNTEER: 154, Role.GUARD: 44, Role.POLICE: 22}
    assert listed == shared_roles(220, random.Random(1))
    assert listed != shared_roles(220, random.Random(2))


def test_a_prepared_roster_is_one_a_hub_can_start_with(tmp_path: Path) -> None:
    """The community file is read as the hub reads it, posts are where the journeys begin."""
    (tmp_path / "traces.csv").write_text(CSV)
    (tmp_path / "city.geojson").write_text(json.dumps(GRIDS))
    traces = read_traces(tmp_path / "traces.csv")

    prepare(
        tmp_path / "out",
        traces,
        tmp_path / "city.geojson",
        seed=1,
        token=random.Random(1).randbytes,
    )
    community, records = load_community(tmp_path / "out" / "community.toml")
    credentials = load_credentials(tmp_path / "out" / "credentials.json")

    assert community.community == "traces"
    assert [(r.radio, r.call_sign, r.post) for r in records] == [
        ("tr-001", "TR-001", None),
        ("tr-002", "TR-002", '东"一'),
    ]
    assert set(credentials.radios) == {radio_id(0), radio_id(1)}
    assert len({known.secret for known in credentials.radios.values()}) == 2


def test_a_traveller_tells_what_was_recorded_when_it_was() -> None:
    """Nothing before the start, each fix at its own moment, then nothing more."""
    body = Traveller(trace(3))
    assert body.due() is None
    assert body.last_fix() is None

    body.begin(1000)
    first = body.tell(1000, 10.0)
    late = body.tell(1000 + 2 * MINUTE + SECOND, 10.0)
    body.go_to(0.0, 0.0)
    last = body.tell(1000 + 10 * MINUTE, 10.0)

    assert [fix.t for fix in first + late + last] == [1000 + i * MINUTE for i in range(4)]
    assert len(late) == 2
    assert body.due() is None
    assert body.last_fix() == last[-1]


def test_presses_fall_on_different_radios_within_their_journeys() -> None:
    """Each press is its own incident, with a place; the same seed presses the same."""
    traces = [trace(minutes, f"t{minutes}") for minutes in (0, 1, 5, 10, 60)]

    plans = plan_presses(traces, 3, until=20 * MINUTE, chance=random.Random(3))

    assert {plan.index for plan in plans} == {2, 3, 4}
    assert plans == sorted(plans, key=lambda plan: plan.at)
    assert all(0 < plan.at < min(traces[plan.index].duration, 20 * MINUTE) for plan in plans)
    assert plans == plan_presses(traces, 3, until=20 * MINUTE, chance=random.Random(3))
    with pytest.raises(SettingsError, match="only 3 traces"):
        plan_presses(traces, 4, until=20 * MINUTE, chance=random.Random(3))


def test_the_log_names_the_grid_of_each_press(tmp_path: Path) -> None:
    """For a person to look at; a test checks it by other means."""
    file = tmp_path / "presses.json"
    rows: list[dict[str, Any]] = [{"fix": {"lon": 116.31, "lat": 40.0}}, {"fix": None}]

    save_presses(file, rows, load_grids(GRIDS))

    assert [row.get("grid") for row in json.loads(file.read_text())] == ['东"一', None]
