"""Reads the broker's question "may this one come in?" and writes the signed answer. No socket.

NATS auth callout (https://docs.nats.io/running-a-nats-service/configuration/securing_nats/auth_callout):
question and answer are JSON Web Tokens of NATS's own kind, signed with Ed25519::

    {"typ": "JWT", "alg": "ed25519-nkey"} . {claims} . signature      each base64url, no padding

    question   nats.server_id.id            the broker; goes back as aud
               nats.user_nkey               made for this connection; goes back as sub
               nats.client_info             {id, host, type: "mqtt", mqtt_id: the MQTT client id}
               nats.connect_opts            {user, pass}
    answer     nats.jwt                     a user's claims, signed, or
               nats.error                   a reason, for the broker's log

The question's signature is not checked: only the broker itself can speak in the
account where the questions arrive, and its key is new at every start.
"""

import base64
import binascii
import json
from dataclasses import dataclass
from typing import Any, Final, Protocol, cast

import nkeys

from dispatch.errors import DeviceProtocolError, quoted

PROTOCOL: Final = "auth callout"
QUESTION_BYTES_MAX: Final = 16 * 1024
"""A question is about 1.5 KiB; user name and password of a hostile client make it longer."""

_HEADER: Final = {"typ": "JWT", "alg": "ed25519-nkey"}
_CLAIMS_VERSION: Final = 2
_NO_LIMIT: Final = -1
_ACCOUNT_KEY: Final = "A"
"""The first letter of an account's public key, as nkeys spells the roles."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """Somebody wants to connect to the broker."""

    server: str
    user_nkey: str
    connection: int
    host: str
    kind: str
    """``mqtt`` for the radios' listener; anything else came another way."""
    client_id: str
    username: str
    password: str
    asked_at: int
    expires_at: int
    """Unix seconds by the broker's clock, which is this machine's; then it stops waiting."""

    def __repr__(self) -> str:
        return f"Question(connection={self.connection}, client_id={self.client_id!r})"


@dataclass(frozen=True, slots=True, kw_only=True)
class Rights:
    """What an admitted client may do, as NATS subjects, and under which name."""

    name: str
    account: str
    publish: tuple[str, ...]
    subscribe: tuple[str, ...]


class _KeyPair(Protocol):
    """The part of nkeys.KeyPair that we use; the package has no types."""

    public_key: bytes

    def sign(self, data: bytes) -> bytes: ...


class Issuer:
    """Signs answers with the key that the broker's configuration names as issuer."""

    def __init__(self, seed: str) -> None:
        try:
            self._pair: _KeyPair = nkeys.from_seed(bytearray(seed.encode("ascii")))
        except (nkeys.NkeysError, UnicodeEncodeError, binascii.Error) as exc:
            raise ValueError("not the seed of an account key") from exc
        self.public: Final = bytes(self._pair.public_key).decode("ascii")
        if not self.public.startswith(_ACCOUNT_KEY):
            raise ValueError("the seed of another key than an account's")

    @staticmethod
    def new_seed(entropy: bytes) -> str:
        """The seed of an account key from 32 random bytes."""
        seed = nkeys.encode_seed(entropy, nkeys.PREFIX_BYTE_ACCOUNT)
        return cast("bytes", seed).decode("ascii")

    def admit(self, question: Question, rights: Rights) -> bytes:
        """The answer that lets the client in with these rights and no others."""
        user = self._sign(
            {
                "iss": self.public,
                "sub": question.user_nkey,
                "aud": rights.account,
                "iat": question.asked_at,
                "name": rights.name,
                "nats": {
                    "type": "user",
                    "version": _CLAIMS_VERSION,
                    "pub": {"allow": list(rights.publish)},
                    "sub": {"allow": list(rights.subscribe)},
                    "subs": _NO_LIMIT,
                    "data": _NO_LIMIT,
                    "payload": _NO_LIMIT,
                    "allowed_connection_types": ["MQTT"],
                },
            }
        )
        return self._answer(question, {"jwt": user.decode("ascii")})

    def refuse(self, question: Question, reason: str) -> bytes:
        """The answer that turns the client away; the reason is only for the broker's log."""
        return self._answer(question, {"error": reason})

    def _answer(self, question: Question, verdict: dict[str, str]) -> bytes:
        return self._sign(
            {
                "iss": self.public,
                "sub": question.user_nkey,
                "aud": question.server,
                "iat": question.asked_at,
                "nats": {
                    "type": "authorization_response",
                    "version": _CLAIMS_VERSION,
                    **verdict,
                },
            }
        )

    def _sign(self, claims: dict[str, object]) -> bytes:
        head = _b64encode(json.dumps(_HEADER).encode())
        body = _b64encode(json.dumps(claims).encode())
        signed = head + b"." + body
        return signed + b"." + _b64encode(self._pair.sign(signed))


def read_question(data: bytes) -> Question:
    """Raises DeviceProtocolError when the bytes are no such question."""
    if len(data) > QUESTION_BYTES_MAX:
        raise _fault("too_long", f"{len(data)} bytes")
    claims = _claims(data)
    nats = _object(claims, "nats")
    info = _object(nats, "client_info")
    opts = _object(nats, "connect_opts")
    return Question(
        server=_text(_object(nats, "server_id"), "id"),
        user_nkey=_text(nats, "user_nkey"),
        connection=_number(info, "id"),
        host=_text(info, "host", default=""),
        kind=_text(info, "type", default=""),
        client_id=_text(info, "mqtt_id", default=""),
        username=_text(opts, "user", default=""),
        password=_text(opts, "pass", default=""),
        asked_at=_number(claims, "iat"),
        expires_at=_number(claims, "exp"),
    )


def _claims(data: bytes) -> dict[str, Any]:
    parts = data.split(b".")
    if len(parts) != 3:
        raise _fault("not_jwt", f"{len(parts)} parts instead of 3")
    try:
        claims = json.loads(_b64decode(parts[1]))
    except (ValueError, RecursionError) as exc:
        raise _fault("not_json", "claims cannot be read") from exc
    if not isinstance(claims, dict):
        raise _fault("wrong_type", "claims are no object")
    return claims


def _object(parent: dict[str, Any], key: str) -> dict[str, Any]:
    value = parent.get(key)
    if not isinstance(value, dict):
        raise _fault("wrong_type", f"{key} is no object")
    return value


def _text(parent: dict[str, Any], key: str, *, default: str | None = None) -> str:
    value = parent.get(key, default)
    if not isinstance(value, str):
        raise _fault("wrong_type", f"{key} is no text: {quoted(repr(value))}")
    return value


def _number(parent: dict[str, Any], key: str) -> int:
    value = parent.get(key)
    if not isinstance(value, int) or isinstance(value, bool):
        raise _fault("wrong_type", f"{key} is no whole number: {quoted(repr(value))}")
    return value


def _b64encode(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _b64decode(data: bytes) -> bytes:
    return base64.urlsafe_b64decode(data + b"=" * (-len(data) % 4))


def _fault(reason: str, detail: str) -> DeviceProtocolError:
    return DeviceProtocolError(protocol=PROTOCOL, reason=reason, detail=detail)
