"""``yihu tls``: makes a certificate for this centre, under an authority of its own. Changes no
settings: it prints the lines that do.

    yihu tls --name yihu.example.cn --name 192.168.1.10
    yihu tls --again                       renew it: the same names, the same authority
    yihu tls --again --new-authority       another authority, which every phone has to install
"""

import argparse
import datetime
from collections.abc import Sequence

from dispatch.errors import SettingsError
from dispatch.options import add_data
from dispatch.qr import show_in_terminal
from dispatch.settings import ANY_ADDRESS, LOOPBACK, Settings
from dispatch.settings_file import load_unfinished
from dispatch.tls.folder import TlsFolder, read_pem
from dispatch.tls.make import (
    SERVER_DAYS,
    SERVER_DAYS_MAX,
    Told,
    covers,
    make_authority,
    make_server,
    read_told,
)
from dispatch.tls.names import HERE, Name, found_names, read_names

TITLE = "Yihu {name}"
"""What phones call the authority."""
AUTHORITY_PATH = "/ca"
"""Where the server serves the page that tells how it is installed."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What it is for, and for how long."""
    add_data(parser)
    parser.add_argument(
        "--name",
        action="append",
        default=[],
        help="a name or address that phones and browsers call this server; may be given again"
        " (default: http_names of the settings, then what this machine finds of itself)",
    )
    parser.add_argument(
        "--days", type=int, default=SERVER_DAYS, help="how long it holds (default: %(default)s)"
    )
    parser.add_argument(
        "--again", action="store_true", help="replace the certificate that is there"
    )
    parser.add_argument(
        "--new-authority",
        action="store_true",
        help="replace the authority, too: every phone has to install the new one",
    )


def run(options: argparse.Namespace) -> int:
    """Make it, and say what to do with it. Raises SettingsError."""
    data_dir = options.data.absolute()
    settings, faults = load_unfinished(data_dir=data_dir, settings_file=options.settings)
    tls = TlsFolder.of(data_dir)
    now = datetime.datetime.now(datetime.UTC)
    told = make(
        tls,
        names=read_names(options.name),
        otherwise=read_names(settings.http_names) or found_names(),
        days=options.days,
        again=options.again,
        new_authority=options.new_authority,
        now=now,
    )
    authority = read_told(tls.authority() or b"")
    for fault in faults:
        print(f"{fault.what}: the lines below mend that.\n")
    print(words(tls, told, authority, settings))
    show_in_terminal(page_address(told, settings))
    return 0


def make(
    tls: TlsFolder,
    *,
    names: Sequence[Name],
    otherwise: Sequence[Name],
    days: int,
    again: bool,
    new_authority: bool,
    now: datetime.datetime,
) -> Told:
    """The certificate, kept. ``names`` are those given; where none are, those of the certificate
    that is replaced, else ``otherwise``. Raises SettingsError."""
    if not 0 < days <= SERVER_DAYS_MAX:
        raise SettingsError(f"--days is {days}", f"set it between 1 and {SERVER_DAYS_MAX}")
    if (tls.server_file.exists() or tls.authority_file.exists()) and not again:
        raise SettingsError(
            f"there is a certificate in {tls.folder}",
            "renew it with --again: phones that installed its authority go on trusting it",
        )
    wanted = tuple(names) or _names_before(tls) or tuple(otherwise)
    wanted = tuple(dict.fromkeys((*wanted, *HERE)))
    try:
        if tls.authority() is None or new_authority:
            named = TITLE.format(name=wanted[0])
            tls.keep_authority(make_authority(named, wanted, now))
        pair = tls.authority_pair()
        outside = [str(each) for each in wanted if not covers(pair.certificate, each)]
        if outside:
            raise SettingsError(
                f"the authority in {tls.folder} was not made for {', '.join(outside)}",
                "make another with --again --new-authority, which every phone has to install",
            )
        ends = read_told(pair.certificate).ends
        if ends < now + datetime.timedelta(days=days):
            raise SettingsError(
                f"the authority in {tls.folder} ends on {ends:%Y-%m-%d}, before the certificate",
                "make another with --again --new-authority, which every phone has to install",
            )
        server = make_server(pair, wanted, now, days=days)
    except (ValueError, IndexError) as exc:
        raise SettingsError(
            f"what is in {tls.folder} is no authority ({exc})",
            "make another with --again --new-authority",
        ) from exc
    tls.keep_server(server)
    return read_told(server.certificate)


def words(tls: TlsFolder, told: Told, authority: Told, settings: Settings) -> str:
    """What the terminal says: the lines for the settings file, and how phones come to trust it."""
    outside = [each for each in told.names if each not in HERE]
    names = ", ".join(f'"{each}"' for each in outside)
    key = tls.authority_key_file.name
    return "\n".join(
        (
            f"{tls.server_file}: for {', '.join(map(str, told.names))}, until {told.ends:%Y-%m-%d}",
            f"{tls.authority_file}: the authority, until {authority.ends:%Y-%m-%d}; its key: {key}",
            "",
            "Lines for yihu.toml in the data folder, instead of those it has; then restart:",
            "",
            '  http_host = "0.0.0.0"',
            f"  http_names = [{names}]",
            '  http_cert = "tls/server.pem"',
            '  http_key = "tls/server.key"',
            '  mqtt_listen = "0.0.0.0"',
            "  mqtt_port = 8883",
            '  mqtt_cert = "tls/server.pem"',
            '  mqtt_key = "tls/server.key"',
            "",
            "Each phone and browser installs the authority once, from this page:",
            "每部手机、每台电脑打开下面的页面安装一次根证书:",
            "",
            f"  {page_address(told, settings)}",
            "",
            "Until then the browser warns. Compare this SHA-256 with what the phone shows:",
            "安装之前浏览器会警告。请把手机上显示的 SHA-256 和下面的逐段比对:",
            "",
            *(f"  {line}" for line in in_lines(authority.fingerprint)),
        )
    )


def page_address(told: Told, settings: Settings) -> str:
    """Where phones find the page, by the first name that is not this machine's own."""
    outside = [str(each) for each in told.names if each not in HERE]
    configured = settings.http_host not in LOOPBACK | ANY_ADDRESS
    host = outside[0] if outside else (settings.http_host if configured else "localhost")
    place = f"[{host}]" if ":" in host else host
    return f"https://{place}:{settings.http_port}{AUTHORITY_PATH}"


def in_lines(fingerprint: str) -> list[str]:
    """Eight pairs a line, to be compared by eye."""
    pairs = fingerprint.split(":")
    return [" ".join(pairs[at : at + 8]) for at in range(0, len(pairs), 8)]


def _names_before(tls: TlsFolder) -> tuple[Name, ...]:
    """Of the certificate that is replaced; none where there is none that can be read."""
    if not tls.server_file.exists():
        return ()
    try:
        return read_told(read_pem(tls.server_file)).names
    except (ValueError, IndexError):
        return ()
