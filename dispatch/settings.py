"""Every setting, checked whole, built once and passed down. Reading files is config.py's work."""

import re
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from dispatch.clock import CLOCK_SPEED_MAX
from dispatch.errors import OpenTooSoonError, SettingsError, quoted

PORT_MAX: Final = 65535

LOOPBACK: Final = frozenset({"127.0.0.1", "::1", "localhost"})
ANY_ADDRESS: Final = frozenset({"0.0.0.0", "::"})  # noqa: S104 -- compared only
HOST_NAME: Final = re.compile(r"[A-Za-z0-9]([A-Za-z0-9.:-]{0,251}[A-Za-z0-9])?")
"""A name or an address as browsers send it, IPv6 without its brackets."""

DATA_DIR: Final = Path("var")
"""Where no data folder is named: below the present one, easy to find and to remove."""

WAIT_S_MAX: Final = 86_400.0
"""A day: a wait longer than any shift is a slip of the pen, and would never be seen to end."""

HISTORY_DAYS_MAX: Final = 3650
"""Ten years: positions are personal, and a number beyond that is a slip of the pen."""

BACKUPS_KEPT_MAX: Final = 1_000
"""Three years of days: personal data, and a disk."""
TIME_OF_DAY: Final = re.compile("([01][0-9]|2[0-3]):[0-5][0-9]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waits:
    """How long anything may wait, in seconds of the hub's clock (docs/settings.md)."""

    louder_s: float = 10.0
    """A top-priority alarm nobody took rings louder."""
    second_console_s: float = 30.0
    supervisor_s: float = 60.0
    urgent_s: float = 300.0
    """An urgent incident (priority 2) that nobody took goes to the supervisor."""
    watch_s: float = 900.0
    """One to be watched (priority 3), too."""
    wave_s: float = 30.0
    """No answer in a wave: others are asked. A plan's step may have a time of its own."""
    order_repeat_s: float = 2.0
    """An order the radio has not confirmed is sent again."""
    order_repeat_slow_s: float = 10.0
    """After ten tries, this often, as long as the order stands."""
    seen_repeat_s: float = 5.0
    decide_retry_s: float = 5.0
    """A decision that failed, or a wave that found nobody, is tried again this often."""
    repeat_told_s: float = 10.0
    """A repeated press is told in the journal at most this often."""
    unattended_s: float = 5.0
    """No operator at any console for so long, while an incident is open, escalates at once."""
    lease_s: float = 60.0
    """Who took an incident and has been away from every console for so long, has it no more."""

    def __post_init__(self) -> None:
        for field in fields(self):
            wait_s = getattr(self, field.name)
            if not 0 < wait_s <= WAIT_S_MAX:
                raise SettingsError(
                    f"{field.name} is {wait_s}",
                    f"set it above 0 and up to {WAIT_S_MAX:.0f} seconds",
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptDays:
    """For how many days personal values of the journal are kept, by what for (docs/privacy.md).

    The names are those of ``events.Purpose``. Positions have ``history_days``.
    """

    place: int = 90
    """Where an alarm, a report or an incident was: as long as complaints and reviews come."""
    words: int = 365
    """What was said or written of it: as long as a yearly report looks back."""
    media: int = 90
    """Photos: as long as video of public places is kept where it is kept longest."""
    decision: int = 365
    """Why one was called and another not: for the same yearly look back."""
    person: int = 30
    """Names and phones of callers and contacts: until the case is followed up."""
    address: int = 190
    """Where somebody sat when they logged in: logs of networks are kept six months."""
    tip: int = 365
    """What sealed tips say: until what they led to is over; a year is long for that."""

    def __post_init__(self) -> None:
        for field in fields(self):
            days = getattr(self, field.name)
            if not 1 <= days <= HISTORY_DAYS_MAX:
                raise SettingsError(
                    f"{field.name} is {days}", f"set it between 1 and {HISTORY_DAYS_MAX} days"
                )


@dataclass(frozen=True, slots=True, kw_only=True)
class Backups:
    """Backups that the hub makes by itself, once a day (docs/backup.md)."""

    to: Path | None = None
    """The folder they are made in, best on another disk; None: it makes none."""
    keep: int = 14
    """So many stay: whoever was erased is gone from everywhere after as many days."""
    at: str = "03:30"
    """When, by the clock of the first community."""

    def __post_init__(self) -> None:
        if not 1 <= self.keep <= BACKUPS_KEPT_MAX:
            raise SettingsError(
                f"keep is {self.keep}", f"set it between 1 and {BACKUPS_KEPT_MAX} backups"
            )
        if not TIME_OF_DAY.fullmatch(self.at):
            raise SettingsError(f"at is {quoted(self.at)}", 'write a time of day, such as "03:30"')


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """One hub's settings. Every field has a unit and a default, or a reason for none."""

    data_dir: Path
    """No default: where everything is kept is the caller's to say."""
    community_files: tuple[Path, ...] = ()
    """TOML files of communities (docs/settings.md); empty means the demo community."""
    store_url: str = ""
    """SQLAlchemy URL of PostgreSQL; empty means SQLite in the data folder."""
    broker_url: str = ""
    """``mqtt://[user:password@]host:port`` of another broker; empty means the embedded one."""
    http_host: str = "127.0.0.1"
    """Off loopback only with a certificate, or where ``insecure_http`` says so."""
    http_port: int = 8080
    http_names: tuple[str, ...] = ()
    """What browsers call this server, besides localhost; any other name is refused."""
    http_cert: Path | None = None
    """PEM file of the certificate, with those between it and a root; None: plain HTTP."""
    http_key: Path | None = None
    """PEM file of its key."""
    insecure_http: bool = False
    """Passwords and alarms go over the network unencrypted: for a wire of one's own, or
    behind a proxy that has the certificate."""
    oidc_issuer: str = ""
    """A server that vouches for people (OpenID Connect); empty: none."""
    oidc_client: str = ""
    """What we are called there."""
    oidc_secret_file: Path | None = None
    """A file with what we show there; None: a public client."""
    oidc_name: str = "OpenID"
    """What the login page calls it."""
    mqtt_listen: str = "127.0.0.1"
    """Off loopback only with a certificate, or where ``insecure_mqtt`` says so."""
    mqtt_port: int = 1883
    mqtt_cert: Path | None = None
    """PEM file of the embedded broker's certificate, as ``http_cert``; None: plain MQTT."""
    mqtt_key: Path | None = None
    """PEM file of its key."""
    insecure_mqtt: bool = False
    """Radios' secrets and places go over the network unencrypted: for a wire of one's own."""
    nats_port: int = 4222
    clock_speed: float = 1.0
    """The hub's clock runs so many times as fast; for drills and replays."""
    fresh_s: float = 90.0
    """A fix older than this does not count when choosing whom to call."""
    report_interval_s: float = 10.0
    """How often radios are asked to report."""
    offline_missed: int = 3
    """So many missed reports make a radio silent; at least ``fresh_s`` passes first."""
    late_s: float = 120.0
    """A press older than this by a radio's clock that is known to be right is late."""
    history_days: int = 30
    """Positions older than so many whole days are dropped."""
    gateways_file: Path | None = None
    """TOML file of SMS, voice and chat services (docs/gateways.md); None: radios only."""
    near_key_unit_m: float = 300.0
    """A place is told by a key unit no farther than this."""
    waits: Waits = Waits()
    kept_days: KeptDays = KeptDays()
    backup: Backups = Backups()

    def __post_init__(self) -> None:
        self._check_ports()
        if not 0 < self.clock_speed <= CLOCK_SPEED_MAX:
            raise SettingsError(
                f"clock_speed is {self.clock_speed}", f"set it above 0 and up to {CLOCK_SPEED_MAX}"
            )
        self._check_http()
        self._check_mqtt()
        if self.broker_url and not _is_address(self.broker_url, ("mqtt", "mqtts")):
            raise SettingsError(
                "broker_url is no address of a broker",
                "write mqtt://HOST:PORT or mqtts://HOST:PORT",
            )
        if self.store_url and not self.store_url.startswith("postgresql"):
            raise SettingsError(
                "store_url is no address of PostgreSQL",
                "write postgresql://USER@HOST/DATABASE, or leave it out for SQLite",
            )
        for name in ("fresh_s", "report_interval_s", "late_s", "near_key_unit_m"):
            number = getattr(self, name)
            if not 0 < number < float("inf"):
                raise SettingsError(f"{name} is {number}", "set it above 0")
        if not 1 <= self.history_days <= HISTORY_DAYS_MAX:
            raise SettingsError(
                f"history_days is {self.history_days}", f"set it between 1 and {HISTORY_DAYS_MAX}"
            )
        if self.offline_missed < 1:
            raise SettingsError(f"offline_missed is {self.offline_missed}", "set it to 1 or more")

    @property
    def url(self) -> str:
        """Where whoever asks from this machine finds the console."""
        host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(self.http_host, self.http_host)  # noqa: S104 -- compared only
        return self._url_of(host)

    @property
    def public_url(self) -> str:
        """What people are told to open: by the server's own name, where it has one."""
        return self._url_of(self.http_names[0]) if self.http_names else self.url

    def _url_of(self, host: str) -> str:
        scheme = "https" if self.http_cert is not None else "http"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.http_port}"

    @property
    def http_hosts(self) -> frozenset[str]:
        """The names and addresses by which a browser may ask."""
        return LOOPBACK | {self.http_host} | {each.lower() for each in self.http_names}

    def _check_http(self) -> None:
        if bool(self.oidc_issuer) != bool(self.oidc_client):
            raise SettingsError("oidc_issuer and oidc_client belong together", "set both")
        if (self.http_cert is None) != (self.http_key is None):
            raise SettingsError(
                "http_cert and http_key belong together", "name both files, or neither"
            )
        for name in self.http_names:
            if not HOST_NAME.fullmatch(name):
                raise SettingsError(
                    f"http_names has {name!r}", "write names or addresses without a port"
                )
        if self.http_host in LOOPBACK:
            return
        if self.http_cert is None and not self.insecure_http:
            raise OpenTooSoonError(
                "http_host",
                f"http_host is {self.http_host}, and there is no certificate",
                "name http_cert and http_key (yihu tls makes them), or set http_host to 127.0.0.1:"
                " passwords would go over the network for everybody to read"
                " (insecure_http = true allows that)",
            )
        if self.http_host in ANY_ADDRESS and not self.http_names:
            raise OpenTooSoonError(
                "http_host",
                f"http_host is {self.http_host}, and http_names is empty",
                "name there what browsers call this server; any other name is refused",
            )

    def _check_mqtt(self) -> None:
        if (self.mqtt_cert is None) != (self.mqtt_key is None):
            raise SettingsError(
                "mqtt_cert and mqtt_key belong together", "name both files, or neither"
            )
        if self.broker_url and self.mqtt_cert is not None:
            raise SettingsError(
                "mqtt_cert is the embedded broker's, and broker_url names another",
                "give the certificate to that broker, and leave mqtt_cert and mqtt_key out",
            )
        open_to_others = self.mqtt_listen not in LOOPBACK and not self.broker_url
        if open_to_others and self.mqtt_cert is None and not self.insecure_mqtt:
            raise OpenTooSoonError(
                "mqtt_listen",
                f"mqtt_listen is {self.mqtt_listen}, and there is no certificate",
                "name mqtt_cert and mqtt_key (yihu tls makes them), or set mqtt_listen to"
                " 127.0.0.1: radios' secrets would go over the network for everybody to read"
                " (insecure_mqtt = true allows that)",
            )

    def _check_ports(self) -> None:
        """Each is one, and none is another's: the last two are the embedded broker's."""
        taken: dict[int, str] = {}
        for name in ("http_port", "mqtt_port", "nats_port"):
            port = getattr(self, name)
            if not 0 < port <= PORT_MAX:
                raise SettingsError(f"{name} is {port}", f"set it between 1 and {PORT_MAX}")
            if port in taken and not self.broker_url:
                raise SettingsError(
                    f"{taken[port]} and {name} are both {port}", "give each a port of its own"
                )
            taken[port] = name


def _is_address(url: str, schemes: tuple[str, ...]) -> bool:
    """Never quoted when it is not: it may hold a password."""
    try:
        parts = urlsplit(url)
        return parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:  # a port that is no number, a bracket left open
        return False
