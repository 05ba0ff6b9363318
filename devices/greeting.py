"""What ``yihu run`` says once it serves: the one address, and in the demo how to press."""

from typing import Final

from devices.credentials import Credentials
from devices.mqtt import parse_broker_url
from dispatch.roster import Roster

NAMES_MAX: Final = 3
"""Communities named in one line."""

TRY: Final = (
    "mosquitto_pub -h {host} -p {port} -i {radio} -u {radio} -P {secret} -q 1"
    " -t patrol/{community}/{radio}/alarm"
    ' -m "{{\\"press\\":\\"$(od -An -N8 -tx8 /dev/urandom | tr -d " "):1\\",'
    '\\"t\\":$(date +%s000),\\"kind\\":\\"sos\\"}}"'
)
"""A press by hand, as any radio would send it: a new boot id each time makes a new press."""


def greeting(url: str, roster: Roster, demo: Credentials | None) -> str:
    """Lines for the terminal; with ``demo`` the credentials of its first radio."""
    told = list(roster.communities.values())[:NAMES_MAX]
    more = len(roster.communities) - len(told)
    names = "、".join(community.name_zh for community in told) + (
        f" 等 {more + len(told)} 个" if more else ""
    )
    english = ", ".join(community.name_en for community in told) + (
        f" and {more} more" if more else ""
    )
    lines = ["", f"  一呼百应 Yihu · {names} · {english}", "", f"  {url}", ""]
    if demo is not None and demo.radios:
        lines += _how_to_press(demo)
    return "\n".join(lines)


def _how_to_press(demo: Credentials) -> list[str]:
    radio = next(iter(demo.radios.values()))
    address = parse_broker_url(demo.broker_url)
    press = f"  按下红色按钮 Press a red button:  yihu press {radio.call_sign}"
    if address.tls:  # for each client other words say which certificate it is
        return [press, ""]
    by_hand = TRY.format(
        host=address.host,
        port=address.port,
        radio=radio.radio,
        secret=radio.secret,
        community=radio.community,
    )
    return [
        press,
        "  或用 MQTT, or by MQTT:",
        f"  {by_hand}",
        "  (每部电台的密钥在 credentials.json, every radio's secret is in credentials.json)",
        "",
    ]
