"""Whether Apprise can use every gateway of a file: asked by the worker, and by a hub that starts.

The hub does not load Apprise (a quarter of a second and 45 MB): it asks in a process of its own.
"""

import subprocess
import sys
from pathlib import Path
from typing import Final, Protocol

import msgspec

from dispatch.errors import SettingsError, quoted
from dispatch.gateways.book import FILL_CHARS_MAX, Book, Gateway, load_book

CHECK_TIMEOUT_S: Final = 30.0
"""A slow machine loads Apprise in some seconds."""


class Services(Protocol):
    """What is asked of the door."""

    def knows(self, schema: str) -> bool:
        """Whether there is such a service."""
        ...

    def fits(self, url: str) -> bool:
        """Whether this is an address of one."""
        ...


class Refusal(msgspec.Struct, frozen=True):
    """What the asked process says on its standard output; both empty where nothing is wrong."""

    what: str = ""
    remedy: str = ""


def check_services(book: Book, services: Services) -> None:
    """Raises SettingsError for the first gateway that cannot work; never quotes its url."""
    for gateway in book.gateways:
        where = f"{book.file}: gateway {gateway.name}"
        if not services.knows(gateway.schema) and not services.fits(_example(book, gateway)):
            raise SettingsError(
                f"{where}: Apprise has no service {gateway.schema}://",
                "see its list of services, such as wecombot://, dingtalk://, feishu://, jsons://",
            )
        if not services.fits(_example(book, gateway)):
            raise SettingsError(
                f"{where}: Apprise refuses its url as one of {gateway.schema}://",
                "compare it with Apprise's page on that service",
            )


def check_file(file: Path) -> None:
    """Read the file and ask Apprise in a process of its own. Raises SettingsError.

    Blocks for a second or so: for the start, before anything runs.
    """
    load_book(file)
    argv = (*worker_argv(file), "--check")
    try:
        asked = subprocess.run(argv, capture_output=True, timeout=CHECK_TIMEOUT_S, check=False)
        refusal = msgspec.json.decode(asked.stdout, type=Refusal)
    except (OSError, subprocess.TimeoutExpired, ValueError) as exc:
        raise SettingsError(
            f"whether Apprise can use {file} was not found out ({quoted(str(type(exc).__name__))})",
            "is the package apprise installed?",
        ) from exc
    if refusal.what:
        raise SettingsError(refusal.what, refusal.remedy)


def worker_argv(file: Path) -> tuple[str, ...]:
    """How the worker is started."""
    return (sys.executable, "-P", "-m", "dispatch.gateways", str(file))


def _example(book: Book, gateway: Gateway) -> str:
    """The url as filled in for the first contact that has what it needs."""
    for fills in book.contacts.values():
        if gateway.needs <= fills.keys():
            return gateway.url_for(fills)
    return gateway.url_for(dict.fromkeys(gateway.needs, "1" * min(11, FILL_CHARS_MAX)))
