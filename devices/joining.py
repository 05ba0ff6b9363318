"""What is said over HTTP about letting radios in: requests, answers, the page behind a QR code."""

from dataclasses import dataclass
from typing import Final

import msgspec

from dispatch.roster import RadioRecord
from dispatch.settings import ANY_ADDRESS, LOOPBACK

JOIN_PATH: Final = "/join"

JOIN_PAGE: Final = """\
<!doctype html>
<html lang="zh-CN">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<link rel="icon" type="image/svg+xml" href="/favicon.svg">
<title>入网码 · Yihu</title>
<h1>一呼百应:对讲机入网码</h1>
<p>这个二维码要在对讲机或巡逻应用里扫,不要用普通相机打开。没有扫码功能的,请把横线两边的十个字符输入对讲机。
对讲机会先给您看要您同意的事,同意了再入网。码只能用一次;打开这个页面不会用掉它。</p>
<h1 lang="en">Yihu: a code that lets a radio in</h1>
<p lang="en">Scan it in the radio or the patrol app, not with an ordinary camera; or type its ten
characters into the radio, which first shows you what you are asked to consent to. It works once,
and has not been used by opening this page.</p>
</html>
"""
"""The code stands behind ``#``, which no browser sends: this page cannot know it, and says so."""


class CodeBody(msgspec.Struct, forbid_unknown_fields=True):
    """POST /api/v1/radios/{radio}/code"""

    minutes: int = 60
    """How long it is good for."""


class RadioCodeDoc(msgspec.Struct):
    """A code that lets a radio in once, told this once."""

    radio: str
    call_sign: str
    code: str
    """As people say it, with a dash."""
    address: str
    """What the QR code holds; what follows ``#`` goes into no log."""
    qr: str
    """An SVG drawing."""
    expires: int
    """ms UTC by the machine's clock."""
    web_here_only: bool
    """This server's address is loopback's: no phone finds it."""
    mqtt_here_only: bool
    """The broker listens on loopback: no radio elsewhere reaches it."""


class JoinConsentBody(msgspec.Struct, forbid_unknown_fields=True):
    """A text that the radio's bearer has read and consents to"""

    text: str
    version: int


class JoinBody(msgspec.Struct, forbid_unknown_fields=True):
    """POST /api/v1/radios/join: a radio shows its code"""

    code: str
    consents: list[JoinConsentBody] = []
    """What its bearer consents to."""


class JoinTextsBody(msgspec.Struct, forbid_unknown_fields=True):
    """POST /api/v1/radios/join/texts: what is asked, before the code is used"""

    code: str


class JoinTextDoc(msgspec.Struct):
    """What whoever holds the radio is asked to consent to, word for word."""

    text: str
    version: int
    """In force: consenting names it."""
    purpose: str
    """place | call"""
    needed: bool
    """The community lets the radio in only with it."""
    zh: str
    en: str


class JoinTextsDoc(msgspec.Struct):
    """Whose code it is, and what its bearer is asked. The code is as good as before."""

    radio: str
    community: str
    call_sign: str
    texts: list[JoinTextDoc]


class BrokerDoc(msgspec.Struct):
    """Where a radio finds MQTT."""

    host: str
    port: int
    tls: bool


class JoinDoc(msgspec.Struct):
    """All that a radio needs, told this once."""

    radio: str
    """Its user name and its client id."""
    community: str
    call_sign: str
    secret: str
    """Its password."""
    broker: BrokerDoc
    publish: str
    """What the topics begin with on which it speaks."""
    subscribe: str
    """What it subscribes to."""


class RollDoc(msgspec.Struct):
    """One radio, as whoever manages radios sees it."""

    radio: str
    community: str
    call_sign: str
    role: str
    state: str
    """online | offline | never | revoked"""
    enrolled: int
    code_by: str
    """Who made the code that is open; empty: none is."""
    code_expires: int


class RollCommunityDoc(msgspec.Struct):
    """A community in which whoever asks manages radios."""

    id: str
    zh: str
    en: str


class RollPageDoc(msgspec.Struct):
    """GET /api/v1/radios"""

    radios: list[RollDoc]
    communities: list[RollCommunityDoc]
    more: bool
    """There are others behind the last one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reach:
    """Where others find this server and its broker."""

    web: str
    """This server's address, without a slash at its end."""
    web_host: str
    mqtt_host: str
    mqtt_port: int
    mqtt_tls: bool

    @property
    def web_here_only(self) -> bool:
        """Whether only this machine finds the server."""
        return self.web_host in LOOPBACK

    @property
    def mqtt_here_only(self) -> bool:
        """Whether only this machine finds the broker."""
        return self.mqtt_host in LOOPBACK

    def code_address(self, code: str) -> str:
        """What a QR code holds."""
        return f"{self.web}{JOIN_PATH}#{code}"

    def broker(self) -> BrokerDoc:
        """What a radio is told: where the broker listens everywhere, by the server's name."""
        host = self.web_host if self.mqtt_host in ANY_ADDRESS else self.mqtt_host
        return BrokerDoc(host=host, port=self.mqtt_port, tls=self.mqtt_tls)

    def joined(self, record: RadioRecord, secret: str) -> JoinDoc:
        """All that a radio needs."""
        own = f"{record.community}/{record.radio}"
        return JoinDoc(
            radio=record.radio,
            community=record.community,
            call_sign=record.call_sign,
            secret=secret,
            broker=self.broker(),
            publish=f"patrol/{own}/",
            subscribe=f"radio/{own}/+",
        )
