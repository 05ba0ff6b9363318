"""``yihu acl``: writes the files by which a Mosquitto broker admits our radios."""

import argparse
import secrets
from pathlib import Path

from devices.acl_files import write_acl
from devices.broker.credentials import keep_secrets
from dispatch.errors import SettingsError
from dispatch.options import add_data
from dispatch.settings import LOOPBACK
from dispatch.settings_file import store_of
from dispatch.store.sql import radio_secrets_at


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write, and where Mosquitto shall listen."""
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--host", default="127.0.0.1", help="where Mosquitto shall listen")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--cert", type=Path, help="PEM file of the certificate it shall show")
    parser.add_argument("--key", type=Path, help="PEM file of the certificate's key")
    parser.add_argument(
        "--insecure-mqtt",
        action="store_true",
        help="off loopback without a certificate: radios' secrets for everybody on the way to read",
    )
    parser.add_argument("--group", help="let this group read the files, such as mosquitto")


def run(options: argparse.Namespace) -> int:
    """Write them, and name them. Raises SettingsError."""
    tls = _tls(options)
    url, data_dir = store_of(options)
    files = write_acl(
        options.out,
        radio_secrets_at(url, data_dir),
        hub_password=keep_secrets(data_dir, secrets.token_bytes).hub_password,
        host=options.host,
        port=options.port,
        token=secrets.token_bytes,
        group=options.group,
        tls=tls,
    )
    for file in files:
        print(file)
    return 0


def _tls(options: argparse.Namespace) -> tuple[Path, Path] | None:
    """Certificate and key; None where radios come in without. Raises SettingsError."""
    if (options.cert is None) != (options.key is None):
        raise SettingsError("--cert and --key belong together", "name both files, or neither")
    if options.cert is not None:
        return options.cert, options.key
    if options.host not in LOOPBACK and not options.insecure_mqtt:
        raise SettingsError(
            f"--host is {options.host}, and there is no certificate",
            "name --cert and --key (yihu tls makes them): radios' secrets would go over the"
            " network for everybody to read (--insecure-mqtt allows that)",
        )
    return None
