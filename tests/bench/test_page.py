"""The page of figures: nothing is said that was not measured, and nothing measured is hidden."""

import importlib
import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

import bench.__main__ as everything
from bench.__main__ import FULL, SCRIPTS, main, measured
from bench.page import AIMS, Aim, page, table, took, unsaid

RATIO = Aim(
    what="x", script="positions", key="a_us", unit="µs", beside="b_us", beside_is="floor",
    at_most=10, ratio_at_most=2,
)  # fmt: skip


def test_an_aim_is_met_only_by_all_that_it_asks() -> None:
    """Quick enough, and still three times the floor, is missed."""
    assert RATIO.met({"positions": {"a_us": 6.0, "b_us": 3.5}}) is True
    assert RATIO.met({"positions": {"a_us": 9.0, "b_us": 3.0}}) is False
    assert RATIO.met({"positions": {"a_us": 11.0, "b_us": 9.0}}) is False
    assert RATIO.met({"positions": {"a_us": None, "b_us": 9.0}}) is None
    assert RATIO.met({}) is None


def test_what_was_not_measured_is_a_dash_and_what_was_missed_is_said() -> None:
    """Nobody takes an empty run for a good one."""
    lines = table({"positions": {"cpu_us": 99.0, "floor_us": 4.0}}).splitlines()

    flat_out = next(line for line in lines if "20,000/s, 20 consoles" in line)
    assert "| 99 µs |" in flat_out
    assert "24.75" in flat_out
    assert "**missed**" in flat_out
    assert all("| - |" in line for line in lines[2:] if line != flat_out)


def test_every_aim_is_some_scripts_and_every_script_can_be_told_of() -> None:
    """The page heads each section with what the script says of itself."""
    assert {aim.script for aim in AIMS} <= set(SCRIPTS)
    for name in SCRIPTS:
        assert (importlib.import_module(f"bench.{name}").__doc__ or "").strip(), name


def test_a_figure_that_a_script_forgot_is_noticed() -> None:
    """Unknown (null) is an answer; no key is none."""
    told = {aim.key: None for aim in AIMS} | {aim.beside: None for aim in AIMS if aim.beside}
    scripts = {aim.script: dict(told) for aim in AIMS}
    assert unsaid(scripts) == []

    del scripts["alarm"]["burst_200_ms"]

    assert [aim.key for aim in unsaid(scripts)] == ["burst_200_ms"]
    assert unsaid({"alarm": {"failed": "why"}}) == []


def test_the_page_has_a_section_for_each_script_and_tells_failures() -> None:
    """A script that did not work does not vanish."""
    text = page(
        {"alarm": {"stored_p99_ms": 12.5, "machine": {"cpu": "x"}}, "stream": {"failed": "why"}},
        ("alarm", "stream"),
    )

    assert "| stored_p99_ms | 12.5 |" in text
    assert "It did not work: `why`" in text
    assert "cpu x" in text
    assert "Not measured in this run." in page({}, ("alarm",))
    assert "--full` does" in page({}, ("alarm",), ("alarm",))


def test_the_page_says_what_each_script_took() -> None:
    """Whoever runs it again knows how long to wait."""
    results: dict[str, dict[str, Any]] = {
        "alarm": {"elapsed_s": 150.2},
        "stream": {"elapsed_s": 59.8},
        "grids": {"failed": "why"},
    }

    assert took(results) == "The run took 3.5 minutes: alarm 150 s, stream 60 s."
    assert took(results) in page(results, ("alarm", "stream", "grids"))


def test_what_is_long_is_run_only_when_asked_for(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual run is of our own figures alone; the kept store goes to who needs it."""
    ran: list[list[str]] = []

    def run(argv: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        ran.append(argv[2:])
        return subprocess.CompletedProcess(argv, 0, stdout="{}\n", stderr="")

    monkeypatch.setattr(subprocess, "run", run)
    main(["--keep", str(tmp_path), "--out", str(tmp_path / "page.md")])
    usual = [argv[0].removeprefix("bench.") for argv in ran]
    assert usual == [name for name in SCRIPTS if name not in FULL]
    assert [argv[0] for argv in ran if f"--keep={tmp_path}" in argv] == ["bench.start"]

    ran.clear()
    main(["--full", "--out", str(tmp_path / "page.md")])

    assert [argv[0].removeprefix("bench.") for argv in ran] == list(SCRIPTS)


def test_a_script_that_fails_is_told_with_its_last_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """And the others are run all the same; nothing is written of a part."""
    monkeypatch.setattr(everything, "SCRIPTS", ("nothing_of_the_kind",))
    assert "No module named" in measured("nothing_of_the_kind", small=True)["failed"]

    out = tmp_path / "page.md"
    monkeypatch.setattr(everything, "PAGE", out)
    assert main(["--only", "nothing_of_the_kind"]) == 1

    assert "failed" in capsys.readouterr().out
    assert not out.exists()


@pytest.mark.slow
def test_the_hot_path_in_small(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Each step takes some time, and the picture names it."""
    from bench.hotpath import STEPS
    from bench.hotpath import main as hotpath

    picture = tmp_path / "hot.svg"
    assert hotpath(["--small", "--json", "--plot", str(picture)]) == 0

    told = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert all(told[f"{rate}_{step}_us"] > 0 for rate in ("paced", "full") for step in STEPS)
    assert all(words in picture.read_text() for words, _ in STEPS.values())
    flame = (tmp_path / "hot-flame.svg").read_text()
    assert "LiveTable.take" in flame
    assert "history&#x27;s thread" in flame
