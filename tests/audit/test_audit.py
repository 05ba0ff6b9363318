"""What auditors answer, read; that nobody answers is said, and is no failure."""

import json
import sys
from pathlib import Path

import pytest

from tests.audit import __main__ as audit

PIP_AUDIT = {
    "dependencies": [
        {"name": "good", "version": "1.0", "vulns": []},
        {
            "name": "bad",
            "version": "2.0",
            "vulns": [
                {"id": "CVE-1", "fix_versions": ["2.1"]},
                {"id": "CVE-2", "fix_versions": []},
            ],
        },
        {"name": "unknown", "skip_reason": "not found"},
    ],
    "fixes": [],
}
NPM = {
    "vulnerabilities": {
        "inner": {
            "range": "<3",
            "severity": "high",
            "via": [{"title": "Reads past its end"}, "other"],
        }
    }
}


def test_each_advisory_is_a_line_with_what_mends_it() -> None:
    """Whoever reads it wants to know which version to go to."""
    assert audit.told_by_pip_audit(PIP_AUDIT).known == [
        "bad 2.0: CVE-1, mended in 2.1",
        "bad 2.0: CVE-2, mended in no version yet",
    ]
    assert audit.told_by_npm(NPM).known == ["inner <3: high, by Reads past its end, other"]


def test_a_package_that_nobody_knows_is_not_called_good() -> None:
    """A mirror without advisories skips every package, and calls that success."""
    skipped = {"dependencies": [{"name": "unknown", "skip_reason": "not found"}]}

    assert audit.told_by_pip_audit(PIP_AUDIT).unasked == ["unknown"]
    with pytest.raises(audit.NobodyToAskError, match="knows no advisories"):
        audit.told_by_pip_audit(skipped)


@pytest.mark.parametrize("answer", [{"message": "request failed"}, {}, [], None])
def test_another_answer_is_nobodys(answer: object) -> None:
    """npm tells in JSON as well that it reached nobody."""
    with pytest.raises(audit.NobodyToAskError):
        audit.told_by_npm(answer)
    with pytest.raises(audit.NobodyToAskError):
        audit.told_by_pip_audit(answer)


@pytest.mark.parametrize(
    ("command", "why"),
    [
        ([sys.executable, "-c", "raise SystemExit('no route to host')"], "no route to host"),
        (["/nowhere/auditor"], "No such file"),
        ([sys.executable, "-c", ""], "no answer"),
    ],
)
def test_offline_the_reason_is_told(command: list[str], why: str) -> None:
    """A check on a train passes, and does not say that nothing is known."""
    with pytest.raises(audit.NobodyToAskError, match=why):
        audit._answer(command, audit.TIMEOUT_S)


def test_which_registry_a_machine_asks_is_not_told() -> None:
    """A log goes round."""
    with pytest.raises(audit.NobodyToAskError, match=r"^405 Not Allowed - POST its registry$"):
        audit.told_by_npm({"message": "405 Not Allowed - POST https://packages.example/audit"})


def test_a_network_that_swallows_everything_holds_a_check_up_for_a_moment() -> None:
    """The program that asks is ended with those that it started, which hold its output open."""
    hanging = "import os, time; os.fork(); time.sleep(600)"

    with pytest.raises(audit.NobodyToAskError, match="no answer in 1 s"):
        audit._answer([sys.executable, "-c", hanging], 1.0)


def test_advisories_fail_make_audit_and_only_advise_make_check(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was found yesterday by others must not stop somebody who mends an alarm today."""

    def answer(command: list[str], timeout_s: float, cwd: Path | None = None) -> object:
        asked.append(timeout_s)
        return json.loads(json.dumps(PIP_AUDIT if "pip_audit" in command else NPM))

    asked: list[float] = []
    monkeypatch.setattr(audit, "_answer", answer)

    assert (audit.main([]), audit.main(["--advise"])) == (1, 0)
    assert asked == [audit.TIMEOUT_S] * 2 + [audit.ADVISE_TIMEOUT_S] * 2
    assert "2 known against the Python packages" in capsys.readouterr().out
