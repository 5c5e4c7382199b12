"""Each role called up: which server plays it, whether it answers, whether it has the model, what it can do."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from http import HTTPStatus
from typing import Literal

from pydantic import Field

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError, ModelError, Refused, WunderError
from wunderkammer.core.settings import EMBEDDED, ROLES, BudgetSettings, ServerSettings, Settings, public
from wunderkammer.models.abilities import Abilities, Notebook
from wunderkammer.models.budget import Budget
from wunderkammer.models.embedded import on_demand
from wunderkammer.models.embedded_model import check_server, model_file
from wunderkammer.models.faults import Declined
from wunderkammer.models.patience import Patience
from wunderkammer.models.probe import probe
from wunderkammer.models.seats import DEFAULT, OpenEmbedded, Seats
from wunderkammer.models.server import Server

NEEDED = ("mutator", "target", "judge", "classifier")
"""Roles without which a search cannot start. The others are asked where they can be, and left out where not."""
SECONDS = 30.0
"""For one request: who takes longer to list models does not answer."""

When = Literal["auto", "always", "never"]
"""When abilities are probed: where they are not remembered, in any case, not at all."""


class Seating(Frozen):
    """One server and model, and the roles that they play."""

    roles: tuple[str, ...]
    needed: bool
    server: str
    """Its name in the settings."""
    address: str
    """Without credentials."""
    model: str
    """As the server knows it; `default` where nobody found out which that is."""
    key_env: str | None = None
    """Name of the variable that holds the key; the key itself is nowhere."""
    key_set: bool | None = None
    reachable: bool | None = None
    """None: it was not asked."""
    listed: bool | None = None
    """Whether the server lists the model; None where it lists none, or was not asked."""
    abilities: dict[str, bool | int] = Field(default_factory=dict)
    fault: str = ""
    """Why it cannot play; empty: it can."""


async def call_roll(settings: Settings, when: When = "auto") -> list[Seating]:
    """Ask every server and model that some role names, all at once; nothing is raised, faults are told."""
    groups: dict[tuple[str, str], list[str]] = {}
    for role in ROLES:
        if role == "embedder" and settings.embedder != "server":
            continue  # vectors are made here; nobody plays it
        seat = settings.role(role)
        groups.setdefault((seat.server, seat.model), []).append(role)
    quick = brief(settings)
    async with on_demand(settings) as open_embedded:
        calls = [
            _called(quick, server, model, tuple(roles), when, open_embedded)
            for (server, model), roles in groups.items()
        ]
        return list(await asyncio.gather(*calls))


async def _called(
    settings: Settings, server: str, model: str, roles: tuple[str, ...], when: When, open_embedded: OpenEmbedded
) -> Seating:
    needed = any(role in NEEDED for role in roles) or "embedder" in roles
    known = settings.servers.get(server) or ServerSettings(url=EMBEDDED)
    seating = Seating(
        roles=roles, needed=needed, server=public(server), address=public(known.url), model=model, key_env=known.key_env
    )
    try:
        seating = _with_key(settings, known, seating)
        return await _asked(settings, server, seating, when, open_embedded)
    except WunderError as fault:
        return seating.model_copy(update={"reachable": _answered(fault), "fault": str(fault)})


def _with_key(settings: Settings, server: ServerSettings, seating: Seating) -> Seating:
    """Find the key, or the files of the embedded server; `ConfigError` where they are missing."""
    if server.url == EMBEDDED:
        model_file(settings)
        check_server()
    if server.key_env is None:
        return seating
    settings.secret(server)
    return seating.model_copy(update={"key_set": True})


async def _asked(settings: Settings, server: str, seating: Seating, when: When, open_embedded: OpenEmbedded) -> Seating:
    """The seating with what the server itself says."""
    seats = Seats(settings, Budget(BudgetSettings()), Patience(), open_embedded=open_embedded)
    try:
        place = await seats.place(server, seating.model)
        names = await _listed(place.server)
    finally:
        await seats.close()
    model = place.model or seating.model
    if model == DEFAULT:
        if not names:
            raise ConfigError(f"{seating.address} lists no model: name one, as SERVER#model or under [roles]")
        model = names[0]
    found = {"reachable": True, "listed": model in names if names else None, "model": model}
    seating = seating.model_copy(update=found)
    known = Notebook(settings.home).get(place.name, model)
    unsure = known.tools is None or seating.listed is False  # only a probe finds out about tools
    if when == "always" or (when == "auto" and unsure):
        try:
            known = await probe(settings, server, model, open_embedded=open_embedded)
        except ModelError as fault:
            return seating.model_copy(update={"fault": str(fault)})
    elif seating.listed is False:
        seating = seating.model_copy(update={"fault": f"{seating.address} does not list a model {model!r}"})
    return seating.model_copy(update={"abilities": _shown(known)})


async def _listed(server: Server) -> tuple[str, ...]:
    """The models that a server lists; none where it has no such list, which some have not."""
    try:
        return await server.models()
    except Declined as fault:
        if fault.status in (HTTPStatus.NOT_FOUND, HTTPStatus.METHOD_NOT_ALLOWED):
            return ()
        raise


def _answered(fault: WunderError) -> bool | None:
    """Whether somebody answered, if only to refuse."""
    if isinstance(fault, Refused):
        return True
    return False if isinstance(fault, ModelError) else None


def _shown(known: Abilities) -> dict[str, bool | int]:
    return known.model_dump(exclude_none=True)


def brief(settings: Settings) -> Settings:
    """Settings under which nobody is waited for long, for whoever looks at servers and not at what they say."""
    servers: Mapping[str, ServerSettings] = {
        name: server.model_copy(update={"attempts": 1, "timeout_s": min(server.timeout_s, SECONDS)})
        for name, server in settings.servers.items()
    }
    return settings.model_copy(update={"servers": dict(servers)})
