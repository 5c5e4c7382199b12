"""The server of an application: it says goodbye to those who follow the stream before it goes."""

from __future__ import annotations

import socket

import uvicorn
from fastapi import FastAPI

from wunderkammer.apps.web.lasting import GRACE_S


class Server(uvicorn.Server):
    """uvicorn, which would wait for streams that never end by themselves, and complain of each that it cuts."""

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        app = self.config.loaded_app if self.config.loaded else None
        while app is not None and not isinstance(app, FastAPI):
            app = getattr(app, "app", None)  # uvicorn wraps what it was given
        web = getattr(app.state, "web", None) if app is not None else None
        if web is not None:
            web.closing.set()
        await super().shutdown(sockets)


def server(app: FastAPI, host: str = "127.0.0.1", port: int = 0) -> Server:
    """A server, not started yet. No header may say who asks: requests are counted by address."""
    return Server(
        uvicorn.Config(
            app,
            host,
            port,
            loop="asyncio",  # uvloop starts processes by a true fork, which a process with JAX in it must not do
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=GRACE_S,
        )
    )
