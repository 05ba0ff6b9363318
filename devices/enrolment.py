"""Puts the radios of the community files on the roster, each with a secret of its own.

Secrets are kept as hashes only. The words themselves stand in the credentials file,
from which an administrator hands them out and the demo's radios take theirs; a
radio whose secret already stands there gets that one, so that a prepared file works.
"""

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Final

import structlog

from devices.credentials import (
    Credentials,
    RadioCredentials,
    broker_url_in,
    load_credentials,
    save_credentials,
)
from devices.secrets import SALT_BYTES, hash_secret, new_secret, verify_secret
from dispatch.clock import SECOND, Instant
from dispatch.errors import SettingsError
from dispatch.ids import RadioId
from dispatch.roster import RadioRecord
from dispatch.store.port import RadioSecret, Store

WRITE_TIMEOUT_S: Final = 60.0
"""A store that cannot take a roster at start in this time is no store to start with."""

log = structlog.get_logger(__name__)


def enroll_listed(
    store: Store,
    listed: Iterable[RadioRecord],
    *,
    enrolled: Iterable[RadioRecord],
    file: Path,
    broker_url: str,
    now: Instant,
    token: Callable[[int], bytes],
    renew_lost: bool,
) -> int:
    """Enroll who is new or changed against ``enrolled``, the store's own; gives back how many.

    ``renew_lost`` makes the table follow the file for radios whose secret was lost
    there or does not fit: right for a demo, wrong for radios in people's hands.
    Raises SettingsError where the credentials cannot be read or written.
    """
    listed, records = list(listed), {record.radio: record for record in enrolled}
    if not renew_lost and _stays_so(listed, records, file, broker_url):
        _tell_void(store, file)
        return 0
    held = load_credentials(file) if file.exists() else Credentials(broker_url="", radios={})
    words = dict(held.radios)
    known = {secret.radio: secret for secret in store.radio_secrets()}
    waiting = []
    for record in listed:
        there = known.get(record.radio)
        word = words.get(record.radio)
        if there is not None and there.revoked:
            continue
        stays = there is not None and (not renew_lost or _fits(word, there))
        if stays and word is not None and not _fits(word, there):
            log.warning("secret_in_file_is_void", radio=record.radio)
        if stays and records.get(record.radio) == record:
            continue
        if stays and there is not None:
            stored = there.secret_hash
        else:
            if word is None:
                word = _word(record, new_secret(token))
            stored = hash_secret(word.secret, token(SALT_BYTES))
        if word is not None:
            words[record.radio] = _word(record, word.secret)  # under its present call sign
        waiting.append(store.enroll(record, secret_hash=stored, t=now))
    if words != held.radios or broker_url != held.broker_url:
        save_credentials(file, Credentials(broker_url=broker_url, radios=words))
    for future in waiting:
        try:
            future.result(WRITE_TIMEOUT_S)
        except TimeoutError as exc:
            raise SettingsError(
                "the store does not take the roster", "see its own log for what is wrong"
            ) from exc
    return len(waiting)


def stay_enrolled(store: Store, *, file: Path, broker_url: str) -> bool:
    """Whether there is nothing to enroll, the files and the store's radios being those of the
    last start. Raises SettingsError where the credentials cannot be read."""
    if not file.exists() or broker_url_in(file) != broker_url:
        return False
    _tell_void(store, file)
    return True


def _stays_so(
    listed: Iterable[RadioRecord],
    records: Mapping[RadioId, RadioRecord],
    file: Path,
    broker_url: str,
) -> bool:
    """Whether the table says already what the files say: nearly every start. To hash a hundred
    thousand secrets takes a minute, and who is on the roster has one."""
    return (
        file.exists()
        and broker_url_in(file) == broker_url
        and all(
            (known := records.get(each.radio)) is not None and (known == each or known.revoked)
            for each in listed
        )
    )


def _tell_void(store: Store, file: Path) -> None:
    """Say which secrets were given anew since the file was written, and are not those in it."""
    since = store.radio_secrets(after_t=round(file.stat().st_mtime) * SECOND)
    if not since:
        return
    words = load_credentials(file).radios
    for secret in since:
        word = words.get(secret.radio)
        if word is not None and not secret.revoked and not _fits(word, secret):
            log.warning("secret_in_file_is_void", radio=secret.radio)


def _fits(word: RadioCredentials | None, there: RadioSecret | None) -> bool:
    if word is None or there is None:
        return False
    return verify_secret(word.secret, there.secret_hash)


def _word(record: RadioRecord, secret: str) -> RadioCredentials:
    return RadioCredentials(
        radio=record.radio,
        community=record.community,
        call_sign=record.call_sign,
        secret=secret,
    )
