"""The one door to Apprise: sends a text to an address of it, and says in a code what became of it.

Apprise answers only yes or no, and its yes means HTTP 200. WeCom, DingTalk and Feishu refuse
with HTTP 200 and a code in the body (a key that was revoked, 20 messages a minute
exceeded), so the door looks at every answer itself. For that it stands in the way of
``requests``, which those services of Apprise send through: in a worker's process,
where nothing else uses it.

What Apprise logs may hold numbers and keys: the worker's process turns logging off.
"""

import threading
import warnings
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final
from xml.sax.saxutils import escape

import apprise
import msgspec
import requests
from apprise.manager_plugins import NotificationManager

from dispatch.gateways.book import Gateway, GatewayKind, Language
from dispatch.gateways.messages import Outcome

ANSWER_BYTES_MAX: Final = 64 * 1024
"""Of an answer, unpacked; those of the services named here have some hundred bytes. A longer
one is given up: a service that answers without end must not fill the memory."""

CODE_CHARS_MAX: Final = 40

_ANSWERS: Final[Mapping[str, tuple[str, str]]] = MappingProxyType(
    {
        "wecombot": ("errcode", "0"),
        "dingtalk": ("errcode", "0"),
        "feishu": ("code", "0"),
        "lark": ("code", "0"),
    }
)
"""Field and value by which a service's answer of HTTP 200 says that it took the message:
developer.work.weixin.qq.com (group robots), open.dingtalk.com (custom robots),
open.feishu.cn (custom bots)."""

_TWIML_LANGUAGE: Final[Mapping[Language, str]] = MappingProxyType(
    {Language.ZH: "zh-CN", Language.EN: "en-GB"}
)


class Door:
    """Sends. Made once in a process; may be used from many threads."""

    def __init__(self, *, timeout_s: float) -> None:
        """``timeout_s`` is for connecting, and again for each wait for bytes of the answer."""
        self._timeout_s = timeout_s
        self._asset = apprise.AppriseAsset(
            app_id="Yihu",
            app_desc="Yihu",
            storage_mode="memory",  # it writes no files
            http_redirects=False,  # a message goes where the administrator said, nowhere else
            interpret_emojis=False,
            interpret_escapes=False,
        )
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # some of its 150 services use what Python gives up
            self._services = _services()
            self._services.load_modules()
        _stand_in_the_way()

    def knows(self, schema: str) -> bool:
        """Whether Apprise has such a service."""
        return schema in self._services.schemas()

    def fits(self, url: str) -> bool:
        """Whether Apprise takes this as the address of a service, with all that it needs."""
        return self._opened(url) is not None

    def send(self, gateway: Gateway, url: str, text: str) -> Outcome:
        """Send, and wait for the service's answer. Raises nothing."""
        _seen.clear()
        try:
            service = self._opened(url)
            if service is None:
                return Outcome(ok=False, why="bad_url")
            said_yes = bool(service.notify(body=_dressed(gateway, text), body_format="text"))
        except Exception:  # whatever a service of Apprise does, this is where its work ends
            return Outcome(ok=False, why="failed")
        return _outcome(gateway, said_yes=said_yes)

    def _opened(self, url: str) -> Any:
        """A service of Apprise; None where it refuses the address."""
        service = apprise.Apprise.instantiate(url, asset=self._asset, suppress_exceptions=True)
        if service is not None:
            service.request_rate_per_sec = 0  # limits are the hub's; this would make us wait
            service.socket_connect_timeout = self._timeout_s
            service.socket_read_timeout = self._timeout_s
        return service


class _Seen(threading.local):
    """What came back over HTTP in this thread during one message; a service may ask twice."""

    status: int = 0
    body: bytes = b""
    fault: str = ""

    def clear(self) -> None:
        self.status, self.body, self.fault = 0, b"", ""


_seen = _Seen()
_real_send = requests.Session.send


def _watched_send(
    self: requests.Session, request: requests.PreparedRequest, **more: Any
) -> requests.Response:
    """``Session.send``, which notes the answer or what went wrong."""
    try:
        response = _real_send(self, request, **{**more, "stream": True})
    except requests.exceptions.Timeout:
        _seen.fault = "timeout"
        raise
    except requests.exceptions.SSLError:
        _seen.fault = "certificate"
        raise
    except requests.exceptions.RequestException:
        _seen.fault = "unreachable"
        raise
    _read(response)
    _seen.status, _seen.body, _seen.fault = response.status_code, response.content, ""
    return response


def _read(response: requests.Response) -> None:
    """The body, as ``Session.send`` would have read it, but no more than ANSWER_BYTES_MAX."""
    data = b""
    try:
        for piece in response.iter_content(ANSWER_BYTES_MAX):
            data += piece
            if len(data) > ANSWER_BYTES_MAX:
                _seen.fault = "answer_too_long"
                raise requests.exceptions.ContentDecodingError("too long")
    except requests.exceptions.RequestException:
        response.close()
        _seen.fault = _seen.fault or "cut_off"
        raise
    response._content = data  # where its ``content`` looks; there is no public way


def _stand_in_the_way() -> None:
    requests.Session.send = _watched_send  # type: ignore[method-assign]  # the docstring above


def _services() -> Any:
    """Apprise's list of services."""
    return NotificationManager()  # type: ignore[no-untyped-call]  # it has no types


def _outcome(gateway: Gateway, *, said_yes: bool) -> Outcome:
    if _seen.fault:
        return Outcome(ok=False, why=_seen.fault)
    if not said_yes:
        refused = not 200 <= _seen.status < 300 and _seen.status
        return Outcome(ok=False, why=f"http_{_seen.status}" if refused else "failed")
    key, wanted = _ANSWERS.get(gateway.schema, ("", ""))
    if gateway.answer_key:
        key, wanted = gateway.answer_key, gateway.answer_ok
    said = _field(_seen.body, key) if key else wanted
    if said == wanted:
        return Outcome(ok=True)
    return Outcome(ok=False, why=f"answer_{_code(said)}" if said else "answer_unclear")


def _field(body: bytes, key: str) -> str:
    """The field of a JSON object as text; empty where the answer has none, or is none."""
    try:
        answer = msgspec.json.decode(body)
    except (ValueError, RecursionError):
        return ""
    value = answer.get(key, "") if isinstance(answer, dict) else ""
    return str(value) if isinstance(value, str | int | bool) else ""


def _code(said: str) -> str:
    """A service's own code, fit for a log line: a number or a short word."""
    return "".join(c if c.isascii() and (c.isalnum() or c in "-_.") else "_" for c in said)[
        :CODE_CHARS_MAX
    ]


def _dressed(gateway: Gateway, text: str) -> str:
    """Twilio reads aloud what is in TwiML, in English unless it is told otherwise."""
    if gateway.schema == "twilio" and gateway.kind is GatewayKind.VOICE:
        language = _TWIML_LANGUAGE[gateway.language]
        return f'<Response><Say language="{language}">{escape(text)}</Say></Response>'
    return text
