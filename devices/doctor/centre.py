"""Looks at the centre itself: does it run, are its ports free, its store, its clock, its page."""

import importlib.util
import json
import ssl
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from devices.doctor.findings import Finding, failed, ok, skipped, warning
from dispatch.clock import SECOND, Instant
from dispatch.errors import SettingsError, StoreError
from dispatch.local_token import known_on_this_machine
from dispatch.ports import check_port_free
from dispatch.settings import Settings
from dispatch.store.database import JOURNAL_FILE, place_of
from dispatch.store.sql import last_time_at

HEALTH_TIMEOUT_S: Final = 5.0
HEALTH_BYTES_MAX: Final = 64 * 1024
AHEAD_MAX_S: Final = 2
"""A fact of the future so far ahead is a clock that was set back, or another machine's."""

BUILT_PAGE: Final = Path("static") / "index.html"


def health(settings: Settings) -> dict[str, Any] | None:
    """What a running Yihu says of itself; None where none answers at our port."""
    url = f"{settings.url}/health"
    try:
        with urllib.request.urlopen(  # noqa: S310 -- our own address
            url, timeout=HEALTH_TIMEOUT_S, context=_trust(settings)
        ) as answer:
            data = answer.read(HEALTH_BYTES_MAX)
    except urllib.error.HTTPError as exc:  # 503: it lives, and is not ready
        data = exc.read(HEALTH_BYTES_MAX)
    except (OSError, ValueError, SettingsError):  # a certificate that is none is told elsewhere
        return None
    try:
        told = json.loads(data)
    except ValueError:
        return None
    return told if isinstance(told, dict) and "ready" in told else None


def _trust(settings: Settings) -> ssl.SSLContext | None:
    """Our own certificate, whoever signed it and for whatever name: we ask on this machine."""
    return None if settings.http_cert is None else known_on_this_machine(settings.http_cert)


def look_at_hub(told: dict[str, Any] | None, page: str) -> Iterator[Finding]:
    """Whether it runs, and what it says does not work; ``page`` is where one logs in."""
    if told is None:
        yield skipped("hub.stopped")
        return
    yield ok("hub.ready") if told["ready"] else failed("hub.not_ready")
    for each in told.get("degraded", ()):
        if each.get("what") == "unattended":
            yield warning("hub.unattended", page=page)
            continue
        yield warning("hub.degraded", what=str(each.get("what")), why=str(each.get("why")))


def look_at_ports(settings: Settings, told: dict[str, Any] | None) -> Iterator[Finding]:
    """Whether it could listen, were it started."""
    if told is not None:
        yield skipped("ports.ours")
        return
    wanted = [(settings.http_host, settings.http_port, "http_port")]
    if not settings.broker_url:
        wanted.append((settings.mqtt_listen, settings.mqtt_port, "mqtt_port"))
        wanted.append(("127.0.0.1", settings.nats_port, "nats_port"))
    for host, port, setting in wanted:
        try:
            check_port_free(host, port, setting=setting)
        except SettingsError as exc:
            yield failed("ports.taken", why=exc.what, setting=setting)
        else:
            yield ok("ports.free", host=host, port=port)


def look_at_store(settings: Settings, now: Instant) -> Iterator[Finding]:
    """Whether it can be read, is of this version, and does not come from the future."""
    if not settings.store_url and not (settings.data_dir / JOURNAL_FILE).is_file():
        yield skipped("store.none")
        return
    place = place_of(settings.store_url, settings.data_dir)
    try:
        last_t = last_time_at(settings.store_url, settings.data_dir)
    except SettingsError as exc:
        yield failed("store.unusable", why=exc.what, remedy=exc.remedy)
        return
    except StoreError as exc:
        yield failed("store.unreadable", place=place, why=str(exc))
        return
    yield ok("store.ok", place=place)
    ahead_s = (last_t - now) // SECOND
    yield warning("clock.behind", ahead_s=ahead_s) if ahead_s > AHEAD_MAX_S else ok("clock.ok")


def look_at_page() -> Finding:
    """Whether the operators' page was built; ``console`` is not ours to load."""
    spec = importlib.util.find_spec("console")
    if spec is None or spec.origin is None:
        return failed("page.missing")
    built = Path(spec.origin).parent / BUILT_PAGE
    return ok("page.ok") if built.is_file() else failed("page.missing")
