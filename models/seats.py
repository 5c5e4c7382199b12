"""Who plays each role: servers opened when they are first needed, and the model that `default` stands for."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Coroutine
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from wunderkammer.core import adapters
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.serving import Adapter, OpenServer, Passing
from wunderkammer.core.settings import EMBEDDED, Price, RoleSettings, Settings
from wunderkammer.models import address
from wunderkammer.models.budget import Budget
from wunderkammer.models.embedded_model import model_file
from wunderkammer.models.patience import Patience
from wunderkammer.models.server import Server


class OpenEmbedded(Protocol):
    """Starts the embedded server, or joins the one that runs."""

    async def __call__(self, adapter: Adapter | None = None) -> str:
        """Its base url; with an adapter, that of the server that has it."""
        ...


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


@dataclass(frozen=True, slots=True)
class Place:
    """A server, and which of its models was asked for."""

    server: Server
    name: str
    """As `Seat.name`."""
    model: str | None
    """An adapter's label, which tells its version apart. None: the model is called what it was asked for by."""


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
        open_server: OpenServer | None = None,
    ) -> None:
        """open_embedded, open_server: who opens servers of ours. Without the second, one with a section
        [servers.NAME.vllm] is spoken to like any other, and should not be put to sleep meanwhile."""
        self._settings = settings
        self._budget = budget
        self._patience = patience
        self._clock = clock
        self._open_embedded = open_embedded
        self._open_server = open_server
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
        place = await self.place(server_name, model)
        if place.model is not None:
            model = place.model
        elif model == DEFAULT:
            model = await self._share(("model", server_name), lambda: _first_model(place.server))
        return Seat(role, habits, place.server, place.name, model, self._settings.prices.get(model))

    async def place(self, server_name: str, model: str = DEFAULT) -> Place:
        """Where a model is asked, without asking anything there. At the embedded server an adapter is a model of its
        own; `ConfigError` with the names that there are for one that is neither adapter nor base."""
        adapter = None
        if self._settings.server(server_name).url == EMBEDDED and model != DEFAULT:
            adapter = await asyncio.to_thread(_adapter, self._settings, model)
        label = adapter.label if adapter is not None else None
        server, name = await self._share(("server", f"{server_name}#{label}"), lambda: self._open(server_name, adapter))
        return Place(server, name, label)

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

    async def _open(self, name: str, adapter: Adapter | None) -> tuple[Server, str]:
        settings = self._settings.server(name)
        passing: Passing = nullcontext
        if settings.url == EMBEDDED:
            url = await self._embedded_url(adapter)
            place, shown = address.parse(url), EMBEDDED
        else:
            secret = self._settings.secret(settings)
            place = address.parse(settings.url, secret.get_secret_value() if secret else None)
            shown = place.url
            if settings.vllm is not None and self._open_server is not None:
                passing = (await self._open_server(name)).passing
        server = Server(settings, place, self._budget, self._patience, self._clock, passing)
        self._servers.append(server)
        return server, shown

    async def _embedded_url(self, adapter: Adapter | None) -> str:
        if self._open_embedded is None:
            raise ConfigError("nothing here can start the embedded server: name a server of yours in wunder.toml")
        return await self._open_embedded(adapter)


def _adapter(settings: Settings, model: str) -> Adapter | None:
    """The adapter that a model's name at the embedded server stands for; None: it names the base itself."""
    return None if model == model_file(settings).stem else adapters.find(settings.home, model)


async def _first_model(server: Server) -> str:
    listed = await server.models()
    if not listed:
        raise ConfigError(f"{server.address.url} lists no model: name one, as SERVER#model or under [roles]")
    return listed[0]
