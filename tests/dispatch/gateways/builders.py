"""Gateways, books and messages whose every field has a default. Numbers belong to nobody."""

from collections.abc import Mapping
from pathlib import Path

from dispatch.gateways.book import (
    UNTIL_BY_KIND,
    Book,
    ContactKey,
    Gateway,
    GatewayKind,
    Language,
    Until,
    person_contact,
    radio_contact,
)
from dispatch.gateways.facts import Facts, Purpose
from dispatch.gateways.messages import Message
from dispatch.ids import RadioId
from dispatch.words import Kind

PHONE = "+8610000000000"
NEAR = radio_contact(RadioId("xizi-v01"))
FAR = radio_contact(RadioId("xizi-v02"))
SUPERVISOR = person_contact("supervisor")


def gateway(
    name: str,
    kind: GatewayKind = GatewayKind.SMS,
    *,
    after_s: float = 10.0,
    until: Until | None = None,
    url: str = "json://127.0.0.1:9/{phone}",
    per_minute: int = 20,
    per_person_per_hour: int = 6,
    priority_max: int = 2,
    language: Language = Language.ZH,
    answer_key: str = "",
    answer_ok: str = "",
) -> Gateway:
    return Gateway(
        name=name,
        kind=kind,
        url=url,
        after_s=after_s,
        until=until or UNTIL_BY_KIND[kind],
        per_minute=per_minute,
        per_person_per_hour=per_person_per_hour,
        priority_max=priority_max,
        language=language,
        answer_key=answer_key,
        answer_ok=answer_ok,
        needs=frozenset({"phone"} if "{phone}" in url else ()),
    )


def book(
    *gateways: Gateway,
    contacts: Mapping[ContactKey, Mapping[str, str]] | None = None,
    callback: str = "",
    file: Path = Path("gateways.toml"),
) -> Book:
    everybody = {key: {"phone": PHONE} for key in (NEAR, FAR, SUPERVISOR)}
    return Book(
        file=file,
        callback=callback,
        gateways=gateways,
        contacts=everybody if contacts is None else contacts,
    )


def message(id: str, over: str, contact: ContactKey = NEAR) -> Message:  # noqa: A002 -- its name
    facts = Facts(purpose=Purpose.ASK, kind=Kind.SOS, near="小荷幼儿园", near_m=60, bearing="S")
    return Message(id=id, gateway=over, contact=contact, facts=facts)
