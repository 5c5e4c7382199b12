"""Who plays each role: servers opened when they are first needed, and the model that `default` stands for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import EMBEDDED, Price, RoleSettings, Settings
from wunderkammer.models import address
from wunderkammer.models.budget import Budget
from wunderkammer.models.patience import Patience
from wunderkammer.models.server import Server

OpenEmbedded = Callable[[], Awaitable[str]]
"""Starts the embedded server, or joins the one that runs; returns its base url."""

DEFAULT = "default"


@dataclass(frozen=True, slots=True)
class Seat:
    """A role's place at a server."""

    role: str
    habits: RoleSettings
    server: Server
    name: str
    """What is hashed, recorded and remembered: the server's address without credentials; `embedded`, whose port
    changes from start to start."""
    model: str
    price: Price | None


class Seats:
    """All the servers of one gateway."""

    def __init__(
        self,
        settings: Settings,
        budget: Budget,
        patience: Patience,
        *,
        clock: Callable[[], float] = time.time,
        open_embedded: OpenEmbedded | None = None,
    ) -> None:
        self._settings = settings
        self._budget = budget
        self._patience = patience
        self._clock = clock
        self._open_embedded = open_embedded
        self._seats: dict[str, Seat] = {}
        self._servers: dict[str, tuple[Server, str]] = {}
        self._models: dict[str, str] = {}
        self._embedded: str | None = None
        self._door = asyncio.Lock()

    @property
    def in_flight(self) -> int:
        """Requests sent and not yet answered, over all servers."""
        return sum(server.in_flight for server, _ in self._servers.values())

    async def of(self, role: str) -> Seat:
        """The seat of a role."""
        seat = self._seats.get(role)
        if seat is None:
            habits = self._settings.role(role)
            seat = self._seats[role] = await self.at(habits.server, habits.model, role=role, habits=habits)
        return seat

    async def at(
        self, server_name: str, model: str = DEFAULT, *, role: str = "", habits: RoleSettings = RoleSettings()
    ) -> Seat:
        """A seat at a server by name, whoever plays there."""
        async with self._door:
            server, name = await self._server(server_name)
            if model == DEFAULT:
                model = await self._default(server_name, server)
        return Seat(role, habits, server, name, model, self._settings.prices.get(model))

    async def close(self) -> None:
        """Close every connection. The embedded server belongs to whoever started it."""
        servers, self._servers, self._seats = [server for server, _ in self._servers.values()], {}, {}
        for server in servers:
            await server.close()

    async def _server(self, name: str) -> tuple[Server, str]:
        if name not in self._servers:
            settings = self._settings.server(name)
            if settings.url == EMBEDDED:
                place, shown = address.parse(await self._embedded_url()), EMBEDDED
            else:
                secret = self._settings.secret(settings)
                place = address.parse(settings.url, secret.get_secret_value() if secret else None)
                shown = place.url
            self._servers[name] = Server(settings, place, self._budget, self._patience, self._clock), shown
        return self._servers[name]

    async def _embedded_url(self) -> str:
        if self._embedded is None:
            if self._open_embedded is None:
                raise ConfigError("nothing here can start the embedded server: name a server of yours in wunder.toml")
            self._embedded = await self._open_embedded()
        return self._embedded

    async def _default(self, name: str, server: Server) -> str:
        if name not in self._models:
            listed = await server.models()
            if not listed:
                raise ConfigError(f"{server.address.url} lists no model: name one, as SERVER#model or under [roles]")
            self._models[name] = listed[0]
        return self._models[name]
