"""``yihu revoke``, ``enroll`` and ``code``: takes a radio off the roll, or puts it back. Over HTTP.

The running hub does it, so that it counts at once: a revoked radio's connection is
cut, an enrolled one may come in with the secret that is printed here, once. A code is
printed as characters and as a picture to scan; the radio exchanges it for its secret.
"""

import argparse
import json
import secrets
import ssl
import urllib.error
import urllib.parse
import urllib.request
from typing import Any, Final

from dispatch import local_token
from dispatch.errors import YihuError
from dispatch.qr import show_in_terminal

TIMEOUT_S: Final = 20.0
ANSWER_BYTES_MAX: Final = 64 * 1024


class RollError(YihuError):
    """The hub did not do it; the sentence is the hub's own, or says that there is none."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What both commands take."""
    parser.add_argument("radio", help="the radio's id, such as xizi-v01")
    local_token.add_arguments(parser)


def revoke(options: argparse.Namespace) -> int:
    """Cut it off. Raises RollError."""
    ask(
        local_token.url_shown(options),
        options.radio,
        "revoke",
        local_token.token_shown(options),
        local_token.trust(options),
    )
    print(f"{options.radio} is revoked and cut off; yihu enroll {options.radio} undoes it")
    return 0


def enroll(options: argparse.Namespace) -> int:
    """Give it a new secret and print that. Raises RollError."""
    token, trust = local_token.token_shown(options), local_token.trust(options)
    answer = ask(local_token.url_shown(options), options.radio, "enroll", token, trust)
    print(answer["secret"])
    return 0


def add_code_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu code`` takes."""
    add_arguments(parser)
    parser.add_argument(
        "--minutes", type=int, default=60, help="how long it is good for (default: %(default)s)"
    )


def code(options: argparse.Namespace) -> int:
    """Make a code that lets it in once, and print it. Raises RollError."""
    token, trust = local_token.token_shown(options), local_token.trust(options)
    body = {"minutes": options.minutes}
    url = local_token.url_shown(options)
    answer = ask(url, options.radio, "code", token, trust, body)
    show_in_terminal(answer["address"])
    print(answer["code"])
    print(answer["address"])
    return 0


def ask(
    url: str,
    radio: str,
    what: str,
    token: str,
    trust: ssl.SSLContext | None,
    body: object = None,
) -> dict[str, Any]:
    """The hub's answer. Raises RollError."""
    address = f"{url.rstrip('/')}/api/v1/radios/{urllib.parse.quote(radio, safe='')}/{what}"
    request = urllib.request.Request(  # noqa: S310 -- the address is the administrator's own
        address,
        data=json.dumps(body or {}).encode(),
        method="POST",
        headers={
            "Content-Type": "application/json",
            "Idempotency-Key": secrets.token_hex(16),
            "Authorization": f"Bearer {token}",
        },
    )
    try:
        with urllib.request.urlopen(  # noqa: S310 -- as above
            request, timeout=TIMEOUT_S, context=trust
        ) as answer:
            data = answer.read(ANSWER_BYTES_MAX)
    except urllib.error.HTTPError as exc:
        raise RollError(_sentence(exc)) from exc
    except (OSError, ValueError) as exc:
        raise RollError(f"no hub answers at {url} ({exc})") from exc
    told: dict[str, Any] = json.loads(data)
    return told


def _sentence(exc: urllib.error.HTTPError) -> str:
    try:
        return str(json.loads(exc.read(ANSWER_BYTES_MAX))["detail"])
    except (ValueError, KeyError, TypeError):
        return f"the hub answered {exc.code}"
