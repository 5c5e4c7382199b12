"""`wunder mcp`: the operations for an agent on this machine that starts us and speaks MCP over our terminal."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli.options import Config, Home, settings_of

if TYPE_CHECKING:
    from pathlib import Path

    from wunderkammer.agents.guide.tool import Bounds
    from wunderkammer.core.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(mcp)


def mcp(
    calls: Annotated[int, typer.Option(help="Ask before starting what may take more calls than this.", min=0)] = 200,
    minutes: Annotated[float, typer.Option(help="… or more minutes than this.", min=0)] = 10.0,
    config: Config = None,
    home: Home = None,
) -> None:
    """Serve the operations over MCP on standard input and output, for a desktop client that starts this command.

    `wunder web` serves the same at /mcp.

    \b
    wunder mcp
    wunder mcp --home ~/cabinet --calls 500
    """
    from wunderkammer.agents.guide.tool import Bounds

    asyncio.run(_serve(settings_of(config, home), config, Bounds(calls=calls, minutes=minutes)))


async def _serve(settings: Settings, config: Path | None, bounds: Bounds) -> None:
    from mcp.server.stdio import stdio_server

    from wunderkammer.apps.chat.office import Office
    from wunderkammer.apps.installation import ledger_address
    from wunderkammer.apps.mcp.server import make_server
    from wunderkammer.memory.ledger import joined

    settings.home.mkdir(parents=True, exist_ok=True)
    async with joined(ledger_address(settings)) as ledger, stdio_server() as (reading, writing):
        server = make_server(Office(settings, ledger, config), bounds)
        await server.run(reading, writing, server.create_initialization_options())
