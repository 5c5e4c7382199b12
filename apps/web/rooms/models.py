"""Models: which server plays which role, one question to each, a new server, the adapters."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Annotated

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from wunderkammer.apps.audition import Audition, audition
from wunderkammer.apps.casting import known_role, seats
from wunderkammer.apps.chat.salon import Salon
from wunderkammer.apps.rollcall import Seating, brief, call_roll
from wunderkammer.apps.settings_file import NewServer, add_server, cast_role
from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.faults import Refused, refusal
from wunderkammer.core import adapters
from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import EMBEDDED, Settings, load, public

router = APIRouter(prefix="/api", tags=["models"])
Name = Annotated[str, Field(min_length=1, max_length=80)]


class Seat(Frozen):
    """Who plays a role."""

    role: str
    server: str
    address: str
    model: str
    temperature: float
    max_tokens: int
    key_env: str | None
    """Name of the environment variable that holds the key; the key itself is nowhere."""
    set_by: str


class KnownServer(Frozen):
    """A server of the settings."""

    name: str
    address: str
    key_env: str | None
    key_set: bool | None
    """Whether that variable has a value; None where no key is needed."""
    vllm: bool
    """Whether it is ours to control."""


class KnownAdapter(Frozen):
    """A trained adapter that can be a target."""

    name: str
    label: str
    rank: int
    base: str
    gguf: bool
    job: str


class Casting(Frozen):
    """Roles, servers and adapters."""

    file: str | None
    """The settings file that is changed from here; None where there is none."""
    roles: tuple[Seat, ...]
    servers: tuple[KnownServer, ...]
    adapters: tuple[KnownAdapter, ...]


class Question(Frozen):
    role: Name


class Roll(Frozen):
    probe: bool = False
    """Find out anew what each can do, by some fifteen short questions."""


class Confirmed(NewServer):
    """A server to be added."""

    confirmed: bool = False
    """Whether the user has said that prompts may be sent there."""


class Part(Frozen):
    """A role, and who is to play it."""

    role: Name
    server: Name
    model: Annotated[str, Field(min_length=1, max_length=200)] = "default"


@router.get("/models", responses=Refused)
def list_models(here: Here) -> Casting:
    """Which server and model plays which role, all servers, and the adapters. Nobody is asked."""
    return _casting(here)


@router.post("/models/test", responses=Refused)
async def test_model(here: Here, asked: Question) -> Audition:
    """One question to whoever plays a role: how long it takes, and whether the reply keeps to a form."""
    return await audition(brief(_settings(here)), here.ledger, known_role(asked.role))


@router.post("/models/roll", responses=Refused)
async def call_models(here: Here, asked: Roll) -> list[Seating]:
    """Ask every server that some role names whether it answers, has the model, and what that can do."""
    return await call_roll(_settings(here), "always" if asked.probe else "auto")


@router.post("/models/servers", response_model=Casting, responses=Refused)
async def put_server(here: Here, request: Request, wanted: Confirmed) -> Casting | Response:
    """Write a server into wunder.toml, once the user has confirmed that prompts may be sent there."""
    file = _file(here)
    if not wanted.confirmed:
        line = (
            f"prompts, and what was found with them, will be sent to {public(wanted.url)}; confirm that you want this"
        )
        return refusal(409, line, confirm=public(wanted.url))
    server = NewServer.model_validate(wanted.model_dump(exclude={"confirmed"}))
    await asyncio.to_thread(add_server, file, server)
    return await _recast(here, request)


@router.post("/models/roles", responses=Refused)
async def put_role(here: Here, request: Request, wanted: Part) -> Casting:
    """Let a server of wunder.toml, or the embedded one, play a role."""
    await asyncio.to_thread(cast_role, _file(here), wanted.role, wanted.server, wanted.model)
    return await _recast(here, request)


async def _recast(here: Here, request: Request) -> Casting:
    """After a change: the chat hears of it at once, processes that are begun from now on read the file."""
    salon: Salon = request.app.state.salon
    await salon.renew(_settings(here))
    return await asyncio.to_thread(_casting, here)


def _casting(here: Here) -> Casting:
    settings = _settings(here)
    named = {name: settings.server(name) for name in sorted({*settings.servers, EMBEDDED})}
    return Casting(
        file=str(here.office.config) if here.office.config else None,
        roles=tuple(
            Seat(key_env=(one.pop("key") or "").removeprefix("$") or None, set_by=one.pop("set by"), **one)
            for one in seats(settings)
        ),
        servers=tuple(
            KnownServer(
                name=public(name),
                address=public(server.url),
                key_env=server.key_env,
                key_set=_has_key(settings, name),
                vllm=server.vllm is not None,
            )
            for name, server in named.items()
        ),
        adapters=tuple(
            KnownAdapter(
                name=one.name, label=one.label, rank=one.rank, base=one.base, gguf=one.gguf is not None, job=one.job
            )
            for one in adapters.everything(settings.home)
        ),
    )


def _has_key(settings: Settings, name: str) -> bool | None:
    server = settings.server(name)
    if server.key_env is None:
        return None
    try:
        return settings.secret(server) is not None
    except ConfigError:
        return False


def _settings(here: Here) -> Settings:
    """What this application was started with, and on top what the settings file says by now."""
    if here.office.config is None:
        return here.settings
    fresh = load(here.office.config)
    servers, roles = {**here.settings.servers, **fresh.servers}, {**here.settings.roles, **fresh.roles}
    return here.settings.model_copy(update={"servers": servers, "roles": roles})


def _file(here: Here) -> Path:
    if here.office.config is None:
        raise ConfigError("there is no wunder.toml to write to: `wunder init` makes one, then start `wunder web` again")
    return here.office.config
