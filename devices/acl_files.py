"""``yihu acl``: writes the files by which a Mosquitto of one's own keeps the door as we do."""

import grp
import os
from collections.abc import Callable, Iterable
from pathlib import Path

from devices.acl import DOCTOR_USER, HUB_USERS, mosquitto_acl, mosquitto_conf, mosquitto_passwords
from devices.broker.credentials import write_private
from devices.secrets import SALT_BYTES, hash_secret
from dispatch.errors import SettingsError, quoted
from dispatch.store.port import RadioSecret
from dispatch.tls.folder import read_pem
from dispatch.tls.showing import server_context

ACL_FILE = "yihu.acl"
PASSWORDS_FILE = "yihu.passwords"
CONF_FILE = "yihu.conf"
CERT_FILE = "yihu.crt"
KEY_FILE = "yihu.key"

GROUP_MODE = 0o640
"""Mosquitto reads them; whoever may write them decides who may come in."""


def write_acl(
    folder: Path,
    radios: Iterable[RadioSecret],
    *,
    hub_password: str,
    host: str,
    port: int,
    token: Callable[[int], bytes],
    group: str | None = None,
    tls: tuple[Path, Path] | None = None,
) -> list[Path]:
    """Write access list, passwords and configuration; gives back the files.

    Only their owner may read them, and ``group``, which is Mosquitto's where it runs
    as a user of its own. ``tls`` is a certificate and its key, copied beside them for the same
    readers. Raises SettingsError where the folder cannot be written, where the certificate
    cannot be shown, and for a group that is none or that we may not give files to.
    """
    gid = None if group is None else _group_id(group)
    known = [radio for radio in radios if not radio.revoked]
    ours = (*HUB_USERS, DOCTOR_USER)
    hub = {user: hash_secret(hub_password, token(SALT_BYTES)) for user in ours}
    folder = folder.absolute()
    acl, passwords, conf = folder / ACL_FILE, folder / PASSWORDS_FILE, folder / CONF_FILE
    shown: dict[Path, str] = {}
    if tls is not None:
        server_context("mqtt", *tls)
        texts = (read_pem(file).decode("ascii", "replace") for file in tls)
        shown = dict(zip((folder / CERT_FILE, folder / KEY_FILE), texts, strict=True))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_private(acl, mosquitto_acl(known))
        write_private(passwords, mosquitto_passwords(known, hub))
        for file, text in shown.items():
            write_private(file, text)
        named = (str(folder / CERT_FILE), str(folder / KEY_FILE)) if shown else None
        text = mosquitto_conf(
            acl_path=str(acl), passwords_path=str(passwords), host=host, port=port, tls=named
        )
        write_private(conf, text)
    except OSError as exc:
        raise SettingsError(
            f"the folder {folder} cannot be written ({exc.strerror})", "name another with --out"
        ) from exc
    files = [acl, passwords, *shown, conf]
    if gid is not None:
        _open_to_group(files, gid, str(group))
    return files


def _group_id(name: str) -> int:
    try:
        return grp.getgrnam(name).gr_gid
    except (KeyError, ValueError) as exc:
        raise SettingsError(
            f"there is no group {quoted(name)!r} on this machine",
            "name that of the user Mosquitto runs as with --group",
        ) from exc


def _open_to_group(files: Iterable[Path], gid: int, name: str) -> None:
    try:
        for file in files:
            os.chown(file, -1, gid)
            file.chmod(GROUP_MODE)
    except OSError as exc:
        raise SettingsError(
            f"the files cannot be given to the group {quoted(name)!r} ({exc.strerror})",
            "run it as root, or as a member of that group",
        ) from exc
