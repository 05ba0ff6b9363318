"""``yihu acl``: writes the files by which a Mosquitto of one's own keeps the door as we do."""

from collections.abc import Callable, Iterable
from pathlib import Path

from devices.acl import HUB_USERS, mosquitto_acl, mosquitto_conf, mosquitto_passwords
from devices.broker.credentials import write_private
from devices.secrets import SALT_BYTES, hash_secret
from dispatch.errors import SettingsError
from dispatch.store.port import RadioSecret

ACL_FILE = "yihu.acl"
PASSWORDS_FILE = "yihu.passwords"
CONF_FILE = "yihu.conf"


def write_acl(
    folder: Path,
    radios: Iterable[RadioSecret],
    *,
    hub_password: str,
    host: str,
    port: int,
    token: Callable[[int], bytes],
) -> list[Path]:
    """Write access list, passwords and configuration; gives back the files.

    Raises SettingsError where the folder cannot be written.
    """
    known = [radio for radio in radios if not radio.revoked]
    hub = {user: hash_secret(hub_password, token(SALT_BYTES)) for user in HUB_USERS}
    folder = folder.absolute()
    acl, passwords, conf = folder / ACL_FILE, folder / PASSWORDS_FILE, folder / CONF_FILE
    try:
        folder.mkdir(parents=True, exist_ok=True)
        write_private(acl, mosquitto_acl(known))
        write_private(passwords, mosquitto_passwords(known, hub))
        write_private(
            conf,
            mosquitto_conf(acl_path=str(acl), passwords_path=str(passwords), host=host, port=port),
        )
    except OSError as exc:
        raise SettingsError(
            f"the folder {folder} cannot be written ({exc.strerror})", "name another with --out"
        ) from exc
    return [acl, passwords, conf]
