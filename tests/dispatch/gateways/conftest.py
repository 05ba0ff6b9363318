"""What the gateways' door does to its worker's process is undone where a test is that process."""

from collections.abc import Iterator

import pytest
import requests


@pytest.fixture(scope="module", autouse=True)
def requests_as_they_were() -> Iterator[None]:
    """The door stands in the way of every answer over HTTP, and lets none in that is long: tests
    after these read longer ones."""
    send = requests.Session.send
    yield
    requests.Session.send = send  # type: ignore[method-assign]  # as the door does
