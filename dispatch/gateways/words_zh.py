"""Messages over gateways in Chinese. What they may say, and how long they may be: words.py."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from dispatch.gateways.facts import Facts, Part, Parts, Purpose
from dispatch.words import Kind

_KINDS: Final[Mapping[Kind, str]] = MappingProxyType(
    {
        Kind.SOS: "求救",
        Kind.MEDICAL: "急病",
        Kind.FIRE: "火情",
        Kind.DISPUTE: "纠纷",
        Kind.SUSPICIOUS: "可疑情况",
        Kind.MISSING: "人员走失",
        Kind.HAZARD: "设施隐患",
        Kind.NUISANCE: "扰民",
        Kind.OTHER: "情况",
    }
)
_BEARINGS: Final = MappingProxyType(
    {
        "N": "北",
        "NE": "东北",
        "E": "东",
        "SE": "东南",
        "S": "南",
        "SW": "西南",
        "W": "西",
        "NW": "西北",
    }
)
_DIGITS: Final = MappingProxyType(dict(zip("0123456789", "零幺二三四五六七八九", strict=True)))
"""一 is said 幺 in telephone numbers, so that it is not heard as 七."""


def written(facts: Facts, callback: str, parts: Parts) -> str:
    """One line to read, made of these parts of the facts."""
    head = "演习！" if facts.drill else ""
    who = f"{facts.who}：" if facts.who and Part.WHO in parts else ""
    body = _covert(facts, callback) if facts.covert else _open(facts, callback, parts)
    return f"{head}{who}{body}"


def _covert(facts: Facts, callback: str) -> str:
    match facts.purpose:
        case Purpose.ASK:
            return f"请马上看一下对讲机{f'，或回电{callback}' if callback else ''}。"
        case Purpose.TELL:
            return f"请马上联系值班室{f'，电话{callback}' if callback else ''}。"
        case Purpose.RECALL:
            return "刚才的事已办妥，不用再来，谢谢。"


def _open(facts: Facts, callback: str, parts: Parts) -> str:
    at = facts.at if Part.AT in parts else ""
    what = f"{at}{_KINDS[facts.kind]}"
    near = _place(facts) if Part.NEAR in parts else ""
    grid = facts.grid if Part.GRID in parts else ""
    place = f"{near}（{grid}）" if near and grid else near or grid
    match facts.purpose:
        case Purpose.ASK:
            away = f"，距你{facts.away_m}米" if _tells_away(facts, parts) else ""
            go = f"请到{place}" if place else "请前往现场"
            back = f"，或回电{callback}" if callback else ""
            return f"{what}，{go}{away}。请用对讲机答复{back}。"
        case Purpose.TELL:
            back = f"详情请电{callback}。" if callback else ""
            return f"通报：{what}{f'，在{place}' if place else ''}。{back}"
        case Purpose.RECALL:
            return f"{what}{f'（{near or grid}）' if place else ''}不用再去了，谢谢。"


def spoken(facts: Facts, callback: str) -> str:
    """To be read aloud by a machine: short sentences, said twice, numbers digit by digit."""
    drill = "这是演习。" if facts.drill else ""
    hello = "您好。" if facts.covert else f"您好，这里是{facts.community}调度台。"
    who = f"{facts.who}，" if facts.who else ""
    number = "，".join(_said(group) for group in callback.split("-") if group)
    said = f"{who}{_news(facts, number)}"
    return f"{drill}{hello}{said}再说一遍。{drill}{said}"


def _news(facts: Facts, number: str) -> str:
    if facts.covert:
        return _covert(facts, number)
    what = _KINDS[facts.kind]
    near = _place(facts, side="面")
    where = f"地点在{near or facts.grid}。" if near or facts.grid else ""
    grid = f"网格是{facts.grid}。" if near and facts.grid else ""
    match facts.purpose:
        case Purpose.ASK:
            away = f"离您大约{facts.away_m}米。" if facts.away_m is not None else ""
            back = f"，或者回电{number}" if number else ""
            return f"事由是{what}，请您前往。{where}{grid}{away}请用对讲机答复{back}。"
        case Purpose.TELL:
            back = f"详情请回电{number}。" if number else ""
            return f"向您通报，事由是{what}。{where}{grid}{back}"
        case Purpose.RECALL:
            return f"刚才的{what}，您不用再去了，谢谢。"


def _place(facts: Facts, *, side: str = "") -> str:
    """``小荷幼儿园南60米``; empty where no key unit is near."""
    if facts.near_m is None or facts.bearing not in _BEARINGS:
        return facts.near
    return facts.near and f"{facts.near}{_BEARINGS[facts.bearing]}{side}{facts.near_m}米"


def _said(digits: str) -> str:
    """Digit by digit: a voice would read the whole as one number."""
    return "".join(_DIGITS.get(digit, "") for digit in digits)


def _tells_away(facts: Facts, parts: Parts) -> bool:
    return facts.away_m is not None and Part.AWAY in parts
