"""Whatever is sent to an address of ours: an answer as its description says, or a refusal with a
sentence; never a fault of the server's own, and the next request is served.

Requests are made up by schemathesis from the description that the server gives of itself, so that
an address that is added is tried here, too.
"""

from collections.abc import Iterator
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given
from hypothesis import strategies as st
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from dispatch.access.words import Office
from tests.integration.conftest import COMMUNITIES
from tests.system import PASSWORD, System

pytestmark = [pytest.mark.broker, pytest.mark.slow]

EXAMPLES = 12
"""Of each address; there are some ninety."""

ENDS_THE_LOGIN = {"/api/v1/logout", "/api/v1/me/password", "/api/v1/me/sessions/end"}
"""Whoever asks these is somebody else afterwards."""

STREAMS = {"/api/v1/stream"}
"""A WebSocket: tests/console/test_session.py sends it anything."""


@pytest.fixture(scope="module", name="spec")
def spec_with_names_of_things_that_are_there(system: System) -> dict[str, Any]:
    """The server's own description, its path parameters tempted to name what is there."""
    status, opened = system.post(
        "/api/v1/incidents",
        {"community": COMMUNITIES[0], "kind": "fire", "words": "电动车棚着火", "grid": "g01"},
    )
    tip = {"community": COMMUNITIES[0], "kind": "other", "words": "楼道里有人"}
    assert system.post("/api/v1/tips", tip)[0] == 200
    told = requests.get(
        f"{system.url}/api/v1/tips", headers=system.person("tester"), timeout=10
    ).json()
    known = {
        "tip": [each["tip"] for each in told["tips"]],
        "incident": [opened["subject"]] if status == 200 else [],
        "community": list(COMMUNITIES[:2]),
        "name": ["tester"],
        "radio": [f"{COMMUNITIES[0]}-v01"],
        "unit": [f"{COMMUNITIES[0]}-v01"],
    }
    spec: dict[str, Any] = system.get("/api/v1/openapi.json")
    for path in spec["paths"].values():
        for operation in path.values():
            for each in operation["parameters"]:
                if each["in"] == "path" and known.get(each["name"]):
                    there = {"enum": known[each["name"]]}
                    each["schema"] = {"anyOf": [there, {"type": "string", "minLength": 1}]}
    return spec


@pytest.fixture(scope="module", name="everybody")
def one_of_every_office(system: System) -> dict[str, str]:
    """Headers of somebody who may do anything."""
    offices = [{"office": each, "where": "*"} for each in Office]
    opened = requests.post(
        f"{system.url}/api/v1/people",
        json={"name": "everybody", "offices": offices},
        headers=system.machine(),
        timeout=10,
    )
    link = opened.json()["path"].partition("=")[2]
    entered = requests.post(
        f"{system.url}/api/v1/login/link", json={"link": link, "password": PASSWORD}, timeout=10
    )
    cookie = entered.headers["Set-Cookie"].partition(";")[0]
    return {"Cookie": cookie, "X-CSRF": entered.json()["csrf"]}


def operations(spec: dict[str, Any]) -> Iterator[Any]:
    """Every address with its method, as schemathesis sees it."""
    for found in schemathesis.openapi.from_dict(spec).get_all_operations():
        assert isinstance(found, Ok), "an address whose description cannot be read"
        operation = found.ok()
        if operation.path not in ENDS_THE_LOGIN | STREAMS:
            yield operation


def test_every_address_answers_anything_as_it_says(
    system: System, spec: dict[str, Any], everybody: dict[str, str]
) -> None:
    """A person of every office asks, so that what is tried is the door behind the doors."""
    tried = 0

    for operation in operations(spec):

        @hypothesis.settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            phases=[Phase.explicit, Phase.generate, Phase.shrink],
            suppress_health_check=list(HealthCheck),
        )
        @given(case=operation.as_strategy())
        def answers(case: Any) -> None:
            answer = case.call(base_url=system.url, headers=everybody, allow_redirects=False)
            case.validate_response(
                answer,
                checks=[
                    not_a_server_error,
                    content_type_conformance,
                    response_schema_conformance,
                    status_code_conformance,
                ],
            )

        answers()
        tried += 1

    assert tried > 50
    assert system.get("/health")["ready"]


@pytest.mark.parametrize("path", ["/api/v1/incidents", "/api/v1/login", "/api/v1/people"])
def test_any_bytes_as_a_body_are_refused_in_a_sentence(system: System, path: str) -> None:
    """Not JSON, half of it, or of a depth that no body has."""

    @hypothesis.settings(max_examples=40, deadline=None, database=None)
    @given(data=st.one_of(st.binary(max_size=300), st.just(b"[" * 60_000), st.just(b'{"a":' * 999)))
    def refuses(data: bytes) -> None:
        headers = {**system.person("tester"), "Content-Type": "application/json"}
        answer = requests.post(
            system.url + path, data=data, headers={**headers, "Idempotency-Key": "any"}, timeout=10
        )
        assert 400 <= answer.status_code < 500, answer.text
        assert answer.json()["detail"]

    refuses()
    assert system.get("/health")["ready"]
