"""``yihu sbom``: what this installation is made of, as CycloneDX JSON on standard output.

    yihu sbom > yihu.cdx.json

Python packages are those installed here, in the versions installed here. What the page was made of
was written into the wheel when it was built; in a checkout it is read from npm's lock file.
"""

import argparse
import sys
from importlib.metadata import distribution
from pathlib import Path
from typing import Final

from dispatch.errors import YihuError
from dispatch.sbom import FILE, Component, document, of_installed, of_lock, read

LOCK: Final = Path(__file__).resolve().parent.parent / "console" / "web" / "package-lock.json"


class NoSbomError(YihuError):
    """Neither a wheel of ours nor a checkout: nobody knows what the page was made of."""

    def __init__(self, missing: str) -> None:
        self.missing = missing
        super().__init__(
            f"{missing} is missing: this Yihu was installed neither from a wheel nor from sources"
        )


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """None."""


def run(options: argparse.Namespace) -> int:
    """Print it. Raises NoSbomError."""
    del options
    version = distribution("yihu").version
    sys.stdout.write(document(version, [*of_installed(), *_page()], phase="operations"))
    return 0


def _page() -> list[Component]:
    built = distribution("yihu").read_text(f"sboms/{FILE}")
    if built is not None:
        return [each for each in read(built) if each.registry == "npm"]
    if not LOCK.exists():
        raise NoSbomError(FILE)
    return of_lock(LOCK.read_text(encoding="utf-8"))
