"""The page about the wire says what the decoder does, since both read the same types."""

import json
from typing import Any

import msgspec
import pytest

from devices.asyncapi import asyncapi
from devices.v1.codec import V1
from dispatch.outgoing import RadioTopic

PAGE = json.loads(asyncapi())


def refs(node: Any) -> list[str]:
    """Every $ref in a document."""
    match node:
        case {"$ref": str(ref)}:
            return [ref]
        case dict():
            return [ref for value in node.values() for ref in refs(value)]
        case list():
            return [ref for value in node for ref in refs(value)]
    return []


def test_every_lane_of_the_wire_has_its_channel() -> None:
    """An integrator finds there what the codec hears, and what it says."""
    addresses = {channel["address"] for channel in PAGE["channels"].values()}

    heard = {a for a in addresses if a.startswith("patrol/")}
    said = {a.rpartition("/")[2] for a in addresses if a.startswith("radio/")}
    assert heard == {
        filter_.replace("+", "{community}", 1).replace("+", "{radio}", 1)
        for filter_ in V1.alarm_filters + V1.status_filters + V1.position_filters
    }
    assert said == {topic.value for topic in RadioTopic} - {"page", "ask"}


def test_every_reference_leads_somewhere() -> None:
    """A page that points at nothing generates no client."""
    for ref in refs(PAGE):
        node = PAGE
        for part in ref.removeprefix("#/").split("/"):
            node = node[part]
        assert node


def test_limits_stand_in_the_schemas() -> None:
    """Out of the same annotations that refuse a message."""
    schemas = PAGE["components"]["schemas"]

    assert schemas["FixWire"]["properties"]["lon"]["maximum"] == 180.0
    assert schemas["BacklogWire"]["properties"]["fixes"]["maxItems"] == 500
    assert "pattern" in schemas["AlarmWire"]["properties"]["press"]
    assert set(schemas["AlarmWire"]["required"]) == {"press", "t", "kind"}


def test_every_status_has_its_shape() -> None:
    """What a radio may say of itself, the wishes of its bearer among it."""
    messages = PAGE["channels"]["patrol_status"]["messages"]
    schemas = PAGE["components"]["schemas"]

    told = {name for shape in messages for name in schemas[shape]["properties"]}
    assert told == {
        *("t", "duty", "order", "state", "reason", "seen", "cancel", "link"),
        *("shown", "call_off", "pin", "called_off", "refused", "offer"),
    }
    assert "pattern" in str(schemas["CallOffWire"]["properties"]["pin"])
    assert "drill" not in schemas["OrderWire"]["required"]


def test_only_positions_travel_without_acknowledgement() -> None:
    """Everything that somebody waits for is QoS 1."""
    qos = {name: o["bindings"]["mqtt"]["qos"] for name, o in PAGE["operations"].items()}

    assert [name for name, level in qos.items() if level == 0] == ["patrol_position"]


@pytest.mark.parametrize("action", ["receive", "send"])
def test_actions_are_the_centres(action: str) -> None:
    """AsyncAPI 3 describes one application; here it is the centre."""
    root = {"receive": "patrol_", "send": "radio_"}[action]

    named = {name for name, o in PAGE["operations"].items() if o["action"] == action}

    assert named == {name for name in PAGE["operations"] if name.startswith(root)}
    assert msgspec.json.decode(asyncapi())["asyncapi"] == "3.0.0"
