"""A place to log in."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest_asyncio

from tests.console.login.place import Place, open_place


@pytest_asyncio.fixture
async def place(tmp_path: Path) -> AsyncIterator[Place]:
    """A server whose journal is empty."""
    async with open_place(tmp_path) as made:
        yield made
