"""`wunder models`: who plays which role, and what it says when asked. Registers its kin: all that asks models."""

from __future__ import annotations

import asyncio
from typing import Annotated, Any

import typer

from wunderkammer.apps.cli import again, calibrating, rehearsing, screen
from wunderkammer.apps.cli.listing import Listing
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json

models_app = typer.Typer(name="models", cls=Listing, rich_markup_mode=None)


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
    from wunderkammer.apps.casting import seats

    found = seats(settings_of(config, home))
    if as_json:
        screen.emit(found)
        return
    columns = ("role", "server", "address", "model", "temperature", "max_tokens", "key", "set by")
    rows = [tuple(seat[name] for name in columns) for seat in found]
    screen.show(screen.table(columns, rows, numbers=("temperature", "max_tokens")))


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
    from wunderkammer.apps.audition import ask_once
    from wunderkammer.apps.casting import known_role
    from wunderkammer.apps.installation import ledger_address
    from wunderkammer.memory.ledger import joined

    settings, who = settings_of(config, home), known_role(role)

    async def go() -> dict[str, Any]:
        async with joined(ledger_address(settings)) as ledger:
            return await ask_once(settings, ledger, who, words)

    found = asyncio.run(go())
    if as_json:
        screen.emit(found)
    else:
        screen.show(screen.pairs(found.items()))
