"""Real Apprise against services on loopback: what arrives there, and what is said of it.

WeCom, DingTalk, Feishu, Lark and Twilio have addresses that Apprise has fixed; their requests
go through a proxy that answers in their place (service.py).
"""

import base64
import hashlib
import hmac
import json
import socket
import ssl
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, quote, urlsplit

import pytest

from dispatch.errors import SettingsError
from dispatch.gateways.book import Gateway, GatewayKind, Language
from dispatch.gateways.checking import check_services
from dispatch.gateways.door import Door
from dispatch.gateways.messages import Outcome
from tests.dispatch.gateways.builders import PHONE, book, gateway
from tests.dispatch.gateways.service import Service, certificate

TEXT = "14:05求救，请到小荷幼儿园南60米。<1 & 2> :smile: \\n"
"""With what a formatter might take for its own."""

WECOM, DINGTALK, FEISHU = "qyapi.weixin.qq.com", "oapi.dingtalk.com", "open.feishu.cn"
LARK, TWILIO = "open.larksuite.com", "api.twilio.com"
TOKEN = "abcdef0123456789"


@pytest.fixture(scope="module")
def door() -> Door:
    return Door(timeout_s=0.3)


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    yield service
    service.close()


@pytest.fixture(scope="module")
def pem(tmp_path_factory: pytest.TempPathFactory) -> Path:
    made = certificate(
        tmp_path_factory.mktemp("tls"), WECOM, DINGTALK, FEISHU, LARK, TWILIO, "localhost"
    )
    if made is None:
        pytest.skip("the openssl program is not installed")
    return made


@pytest.fixture
def stand_in(pem: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Service]:
    """Stands in for the services of the internet: every https request of this test comes here."""
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(pem)
    service = Service(tls=tls)
    monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{service.port}")
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(pem))
    for name in ("NO_PROXY", "no_proxy", "ALL_PROXY", "all_proxy", "https_proxy"):
        monkeypatch.delenv(name, raising=False)
    yield service
    service.close()


def sent(door: Door, over: Gateway, text: str = TEXT) -> Outcome:
    return door.send(over, over.url_for({"phone": PHONE}), text)


# Services of the administrator's own choice: json, form, xml.


def test_a_service_of_ones_own_gets_number_and_text_under_its_own_names(
    door: Door, service: Service
) -> None:
    """Most Chinese SMS services take a JSON document with a number and a text."""
    over = gateway("sms", url=f"json://127.0.0.1:{service.port}/send?:to={{phone}}&:message=text")

    assert sent(door, over) == Outcome(ok=True)

    asked = json.loads(service.asked[0].body)
    assert service.asked[0].path == "/send"
    assert (asked["to"], asked["text"]) == (PHONE, TEXT)


def test_a_form_arrives_as_one(door: Door, service: Service) -> None:
    """And the older ones take a form."""
    over = gateway("sms", url=f"form://127.0.0.1:{service.port}/send?:to={{phone}}&:message=text")

    assert sent(door, over) == Outcome(ok=True)

    asked = parse_qs(service.asked[0].body.decode())
    assert (asked["to"], asked["text"]) == ([PHONE], [TEXT])


def test_xml_arrives_as_such(door: Door, service: Service) -> None:
    """The oldest take SOAP."""
    over = gateway("sms", url=f"xml://127.0.0.1:{service.port}/send")

    assert sent(door, over, "求救 & 急病") == Outcome(ok=True)

    assert "求救 &amp; 急病" in service.asked[0].body.decode()


def test_a_path_may_hold_the_number(door: Door, service: Service) -> None:
    """Quoted on the way out, read back on the other side."""
    over = gateway("call", url=f"json://127.0.0.1:{service.port}/call/{{phone}}")

    assert sent(door, over) == Outcome(ok=True)

    assert service.asked[0].path in (f"/call/{PHONE}", "/call/%2B8610000000000")


@pytest.mark.parametrize(("status", "why"), [(500, "http_500"), (403, "http_403")])
def test_a_service_that_refuses_is_quoted_by_its_status(
    door: Door, service: Service, status: int, why: str
) -> None:
    """A code for the screen; the body may hold anything."""
    service.status = status
    service.body = b"secret 13900000000"

    assert sent(door, gateway("sms", url=_url(service))) == Outcome(ok=False, why=why)


def test_a_service_that_never_answers_is_given_up(door: Door, service: Service) -> None:
    """A hanging service costs a thread some seconds, not the night."""
    service.mood = service.hang

    assert sent(door, gateway("sms", url=_url(service))) == Outcome(ok=False, why="timeout")


def test_a_service_that_is_absent_is_said_to_be_so(door: Door) -> None:
    """Nothing listens on that port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]

    over = gateway("sms", url=f"json://127.0.0.1:{port}/")
    assert sent(door, over) == Outcome(ok=False, why="unreachable")


def test_a_service_that_answers_without_end_is_given_up(door: Door, service: Service) -> None:
    """After 64 KiB, not after all the memory there is."""
    service.mood = service.pour

    outcome = sent(door, gateway("sms", url=_url(service)))

    assert outcome == Outcome(ok=False, why="answer_too_long")


def test_a_service_that_breaks_off_is_not_believed(door: Door, service: Service) -> None:
    """HTTP 200 and then nothing: whether it took the message, nobody knows."""
    service.mood = service.break_off

    outcome = sent(door, gateway("sms", url=_url(service)))

    assert outcome == Outcome(ok=False, why="cut_off")


def test_a_service_that_sends_us_elsewhere_is_not_followed(door: Door, service: Service) -> None:
    """A number and a place go where the administrator said, and nowhere else."""
    service.mood = service.redirect

    assert not sent(door, gateway("sms", url=_url(service))).ok

    assert [asked.path for asked in service.asked] == ["/"]


@pytest.mark.parametrize(
    ("body", "outcome"),
    [
        (b'{"Code": "OK"}', Outcome(ok=True)),
        (b'{"Code": "isv.OUT_OF_SERVICE"}', Outcome(ok=False, why="answer_isv.OUT_OF_SERVICE")),
        (b'{"Code": "a b\\n\\u4e00"}', Outcome(ok=False, why="answer_a_b__")),
        (b'{"Code": {}}', Outcome(ok=False, why="answer_unclear")),
        (b"[1]", Outcome(ok=False, why="answer_unclear")),
        (b"<html>login</html>", Outcome(ok=False, why="answer_unclear")),
        (b"", Outcome(ok=False, why="answer_unclear")),
        (
            b'{"Code": "OK", "x": "' + b"x" * 70_000 + b'"}',
            Outcome(ok=False, why="answer_too_long"),
        ),
    ],
)
def test_an_answer_must_say_what_the_file_wants(
    door: Door, service: Service, body: bytes, outcome: Outcome
) -> None:
    """Many services refuse with HTTP 200; the administrator says by what field to see it."""
    service.body = body
    over = gateway("sms", url=_url(service), answer_key="Code", answer_ok="OK")

    assert sent(door, over) == outcome


def _url(service: Service) -> str:
    return f"json://127.0.0.1:{service.port}/?:to={{phone}}"


# Services at addresses that Apprise has fixed.


def test_a_wecom_group_robot_takes_the_text(door: Door, stand_in: Service) -> None:
    """The request as WeCom documents it, over TLS that was verified."""
    stand_in.body = b'{"errcode": 0, "errmsg": "ok"}'

    assert sent(door, gateway("group", GatewayKind.CHAT, url=f"wecombot://{TOKEN}")).ok

    asked = stand_in.asked[0]
    assert (asked.host, asked.path) == (f"{WECOM}:443", f"/cgi-bin/webhook/send?key={TOKEN}")
    assert json.loads(asked.body) == {"msgtype": "text", "text": {"content": TEXT}}


def test_a_dingtalk_robot_takes_the_text_signed_and_calls_by_number(
    door: Door, stand_in: Service
) -> None:
    """The number makes DingTalk ring that person's phone."""
    stand_in.body = b'{"errcode": 0, "errmsg": "ok"}'
    over = gateway("group", GatewayKind.CHAT, url="dingtalk://5ecret@" + TOKEN + "/{phone}")

    assert sent(door, over).ok

    asked = stand_in.asked[0]
    query = parse_qs(urlsplit(asked.path).query)
    assert asked.host == f"{DINGTALK}:443"
    assert query["access_token"] == [TOKEN]
    signed = hmac.new(b"5ecret", f"{query['timestamp'][0]}\n5ecret".encode(), hashlib.sha256)
    assert query["sign"][0] in (
        base64.b64encode(signed.digest()).decode(),
        base64.b64encode(signed.digest()).decode().replace("+", "%2B").replace("=", "%3D"),
        _quoted(signed.digest()),
    )
    body = json.loads(asked.body)
    assert body["text"] == {"content": TEXT}
    assert body["at"]["atMobiles"] == [PHONE.removeprefix("+")]


@pytest.mark.parametrize(("schema", "host"), [("feishu", FEISHU), ("lark", LARK)])
def test_a_feishu_robot_takes_the_text(
    door: Door, stand_in: Service, schema: str, host: str
) -> None:
    """Feishu and its sister outside China."""
    stand_in.body = b'{"code": 0, "msg": "success", "data": {}}'
    token = "0a1b2c3d-0a1b-2c3d-4e5f-0a1b2c3d4e5f"

    assert sent(door, gateway("group", GatewayKind.CHAT, url=f"{schema}://{token}")).ok

    asked = stand_in.asked[0]
    assert asked.host == f"{host}:443"
    assert asked.path.rstrip("/") == f"/open-apis/bot/v2/hook/{token}"
    assert json.loads(asked.body) == {"msg_type": "text", "content": {"text": TEXT}}


@pytest.mark.parametrize(
    ("url", "answer", "why"),
    [
        (f"wecombot://{TOKEN}", b'{"errcode": 93000, "errmsg": "invalid"}', "answer_93000"),
        (f"wecombot://{TOKEN}", b'{"errcode": 45009, "errmsg": "freq"}', "answer_45009"),
        (f"dingtalk://{TOKEN}", b'{"errcode": 310000, "errmsg": "sign"}', "answer_310000"),
        ("feishu://" + "a" * 36, b'{"code": 9499, "msg": "Bad Request"}', "answer_9499"),
        ("feishu://" + "a" * 36, b"<html>a hotel's login page</html>", "answer_unclear"),
    ],
)
def test_a_refusal_in_an_answer_of_http_200_is_a_refusal(
    door: Door, stand_in: Service, url: str, answer: bytes, why: str
) -> None:
    """Apprise alone would say *sent*, and nobody would be called in another way."""
    stand_in.body = answer

    assert sent(door, gateway("group", GatewayKind.CHAT, url=url)) == Outcome(ok=False, why=why)


def test_a_voice_of_twilio_reads_chinese_as_chinese(door: Door, stand_in: Service) -> None:
    """Its default voice is American and cannot read a character of it."""
    stand_in.status, stand_in.body = 201, b"{}"
    sid, token = "AC" + "0" * 32, "0" * 32
    url = f"twilio://{sid}:{token}@+15550000000/{{phone}}?method=call"

    assert sent(door, gateway("voice", GatewayKind.VOICE, url=url), "求救 <1 & 2>").ok

    asked = stand_in.asked[0]
    form = parse_qs(asked.body.decode())
    assert (asked.host, asked.path) == (f"{TWILIO}:443", f"/2010-04-01/Accounts/{sid}/Calls.json")
    assert form["To"] == [PHONE]
    assert form["Twiml"] == [
        '<Response><Say language="zh-CN">求救 &lt;1 &amp; 2&gt;</Say></Response>'
    ]


def test_a_service_with_a_strange_certificate_is_told_nothing(
    door: Door, stand_in: Service, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody between us and WeCom gets neither text nor key."""
    monkeypatch.delenv("REQUESTS_CA_BUNDLE")

    outcome = sent(door, gateway("group", GatewayKind.CHAT, url=f"wecombot://{TOKEN}"))

    assert outcome == Outcome(ok=False, why="certificate")
    assert stand_in.asked == []


def _quoted(digest: bytes) -> str:
    return quote(base64.b64encode(digest), safe="")


# What is refused at the start.


@pytest.mark.parametrize(
    ("url", "sentence"),
    [
        ("wechatt://s3cr3t", "gateway odd: Apprise has no service wechatt://"),
        ("file:///etc/s3cr3t", "gateway odd: Apprise has no service file://"),
        ("dingtalk://s3cr3t!!", "gateway odd: Apprise refuses its url as one of dingtalk://"),
        ("twilio://s3cr3t/{phone}", "gateway odd: Apprise refuses its url as one of twilio://"),
    ],
)
def test_a_service_that_apprise_cannot_use_is_refused_by_name(
    door: Door, url: str, sentence: str
) -> None:
    """Before anything runs, and without the secret in the sentence."""
    with pytest.raises(SettingsError) as caught:
        check_services(book(gateway("odd", url=url)), door)

    assert sentence in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


@pytest.mark.parametrize(
    "url",
    [
        f"wecombot://{TOKEN}",
        f"https://{WECOM}/cgi-bin/webhook/send?key={TOKEN}",
        "dingtalk://5ecret@" + TOKEN + "/{phone}",
        f"feishu://{TOKEN}",
        "jsons://sms.example/send?:to={phone}",
        "forms://user:pass@sms.example/{phone}",
        "xmls://sms.example/",
    ],
)
def test_services_that_apprise_can_use_pass(door: Door, url: str) -> None:
    """Also an address pasted as the service itself shows it."""
    check_services(book(gateway("fine", url=url)), door)


def test_english_voices_are_asked_for_in_english(door: Door, stand_in: Service) -> None:
    """The gateway's language decides, not the server's."""
    stand_in.status = 201
    url = f"twilio://AC{'0' * 32}:{'0' * 32}@+15550000000/{{phone}}?method=call"
    over = gateway("voice", GatewayKind.VOICE, url=url, language=Language.EN)

    assert sent(door, over, "Help").ok

    assert 'language="en-GB"' in parse_qs(stand_in.asked[0].body.decode())["Twiml"][0]
