"""The embedded broker's own secrets: made once, kept in the data folder, readable by us alone.

Radios' secrets are another matter (``devices/secrets.py``): those are given
to people, and only their hashes are kept.
"""

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from devices.broker.jwt import Issuer
from dispatch.errors import SettingsError

SECRETS_FILE: Final = "broker-secrets.json"
SECRETS_BYTES_MAX: Final = 4096
PASSWORD_BYTES: Final = 24
SEED_BYTES: Final = 32


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerSecrets:
    """Passwords of the hub and of admission, and the seed that signs each admission."""

    hub_password: str
    admission_password: str
    issuer_seed: str

    @property
    def issuer_public(self) -> str:
        """The public half, as the broker's configuration names it."""
        return Issuer(self.issuer_seed).public

    def __repr__(self) -> str:
        return "BrokerSecrets(...)"


def new_secrets(token: Callable[[int], bytes]) -> BrokerSecrets:
    """Fresh secrets; ``token`` is ``secrets.token_bytes``, or a test's own."""
    return BrokerSecrets(
        hub_password=token(PASSWORD_BYTES).hex(),
        admission_password=token(PASSWORD_BYTES).hex(),
        issuer_seed=Issuer.new_seed(token(SEED_BYTES)),
    )


def keep_secrets(data_dir: Path, token: Callable[[int], bytes]) -> BrokerSecrets:
    """The secrets kept in the data folder, made there the first time.

    Raises SettingsError when the folder cannot be written or the file is not ours.
    """
    path = data_dir / SECRETS_FILE
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            write_private(path, _to_text(new_secrets(token)))
        data = path.read_bytes()[: SECRETS_BYTES_MAX + 1]
    except OSError as exc:
        raise SettingsError(
            f"the data folder {data_dir} cannot be used ({exc.strerror})",
            "give it to the user that runs yihu, or name another",
        ) from exc
    return _from_text(data, path)


def write_private(path: Path, text: str) -> None:
    """Write the whole file or nothing of it, readable and writable by its owner only."""
    half = path.with_name(path.name + ".part")
    half.unlink(missing_ok=True)
    fd = os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(fd, "w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    half.replace(path)


def _to_text(secrets: BrokerSecrets) -> str:
    return json.dumps(
        {
            "hub_password": secrets.hub_password,
            "admission_password": secrets.admission_password,
            "issuer_seed": secrets.issuer_seed,
        },
        indent=2,
    )


def _from_text(data: bytes, path: Path) -> BrokerSecrets:
    try:
        fields = json.loads(data)
        secrets = BrokerSecrets(
            hub_password=_text(fields, "hub_password"),
            admission_password=_text(fields, "admission_password"),
            issuer_seed=_text(fields, "issuer_seed"),
        )
        Issuer(secrets.issuer_seed)
    except (ValueError, TypeError, KeyError, RecursionError) as exc:
        raise SettingsError(
            f"{path} does not hold the broker's secrets",
            "delete it and start again: new ones are made, radios keep theirs",
        ) from exc
    return secrets


def _text(fields: dict[str, object], name: str) -> str:
    value = fields[name]
    if not isinstance(value, str):
        raise TypeError(f"{name} is no text")
    return value
