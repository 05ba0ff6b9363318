"""``yihu press``: the button of a simulated radio, or of a radio that nobody plays."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from dispatch.decide import MORE_MAX
from tests.integration.conftest import skip_without_broker
from tests.system import SIMULATOR, System, running_yihu

pytestmark = [pytest.mark.broker, pytest.mark.slow]


@pytest.fixture(scope="module", name="demo")
def demo_with_radios(tmp_path_factory: pytest.TempPathFactory) -> Iterator[System]:
    """``yihu run`` as a new user starts it, its simulated radios on duty."""
    skip_without_broker()
    with running_yihu(tmp_path_factory.mktemp("demo")) as system:
        system.counted("yihu_units_on_duty", 36)
        yield system


def incidents_of(system: System, unit: str) -> list[Any]:
    """The incidents that this unit's presses opened."""
    snapshot = system.get("/api/v1/snapshot")
    return [each for each in snapshot["incidents"] if each["sender"] == unit]


def test_a_simulated_radio_presses_and_the_others_come(demo: System) -> None:
    """The first minute of a new user: a press by name, and people on their way to it."""
    pressed = demo.command("press", "西子一间", f"--data={demo.data_dir}")

    assert (pressed.returncode, pressed.stderr) == (0, "")
    assert pressed.stdout.startswith("西子一间 (xizi-v01): sos ")
    assert " stored after " in pressed.stdout
    (incident,) = incidents_of(demo, "xizi-v01")
    # Three volunteers are wanted of whom each says yes three times in ten, a guard and an officer
    # who mostly do; beyond that only people who may be in time. Where they are then is chance.
    first = Counter(each["role"] for each in incident["assignments"] if each["wave"] == 1)
    assert first["guard"] >= 2
    assert first["police"] >= 2
    assert first["volunteer"] >= 10
    assert first.total() <= 14 + MORE_MAX
    demo.logged("order_received")
    demo.logged("unit_accepted")


def test_a_name_that_nobody_has(demo: System) -> None:
    """One sentence that names one that exists."""
    pressed = demo.command("press", "西子一千间", f"--data={demo.data_dir}")

    assert pressed.returncode == 2
    (line,) = pressed.stderr.splitlines()
    assert line.startswith("yihu: no radio is called 西子一千间; ")
    assert line.endswith("such as 西子一间")


def test_the_demos_radios_die_with_it(demo: System) -> None:
    """SIGKILL to ``yihu run`` leaves no walking radios behind; the next start has them again."""
    pids = list(demo.processes())
    assert demo.pid_of(SIMULATOR) in pids

    demo.process.kill()
    demo.process.wait()
    demo.wait_gone(pids)

    assert len(pids) == 3


def test_a_radio_that_nobody_plays_presses_by_mqtt(tmp_path: Path) -> None:
    """For radios in a drawer, and for drills: it connects with its own secret."""
    skip_without_broker()
    with running_yihu(tmp_path, "--no-simulator") as system:
        pressed = system.command(
            "press", "西子二间", "--kind=medical", "--covert", f"--data={system.data_dir}"
        )

        assert (pressed.returncode, pressed.stderr) == (0, "")
        assert pressed.stdout.startswith("西子二间 (xizi-v02): medical ")
        (incident,) = incidents_of(system, "xizi-v02")
        assert (incident["kind"], incident["covert"]) == ("medical", True)
