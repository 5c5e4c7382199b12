"""The door: who may come in, from where, how often, how heavily laden; and what is written on every answer."""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.types import ASGIApp, Receive, Scope, Send


@dataclass(frozen=True)
class Door:
    """What the door demands. token: without it nobody comes in; None: everybody on this machine does."""

    host: str = "127.0.0.1"
    port: int = 8700
    token: str | None = field(default=None, repr=False)
    names: frozenset[str] = frozenset()
    """Further names by which the server is called, beside its address: a proxy's, say."""


class Doorkeeper:
    """ASGI middleware that holds the door."""

    def __init__(self, app: ASGIApp, door: Door) -> None:
        self.app = app
        self.door = door

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)
