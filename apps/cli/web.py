"""`wunder web`: the pages, `/api`, `/v1`, `/mcp` and metrics, served by one process."""

from __future__ import annotations

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
    listening = _listen(host, port)
    door, made_up = _door(settings, host, listening.getsockname()[1], token_file)
    where = f"http://{_shown(host)}:{door.port}"
    typer.echo(f"wunder web: {where}/   {settings.home}   Ctrl-C ends it")
    if made_up:
        typer.echo(f"token, for this time: {where}/login?token={door.token}")
    if open_it:
        typer.launch(f"{where}/login?token={door.token}" if made_up else f"{where}/")
    _serve(settings, door, config, listening)


def _listen(host: str, port: int) -> socket.socket:
    """A socket that is bound, before anything is opened or said."""
    try:
        family = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0][0]
        found = socket.socket(family, socket.SOCK_STREAM)
        found.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        found.bind((host, port))
        found.listen(2048)  # from here on nobody else can, though we answer only when all is loaded
    except socket.gaierror:
        raise ConfigError(f"--host {host!r} is no address of this machine") from None
    except OSError as fault:
        raise ConfigError(f"cannot listen at {host}:{port}: {fault.strerror or fault}; choose another --port") from None
    return found


def _door(settings: Settings, host: str, port: int, token_file: Path | None) -> tuple[Door, bool]:
    """What the door demands, and whether its token was made up now."""
    from wunderkammer.apps.web.door import LOOPBACK, Door

    token = settings.web.token.get_secret_value() if settings.web.token else None
    if token_file is not None:
        token = _read(token_file)
    made_up = token is None and host not in LOOPBACK
    return (
        Door(
            host=host,
            port=port,
            token=secrets.token_urlsafe(24) if made_up else token,
            names=frozenset({*settings.web.names, socket.gethostname()}),
            changes_per_minute=settings.web.changes_per_minute,
            costly_per_minute=settings.web.costly_per_minute,
        ),
        made_up,
    )


def _read(file: Path) -> str:
    try:
        token = file.read_text("utf-8").strip()
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"--token-file {file}: {fault}") from None
    if len(token) < 16:
        raise ConfigError(f"--token-file {file}: a token has at least 16 characters")
    return token


def _serve(settings: Settings, door: Door, config: Path | None, listening: socket.socket) -> None:
    import uvicorn

    from wunderkammer.apps.web.application import application

    server = uvicorn.Server(
        uvicorn.Config(
            application(settings, door, config),
            ws="none",
            log_level="warning",
            access_log=False,
            server_header=False,
            proxy_headers=False,  # who asks is counted by address: no header may say another
            timeout_graceful_shutdown=1,  # who follows the stream never ends by himself
        )
    )
    try:
        server.run(sockets=[listening])
    except KeyboardInterrupt:  # uvicorn raises again what it was ended by
        raise typer.Exit(0) from None


def _shown(host: str) -> str:
    name = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)
    return f"[{name}]" if ":" in name else name
