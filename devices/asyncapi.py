"""The AsyncAPI 3.0 page of wire v1, made from the very types that decode it. Serves nothing.

https://www.asyncapi.com/docs/reference/specification/v3.0.0. "send" and "receive" are
the centre's: it receives what stands under ``patrol/``, it sends what stands under
``radio/``.
"""

from typing import Any, Final

import msgspec

from devices.v1 import wire

ASYNCAPI_VERSION: Final = "3.0.0"
WIRE_VERSION: Final = "1.2.0"
SCHEMA: Final = "#/components/schemas/{name}"
WORD: Final = "[a-z0-9-]{1,40}"

FROM_RADIO: Final[dict[str, tuple[type[wire.Wire], ...]]] = {
    "alarm": (wire.AlarmWire,),
    "position": (wire.FixWire, wire.BacklogWire),
    "status": (
        wire.DutyWire,
        wire.AnswerWire,
        wire.SeenHeardWire,
        wire.CancelHeardWire,
        wire.ShownWire,
        wire.CallOffWire,
        wire.CalledOffHeardWire,
        wire.RefusedHeardWire,
        wire.OfferWire,
        wire.LinkWire,
    ),
    "report": (wire.ReportWire,),
}
TO_RADIO: Final[dict[str, tuple[type[wire.Wire], ...]]] = {
    "stored": (wire.StoredWire,),
    "seen": (wire.SeenWire,),
    "order": (wire.OrderWire,),
    "cancel": (wire.CancelWire,),
    "called_off": (wire.CalledOffWire,),
    "config": (wire.ConfigWire,),
}
QOS: Final = {"position": 0}
"""All else travels by QoS 1."""


def asyncapi() -> bytes:
    """The page as JSON."""
    lanes = {("patrol", lane): shapes for lane, shapes in FROM_RADIO.items()}
    lanes |= {("radio", lane): shapes for lane, shapes in TO_RADIO.items()}
    shapes = [shape for group in lanes.values() for shape in group]
    _, schemas = msgspec.json.schema_components(shapes, ref_template=SCHEMA)
    return msgspec.json.encode(
        {
            "asyncapi": ASYNCAPI_VERSION,
            "info": {
                "title": "Yihu 一呼百应: the wire to the radios",
                "version": WIRE_VERSION,
                "description": "MQTT 3.1.1, JSON in UTF-8, at most "
                f"{wire.PAYLOAD_BYTES_MAX} bytes a message. User name = client id = radio id. "
                "Its password is told once for a one-time code, by HTTP: POST /api/v1/radios/join.",
            },
            "defaultContentType": "application/json",
            "channels": {
                f"{root}_{lane}": _channel(root, lane, shapes)
                for (root, lane), shapes in lanes.items()
            },
            "operations": {f"{root}_{lane}": _operation(root, lane) for root, lane in lanes},
            "components": {
                "messages": {shape.__name__: _message(shape) for shape in shapes},
                "schemas": schemas,
            },
        }
    )


def _channel(root: str, lane: str, shapes: tuple[type[wire.Wire], ...]) -> dict[str, Any]:
    return {
        "address": f"{root}/{{community}}/{{radio}}/{lane}",
        "parameters": {
            "community": {"description": f"the radio's community, {WORD}"},
            "radio": {"description": f"the radio's id, {WORD}"},
        },
        "messages": {
            shape.__name__: {"$ref": f"#/components/messages/{shape.__name__}"} for shape in shapes
        },
    }


def _operation(root: str, lane: str) -> dict[str, Any]:
    return {
        "action": "receive" if root == "patrol" else "send",
        "channel": {"$ref": f"#/channels/{root}_{lane}"},
        "bindings": {"mqtt": {"qos": QOS.get(lane, 1), "bindingVersion": "0.2.0"}},
    }


def _message(shape: type[wire.Wire]) -> dict[str, Any]:
    summary = (shape.__doc__ or "").strip().splitlines()[0]
    return {"summary": summary, "payload": {"$ref": SCHEMA.format(name=shape.__name__)}}
