"""`wunder models`: who plays which role, and what it says when asked. Registers its kin: all that asks models."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli import again, calibrating, rehearsing, screen
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.core.contract import Role
    from wunderkammer.core.settings import Settings

models_app = typer.Typer(name="models", rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(models_app)
    for part in (again, rehearsing, calibrating):
        part.add_to(app)


@models_app.callback(invoke_without_command=True)
def list_models(context: typer.Context, as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """Which server and model plays which role. Nobody is asked; `wunder doctor` does that.

    \b
    wunder models
    wunder models test judge
    """
    if context.invoked_subcommand:
        return
    from wunderkammer.core.settings import ROLES

    settings = settings_of(config, home)
    found = [_seat(settings, role) for role in ROLES]
    if as_json:
        screen.emit(found)
        return
    columns = ("role", "server", "address", "model", "temperature", "max_tokens", "key", "set by")
    rows = [tuple(seat[name] for name in columns) for seat in found]
    screen.show(screen.table(columns, rows, numbers=("temperature", "max_tokens")))


def _seat(settings: Settings, role: str) -> dict[str, Any]:
    from wunderkammer.core.settings import public

    seat, server = settings.role(role), settings.server(settings.role(role).server)
    named = [name for name in (role, "default") if name in settings.roles]
    return {
        "role": role,
        "server": public(seat.server),
        "address": public(server.url),
        "model": seat.model,
        "temperature": seat.temperature,
        "max_tokens": seat.max_tokens,
        "key": f"${server.key_env}" if server.key_env else None,
        "set by": f"roles.{named[0]}" if named else "nobody: the embedded model",
    }


@models_app.command("test")
def ask_role(
    role: Annotated[str, typer.Argument(help="mutator, target, judge, …: see `wunder models`.")],
    words: Annotated[str, typer.Option("--say", help="What to say to it.")] = "Say hello in five words.",
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """One question to whoever plays a role: the reply, how long it took, how many tokens.

    \b
    wunder models test target
    wunder models test judge --say "Is water wet? Answer yes or no."
    """
    settings = settings_of(config, home)
    found = asyncio.run(_ask_once(settings, _role(role), words))
    if as_json:
        screen.emit(found)
    else:
        screen.show(screen.pairs(found.items()))


def _role(name: str) -> Role:
    from typing import cast

    from wunderkammer.core.settings import ROLES

    if name not in ROLES:
        raise ConfigError(f"unknown role {name!r}: one of {', '.join(ROLES)}")
    return cast("Role", name)


async def _ask_once(settings: Settings, role: Role, words: str) -> dict[str, Any]:
    import time

    from wunderkammer.apps.installation import ledger_address
    from wunderkammer.apps.rehearing import afresh, gateway_of
    from wunderkammer.core.contract import Message
    from wunderkammer.memory.ledger import joined
    from wunderkammer.models.ask import Ask

    async with joined(ledger_address(settings)) as ledger, gateway_of(afresh(settings), ledger) as gateway:
        if role == "embedder":
            began = time.monotonic()
            (vector,) = await gateway.embed([words])
            return {"role": role, "dimension": len(vector), "seconds": time.monotonic() - began}
        call = (await gateway.complete(Ask(role=role, messages=(Message(role="user", content=words),)))).call
    return {
        "role": role,
        "server": call.server,
        "model": call.model,
        "seconds": call.seconds,
        "prompt tokens": call.prompt_tokens,
        "completion tokens": call.completion_tokens,
        "cost": call.cost,
        "attempts": call.attempts,
        "reply": call.texts[0],
    }
