"""Makes the OpenAPI 3.1 page from the table of routes and the types of the wire."""

import re
from collections.abc import Iterable, Mapping
from typing import Any, Final

import msgspec

from console.bodies import Refusal
from console.route import Query, Route
from console.wire import ClientMessage, Hello, ServerMessage

REF: Final = "#/components/schemas/{name}"
Refs = Mapping[type[msgspec.Struct], Mapping[str, Any]]
"""Where each shape is described: by its name, or by its module's too, where two have one name."""
REFUSALS: Final = {
    "400": "not what the API says",
    "401": "log in first",
    "403": "not allowed to whoever asks, or from another host or page",
    "404": "no such thing",
    "408": "a body that took too long",
    "409": "the present state does not allow it; it is in the answer",
    "413": "too large",
    "415": "not JSON, or packed",
    "422": "a value that cannot be",
    "429": "too many tries; the answer says how long to wait",
    "503": "for now; try again",
    "504": "not on disk yet; ask again with the same Idempotency-Key",
}


def openapi(routes: Iterable[Route], *, version: str) -> bytes:
    """The page as JSON."""
    routes = tuple(routes)
    shapes = {each.body for each in routes} | {each.answer for each in routes} | {Refusal, Hello}
    types: list[Any] = sorted((s for s in shapes if s is not None), key=lambda s: s.__name__)
    named, schemas = msgspec.json.schema_components(
        [*types, ServerMessage, ClientMessage], ref_template=REF
    )
    refs = dict(zip(types, named[: len(types)], strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for route in routes:
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, refs)
    return msgspec.json.encode(
        {
            "openapi": "3.1.0",
            "info": {"title": "Yihu 一呼百应", "version": version},
            "paths": paths,
            "components": {"schemas": schemas},
        }
    )


def _operation(route: Route, refs: Refs) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "summary": route.summary,
        "parameters": [*_in_path(route.path), *map(_in_query, route.query)],
        "responses": _responses(route, refs),
    }
    if route.body is not None:
        if route.is_command:
            operation["parameters"].append(
                _header("Idempotency-Key", "the command's id; asking twice is harmless")
            )
        operation["requestBody"] = {
            "required": True,
            "content": {"application/json": {"schema": refs[route.body]}},
        }
    return operation


def _responses(route: Route, refs: Refs) -> dict[str, Any]:
    schema = {"type": "object"} if route.answer is None else refs[route.answer]
    answer = {"description": "done", "content": {route.answer_type: {"schema": schema}}}
    refusal = {"application/json": {"schema": refs[Refusal]}}
    refused = {status: {"description": why, "content": refusal} for status, why in REFUSALS.items()}
    return {"200": answer, **refused}


def _in_path(path: str) -> list[dict[str, Any]]:
    return [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", path)
    ]


def _in_query(query: Query) -> dict[str, Any]:
    kind = "integer" if query.is_number else "string"
    return {
        "name": query.name,
        "in": "query",
        "description": query.what,
        "schema": {"type": kind},
    }


def _header(name: str, what: str) -> dict[str, Any]:
    return {
        "name": name,
        "in": "header",
        "required": True,
        "description": what,
        "schema": {"type": "string"},
    }
