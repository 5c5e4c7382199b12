"""An office over a home with one finished run, and clients of its MCP server."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from mcp import Client

from wunderkammer.agents.guide.tool import Bounds
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.mcp.server import make_server
from wunderkammer.core.settings import load
from wunderkammer.memory.ledger import joined

Connects = Callable[..., AbstractAsyncContextManager[Client]]


@pytest.fixture
def connects(home, monkeypatch) -> Connects:
    """Opens a client of a server in this process; what it is given goes to the client."""
    monkeypatch.delenv("WUNDER_CONFIG", raising=False)

    @asynccontextmanager
    async def connecting(**more) -> AsyncIterator[Client]:
        settings = load(start=home, home=home, embedder="hashed")
        async with joined(ledger_address(settings)) as ledger:
            server = make_server(Office(settings, ledger), Bounds(calls=10, minutes=1))
            async with Client(server, **more) as client:
                yield client

    return connecting
