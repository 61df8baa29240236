"""Fixtures for tests with other people's client libraries, unmodified. What is tested is the server.

What imports the application is imported where it is used, as in `tests/fixtures.py`.
"""

import asyncio
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.interop.provider import Person, Provider, Server


@pytest.fixture(scope="session")
def interop_server(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> "Iterator[Server]":
    """The `identity-service serve` that all these tests of a process of the run share."""
    from tests.interop.provider import Server

    server = Server(tmp_path_factory.mktemp("interop"), sqlite_template)
    try:
        asyncio.run(server.start())
        yield server
    finally:
        server.program.kill()


@pytest.fixture
async def provider(interop_server: "Server") -> "AsyncIterator[Provider]":
    """The running server."""
    async with interop_server.opened() as opened:
        yield opened


@pytest.fixture
async def person(provider: "Provider") -> "AsyncIterator[Person]":
    """Alice, with a browser of her own."""
    from tests.interop.provider import person_at

    async with person_at(provider) as alice:
        yield alice
