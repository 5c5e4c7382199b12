"""`wunder web`: the pages, `/api`, `/v1`, `/mcp` and metrics, served by one process."""

from __future__ import annotations

import gc
import secrets
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.apps.web.door import Door
    from wunderkammer.core.settings import Settings

PORT = 8700


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(web)


def web(
    host: Annotated[str, typer.Option(help="Address to listen at; other than loopback, a token is asked for.")] = (
        "127.0.0.1"
    ),
    port: Annotated[int, typer.Option(min=0, max=65535, help="0: a free one.")] = PORT,
    open_it: Annotated[bool, typer.Option("--open", help="Show it in a browser.")] = False,
    token_file: Annotated[
        Path | None, typer.Option(help="Where the token stands; default: $WUNDER_WEB__TOKEN.", metavar="FILE")
    ] = None,
    calls: Annotated[int, typer.Option(help="Ask before starting what may take more calls than this.", min=0)] = 200,
    minutes: Annotated[float, typer.Option(help="… or more minutes than this.", min=0)] = 10.0,
    config: Config = None,
    home: Home = None,
) -> None:
    """Serve the pages: watch, steer and start runs, chat, and be called by other programs. Ctrl-C ends it.

    \b
    wunder web --open
    wunder web --port 8080 --home /data/wunder
    wunder web --host 0.0.0.0 --token-file ~/.wunder-token
    curl -H "authorization: Bearer $TOKEN" http://host:8700/api/runs
    """
    settings = settings_of(config, home)
    token, made_up = _token(settings, host, token_file)
    listening = _listen(host, port)
    door = _door(settings, host, listening.getsockname()[1], token)
    where = f"http://{_shown(host)}:{door.port}"
    typer.echo(f"wunder web: {where}/   {settings.home}   Ctrl-C ends it")
    if made_up:
        typer.echo(f"token, for this time: {where}/login?token={door.token}")
    if open_it:
        typer.launch(f"{where}/login?token={door.token}" if made_up else f"{where}/")
    _serve(settings, door, config, listening, calls, minutes)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that is bound, before anything is opened or said."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
    except socket.gaierror:
        raise ConfigError(f"--host {host!r} is no address of this machine") from None
    found = socket.socket(family, socket.SOCK_STREAM)
    try:
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)  # from here on nobody else can, though we answer only when all is loaded
    except OSError as fault:
        found.close()
        raise ConfigError(f"cannot listen at {host}:{port}: {fault.strerror or fault}; choose another --port") from None
    return found


def _token(settings: Settings, host: str, file: Path | None) -> tuple[str | None, bool]:
    """What is asked of those who come, and whether it was made up now; None: nothing."""
    from wunderkammer.apps.web.door import LOOPBACK

    if file is not None:
        return _read(file), False
    if settings.web.token is not None:
        return settings.web.token.get_secret_value(), False
    return (None, False) if host in LOOPBACK else (secrets.token_urlsafe(24), True)


def _door(settings: Settings, host: str, port: int, token: str | None) -> Door:
    from wunderkammer.apps.web.door import Door

    return Door(
        host=host,
        port=port,
        token=token,
        names=frozenset({*settings.web.names, socket.gethostname()}),
        changes_per_minute=settings.web.changes_per_minute,
        costly_per_minute=settings.web.costly_per_minute,
    )


def _read(file: Path) -> str:
    try:
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"--token-file {file}: {fault}") from None
    if len(token) < 16:
        raise ConfigError(f"--token-file {file}: a token has at least 16 characters")
    return token


def _serve(
    settings: Settings, door: Door, config: Path | None, listening: socket.socket, calls: int, minutes: float
) -> None:
    from wunderkammer.agents.guide.tool import Bounds
    from wunderkammer.apps.web.application import application
    from wunderkammer.apps.web.serving import server

    try:
        server(application(settings, door, config, Bounds(calls=calls, minutes=minutes))).run(sockets=[listening])
    except KeyboardInterrupt:  # uvicorn raises again what it was ended by
        raise typer.Exit(0) from None
    finally:
        gc.freeze()  # else Python looks through every module that was ever loaded before it ends: over a second


def _shown(host: str) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{name}]" if ":" in name else name
