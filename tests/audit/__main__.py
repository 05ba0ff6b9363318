"""``make audit``: asks pip-audit and npm what is known against the versions we use.

    python -m tests.audit              ends with 1 where something is known
    python -m tests.audit --advise     says it, and ends with 0: part of make check

Asked about: the Python packages that come with Yihu, in the versions of constraints.txt, and all
of the page's, by its lock. Without a network the sentence is that nobody could be asked, and the
status is 0: that a package is known to be bad must not depend on a train's wireless.
"""

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import hatch_build
from dispatch.sbom import of_constraints

TIMEOUT_S: Final = 90.0
"""A package is asked about in a tenth of a second; who wants to know waits for a slow answer."""
ADVISE_TIMEOUT_S: Final = 20.0
"""Of each list, in ``make check``: a network that swallows everything must not hold it up."""
ADDRESS: Final = re.compile(r"https?://\S+")
"""Of a registry, in npm's words: which one a machine asks is its own business, and no log's."""
CONSTRAINTS: Final = hatch_build.ROOT / "constraints.txt"


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What the keepers of a list said."""

    known: list[str]
    """A line an advisory."""
    unasked: list[str] = field(default_factory=list)
    """Packages that they do not know: nothing is known for them either."""


class NobodyToAskError(Exception):
    """The list's keepers could not be reached, or said something else; its text says what."""


def main(argv: Sequence[str] | None = None) -> int:
    """The exit status."""
    parser = argparse.ArgumentParser(prog="python -m tests.audit", description="advisories")
    parser.add_argument("--advise", action="store_true", help="end with 0 in any case")
    options = parser.parse_args(argv)
    known, timeout_s = False, ADVISE_TIMEOUT_S if options.advise else TIMEOUT_S
    for what, ask in (("Python", asked_of_pip_audit), ("page", asked_of_npm)):
        try:
            found = ask(timeout_s)
        except NobodyToAskError as exc:
            print(f"audit: nobody could be asked about the {what} packages: {exc}")
            continue
        known = known or bool(found.known)
        print(f"audit: {len(found.known) or 'nothing'} known against the {what} packages")
        for line in found.known:
            print(f"  {line}")
        if found.unasked:
            print(f"  nobody answered for: {', '.join(found.unasked)}")
    return int(known and not options.advise)


def asked_of_pip_audit(timeout_s: float) -> Told:
    """Of the Python packages. Raises NobodyToAskError."""
    components = of_constraints(CONSTRAINTS.read_text(encoding="utf-8"))
    with tempfile.NamedTemporaryFile("w", suffix=".txt", encoding="ascii") as file:
        file.writelines(f"{each.name}=={each.version}\n" for each in components)
        file.flush()
        command = [
            sys.executable, "-m", "pip_audit", "--format=json", "--progress-spinner=off",
            "--disable-pip", "--no-deps", f"--requirement={file.name}",
        ]  # fmt: skip
        return told_by_pip_audit(_answer(command, timeout_s))


def told_by_pip_audit(answer: Any) -> Told:
    """Of its JSON. Raises NobodyToAskError where that is none of it, or answers for no package: a
    mirror may have no advisories."""
    if not isinstance(answer, dict) or "dependencies" not in answer:
        raise NobodyToAskError("pip-audit answered something else")
    packages = answer["dependencies"]
    unasked = [each["name"] for each in packages if "skip_reason" in each]
    if len(unasked) == len(packages):
        raise NobodyToAskError("whoever answers here knows no advisories")
    known = [
        f"{package['name']} {package['version']}: {advisory['id']},"
        f" mended in {', '.join(advisory['fix_versions']) or 'no version yet'}"
        for package in packages
        for advisory in package.get("vulns", ())
    ]
    return Told(known=known, unasked=unasked)


def asked_of_npm(timeout_s: float) -> Told:
    """Of the page's packages. Raises NobodyToAskError."""
    found = hatch_build.npm(install=False)
    return told_by_npm(_answer([*found.command, "audit", "--json"], timeout_s, cwd=hatch_build.WEB))


def told_by_npm(answer: Any) -> Told:
    """Of its JSON. Raises NobodyToAskError where that is none of it."""
    if not isinstance(answer, dict) or "vulnerabilities" not in answer:
        said = answer.get("message", "") if isinstance(answer, dict) else ""
        raise NobodyToAskError(ADDRESS.sub("its registry", said) or "npm answered something else")
    known = [
        f"{name} {package['range']}: {package['severity']}, by"
        f" {', '.join(_reason(each) for each in package['via'])}"
        for name, package in answer["vulnerabilities"].items()
    ]
    return Told(known=known)


def _reason(via: Any) -> str:
    """An advisory's title, or the package by which it came."""
    return str(via["title"]) if isinstance(via, dict) else str(via)


def _answer(command: Sequence[str], timeout_s: float, cwd: Path | None = None) -> Any:
    """The JSON that a program printed, whatever its status: both end with 1 where they found
    something, and where they could not ask. Raises NobodyToAskError."""
    try:
        with subprocess.Popen(
            command,
            cwd=cwd,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        ) as asking:
            try:
                answer, complaint = asking.communicate(timeout=timeout_s)
            except subprocess.TimeoutExpired:
                os.killpg(asking.pid, signal.SIGKILL)  # with what it started, which has our pipes
                raise NobodyToAskError(f"no answer in {timeout_s:.0f} s") from None
    except OSError as exc:
        raise NobodyToAskError(str(exc)) from exc
    try:
        return json.loads(answer)
    except ValueError:
        said = complaint.strip().splitlines()
        raise NobodyToAskError(said[-1][:200] if said else "no answer") from None


if __name__ == "__main__":
    sys.exit(main())
