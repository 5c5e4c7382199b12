"""`/mcp`: the MCP server over streamable HTTP. Whose requests get there is the door's to say."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI
from mcp.server.streamable_http_manager import StreamableHTTPSessionManager
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from wunderkammer.apps.mcp.server import make_server

PATH = "/mcp"
MOST_BODY = 2**20
MOST_SESSIONS = 64
"""Of clients that speak an older version of the protocol; newer ones have none."""


def mount(app: FastAPI) -> None:
    """Serve it at `PATH` as long as the application lives."""
    before = app.router.lifespan_context

    @asynccontextmanager
    async def life(started: FastAPI) -> AsyncIterator[Any]:
        async with before(started) as state:
            # The door has looked at names and origins already, as for every other address.
            manager = StreamableHTTPSessionManager(
                make_server(started.state.web.office, started.state.web.bounds),
                max_request_body_size=MOST_BODY,
                max_sessions=MOST_SESSIONS,
            )
            started.state.mcp = manager
            async with manager.run():
                yield state

    app.router.lifespan_context = life
    app.router.routes.append(Route(PATH, endpoint=_Endpoint(), include_in_schema=False))


class _Endpoint:
    """Passes requests on to the session manager of the application, which begins anew each time that it starts."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await scope["app"].state.mcp.handle_request(scope, receive, send)
