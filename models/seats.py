"""Who plays each role: servers opened when they are first needed, and the model that `default` stands for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass
from typing import Any, TypeVar

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import EMBEDDED, Price, RoleSettings, Settings
from wunderkammer.models import address
from wunderkammer.models.budget import Budget
from wunderkammer.models.patience import Patience
from wunderkammer.models.server import Server

OpenEmbedded = Callable[[], Awaitable[str]]
"""Starts the embedded server, or joins the one that runs; returns its base url."""

DEFAULT = "default"

T = TypeVar("T")


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
        self._servers: list[Server] = []
        self._once: dict[tuple[str, str], asyncio.Task[Any]] = {}

    @property
    def in_flight(self) -> int:
        """Requests sent and not yet answered, over all servers."""
        return sum(server.in_flight for server in self._servers)

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
        server, name = await self._share(("server", server_name), lambda: self._open(server_name))
        if model == DEFAULT:
            model = await self._share(("model", server_name), lambda: _first_model(server))
        return Seat(role, habits, server, name, model, self._settings.prices.get(model))

    async def close(self) -> None:
        """Close every connection. The embedded server belongs to whoever started it."""
        tasks, self._once = list(self._once.values()), {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        servers, self._servers, self._seats = self._servers, [], {}
        for server in servers:
            await server.close()

    async def _share(self, key: tuple[str, str], work: Callable[[], Coroutine[Any, Any, T]]) -> T:
        """The result of work that is done once for all who come meanwhile or later.

        Those who wait share its failure too: a server that is down is asked by one of them, not by each in turn. Who
        comes after the failure tries anew. A caller that is cancelled takes nobody with it.
        """
        task = self._once.get(key)
        if task is None:
            task = self._once[key] = asyncio.create_task(work())
            task.add_done_callback(lambda done: self._forget(key, done))
        found: T = await asyncio.shield(task)
        return found

    def _forget(self, key: tuple[str, str], done: asyncio.Task[Any]) -> None:
        failed = done.cancelled() or done.exception() is not None
        if failed and self._once.get(key) is done:
            del self._once[key]

    async def _open(self, name: str) -> tuple[Server, str]:
        settings = self._settings.server(name)
        if settings.url == EMBEDDED:
            url = await self._share(("url", EMBEDDED), self._embedded_url)
            place, shown = address.parse(url), EMBEDDED
        else:
            secret = self._settings.secret(settings)
            place = address.parse(settings.url, secret.get_secret_value() if secret else None)
            shown = place.url
        server = Server(settings, place, self._budget, self._patience, self._clock)
        self._servers.append(server)
        return server, shown

    async def _embedded_url(self) -> str:
        if self._open_embedded is None:
            raise ConfigError("nothing here can start the embedded server: name a server of yours in wunder.toml")
        return await self._open_embedded()


async def _first_model(server: Server) -> str:
    listed = await server.models()
    if not listed:
        raise ConfigError(f"{server.address.url} lists no model: name one, as SERVER#model or under [roles]")
    return listed[0]
