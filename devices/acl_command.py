"""``yihu acl``: writes the files by which a Mosquitto broker admits our radios."""

import argparse
import secrets
from pathlib import Path

from devices.acl_files import write_acl
from devices.broker.credentials import keep_secrets
from dispatch.options import add_data
from dispatch.store.sql import radio_secrets_at


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Where to write, and where Mosquitto shall listen."""
    add_data(parser)
    parser.add_argument("--out", type=Path, required=True, help="the folder to write into")
    parser.add_argument("--host", default="127.0.0.1", help="where Mosquitto shall listen")
    parser.add_argument("--port", type=int, default=1883)
    parser.add_argument("--group", help="let this group read the files, such as mosquitto")


def run(options: argparse.Namespace) -> int:
    """Write them, and name them."""
    data_dir = options.data.absolute()
    files = write_acl(
        options.out,
        radio_secrets_at(options.store_url or "", data_dir),
        hub_password=keep_secrets(data_dir, secrets.token_bytes).hub_password,
        host=options.host,
        port=options.port,
        token=secrets.token_bytes,
        group=options.group,
    )
    for file in files:
        print(file)
    return 0
