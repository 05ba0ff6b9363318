"""``yihu join``: a radio that is a program lets itself in by its code. Plays no radio.

    yihu join XK7QM-4RTBC --url https://yihu.example.cn:8443 --ca ca.pem
    yihu join XK7QM-4RTBC --consent place=1 --consent call=1
    yihu simulate --community FILE --credentials credentials.json

What it is told is kept in a credentials file, mode 0600, where ``yihu simulate`` and ``yihu press``
find it; nothing of it is printed but which radio it is. What its bearer is asked to consent to is
shown before the code is used up, and asked at a terminal; elsewhere ``--consent`` says it. It
is the example for whoever writes a radio: two requests, described in docs/radios.md.
"""

import argparse
import json
import sys
import urllib.error
import urllib.request
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from devices.credentials import (
    CREDENTIALS_FILE,
    Credentials,
    RadioCredentials,
    load_credentials,
    save_credentials,
)
from devices.joining import JOIN_PATH
from devices.mqtt import BrokerAddress
from dispatch import local_token
from dispatch.errors import SettingsError, YihuError, quoted
from dispatch.ids import WORD, CommunityId, RadioId
from dispatch.settings import DATA_DIR

URL: Final = "http://127.0.0.1:8080"
TIMEOUT_S: Final = 20.0
ANSWER_BYTES_MAX: Final = 128 * 1024
"""Eight texts of 2,000 characters in two languages."""
YES: Final = ("y", "yes", "是", "同意")

Ask = Callable[[str], str]
"""Shows a question and gives back what was typed."""


class NotJoinedError(YihuError):
    """The centre did not let it in; the sentence is the centre's own, or says that none answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Joined:
    """What the centre told."""

    word: RadioCredentials
    broker: BrokerAddress


@dataclass(frozen=True, slots=True, kw_only=True)
class Question:
    """What whoever holds the radio is asked to consent to."""

    text: str
    version: int
    needed: bool
    """The centre lets the radio in only with it."""
    zh: str
    en: str


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """What ``yihu join`` takes."""
    parser.add_argument("code", help="the code, or the address that the QR code holds")
    parser.add_argument("--url", default="", help=f"where the centre serves (default: {URL})")
    parser.add_argument(
        "--consent",
        action="append",
        default=[],
        metavar="TEXT=VERSION",
        help="its bearer has read this text and consents; may be said again for another",
    )
    parser.add_argument("--ca", type=Path, help="a PEM file to know an https server by")
    parser.add_argument(
        "--credentials",
        type=Path,
        default=DATA_DIR / CREDENTIALS_FILE,
        help="where to keep what it is told (default: %(default)s)",
    )


def run(options: argparse.Namespace, *, ask: Ask | None = None) -> int:
    """Exchange the code; ``ask`` stands for the terminal. Raises NotJoinedError, SettingsError."""
    if ask is None and sys.stdin.isatty():
        ask = input
    url, code = place_and_code(options.code)
    said = [_consent(each) for each in options.consent]
    file: Path = options.credentials
    held = load_credentials(file) if file.exists() else Credentials(broker_url="", radios={})
    if not file.parent.is_dir():  # before the code is used up
        raise SettingsError(f"there is no folder {file.parent}", "make it, or name another file")
    url = options.url or url or URL
    if not said:
        said = asked_for(read_questions(_post(url, "/join/texts", {"code": code}, options)), ask)
    body = {"code": code, **({"consents": said} if said else {})}
    joined = read_told(_post(url, "/join", body, options))
    broker = joined.broker
    if options.ca is not None and broker.tls:  # one authority for both, as yihu tls makes it
        broker = replace(broker, ca=str(options.ca.absolute()))
    radios = {**held.radios, joined.word.radio: joined.word}
    save_credentials(file, Credentials(broker_url=broker.url, radios=radios))
    print(f"{joined.word.radio} ({joined.word.call_sign}) may come in at {broker}")
    return 0


def place_and_code(said: str) -> tuple[str, str]:
    """The server's address, empty where only a code was said, and the code."""
    parts = urlsplit(said)
    if parts.scheme in ("http", "https") and parts.path == JOIN_PATH:
        return f"{parts.scheme}://{parts.netloc}", parts.fragment
    return "", said


def asked_for(questions: list[Question], ask: Ask | None) -> list[dict[str, Any]]:
    """What they consent to, as the wire says it; nothing where nobody can be asked."""
    said = []
    for each in questions:
        needed = "  (没有它不能入网 not let in without)" if each.needed else ""
        print(f"{each.text}={each.version}{needed}\n  {each.zh}\n  {each.en}", flush=True)
        if ask is not None and ask("同意? Do you consent? [y/N] ").strip().lower() in YES:
            said.append({"text": each.text, "version": each.version})
    if questions and ask is None:
        print("没有人可问:用 --consent 说明 nobody to ask: say so with --consent", flush=True)
    return said


def _consent(said: str) -> dict[str, Any]:
    text, _, version = said.partition("=")
    if not WORD.fullmatch(text) or not (version.isascii() and version.isdigit()):
        raise SettingsError(
            f"--consent {quoted(said)} names no text and version", "write it as place=1"
        )
    return {"text": text, "version": int(version)}


def _post(url: str, path: str, body: dict[str, Any], options: argparse.Namespace) -> Any:
    """One request. Raises NotJoinedError."""
    if urlsplit(url).scheme not in ("http", "https"):
        raise NotJoinedError(f"{quoted(url)} is no address: write http://... or https://...")
    request = urllib.request.Request(  # noqa: S310 -- looked at just above
        f"{url.rstrip('/')}/api/v1/radios{path}",
        data=json.dumps(body).encode(),
        method="POST",
        headers={"Content-Type": "application/json"},
    )
    try:
        with urllib.request.urlopen(  # noqa: S310 -- as above
            request, timeout=TIMEOUT_S, context=local_token.known_by(options.ca)
        ) as answer:
            return json.loads(answer.read(ANSWER_BYTES_MAX))
    except urllib.error.HTTPError as exc:
        raise NotJoinedError(_sentence(exc)) from exc
    except (OSError, ValueError) as exc:
        raise NotJoinedError(f"no centre answers at {url} ({quoted(str(exc))})") from exc


def read_questions(told: Any) -> list[Question]:
    """What the centre asks, checked: it goes to a terminal. Raises NotJoinedError."""
    try:
        return [_question(each) for each in told["texts"]]
    except (KeyError, TypeError, ValueError) as exc:
        raise NotJoinedError("the centre's answer is not what the wire says") from exc


def _question(said: Any) -> Question:
    text, version, zh, en = str(said["text"]), int(said["version"]), said["zh"], said["en"]
    if not WORD.fullmatch(text) or not f"{zh}{en}".replace("\n", "").isprintable():
        raise ValueError("no text")
    return Question(text=text, version=version, needed=said["needed"] is True, zh=zh, en=en)


def read_told(told: Any) -> Joined:
    """What the centre said, checked: it becomes topics and a file. Raises NotJoinedError."""
    try:
        broker = told["broker"]
        radio, community = str(told["radio"]), str(told["community"])
        if not WORD.fullmatch(radio) or not WORD.fullmatch(community):
            raise ValueError("it names no radio")
        return Joined(
            word=RadioCredentials(
                radio=RadioId(radio),
                community=CommunityId(community),
                call_sign=str(told["call_sign"]),
                secret=str(told["secret"]),
            ),
            broker=BrokerAddress(
                host=str(broker["host"]), port=int(broker["port"]), tls=broker["tls"] is True
            ),
        )
    except (KeyError, TypeError, ValueError) as exc:
        raise NotJoinedError("the centre's answer is not what the wire says") from exc


def _sentence(exc: urllib.error.HTTPError) -> str:
    try:
        return quoted(str(json.loads(exc.read(ANSWER_BYTES_MAX))["detail"]))
    except (ValueError, KeyError, TypeError):
        return f"the centre answered {exc.code}"
