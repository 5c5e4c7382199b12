"""`wunder init` and `wunder doctor`: write the settings down, and find out whether a run could start."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli import memory, screen
from wunderkammer.apps.cli.options import Home
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.apps.doctor import Diagnosis
    from wunderkammer.apps.rollcall import Seating

MARKS = {"good": "ok", "note": "-", "bad": "BAD"}

Where = Annotated[
    Path | None,
    typer.Option("--config", "-c", envvar="WUNDER_CONFIG", help="wunder.toml; default: the nearest one upwards."),
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(init)
    app.command()(doctor)
    app.add_typer(memory.app)


def init(
    folder: Annotated[Path, typer.Argument(help="Where to write it.")] = Path(),
    model: Annotated[
        str | None, typer.Option(help="Who plays every role: http://host:8000/v1#MODEL.", metavar="ADDRESS")
    ] = None,
    force: Annotated[bool, typer.Option("--force", help="Write over a file that is there.")] = False,
) -> None:
    """Write a commented wunder.toml: servers, roles, prices, budget, embedder, home.

    \b
    wunder init
    wunder init --model http://host:8000/v1#llama-3-8b
    """
    from wunderkammer.core.settings import FILE_NAME

    file = folder / FILE_NAME
    words = _settings_text(model)
    try:
        with file.open("w" if force else "x", encoding="utf-8") as out:
            out.write(words)
    except FileExistsError:
        raise ConfigError(f"{file} is there already; --force writes over it") from None
    except OSError as fault:
        raise ConfigError(f"{file}: cannot be written: {fault.strerror}") from None
    todo = f"every role is played by {model}; try it with" if model else "put your servers into it, then"
    typer.echo(f"{file} written; {todo}: wunder doctor")


def _settings_text(address: str | None) -> str:
    from importlib.resources import files

    from jinja2 import Environment

    from wunderkammer.core.settings import ServerSettings, checked

    url, _, model = (address or "").partition("#")
    if address:
        checked(ServerSettings, {"url": url}, "--model")
        if "@" in url:
            raise ConfigError("--model: a password does not belong into a file; name a variable under key_env")
    template = files("wunderkammer.apps").joinpath("templates", "wunder.toml.j2").read_text("utf-8")
    page = Environment(trim_blocks=True, autoescape=False, keep_trailing_newline=True)  # TOML, not HTML
    return page.from_string(template).render(url=url, model=model or "default")


def doctor(
    as_json: Json = False,
    when: Annotated[
        str, typer.Option("--probe", help="auto: ask what a server can do where that is not remembered; always; never.")
    ] = "auto",
    config: Where = None,
    home: Home = None,
) -> None:
    """Look at everything that a run needs: packages, GPU, disk, ledger, servers, keys, models and what they can do.

    Exit code 0 when a run could start, else 2 and the line that says what to mend.

    \b
    wunder doctor
    wunder doctor --json | jq '.seatings[] | {model, abilities}'
    """
    import asyncio

    from wunderkammer.apps.doctor import diagnose

    if when not in ("auto", "always", "never"):
        raise ConfigError(f"--probe {when!r}: one of auto, always, never")
    found = asyncio.run(diagnose(config, home, Path.cwd(), when))  # type: ignore[arg-type]
    if as_json:
        screen.emit({"ready": found.ready, "faults": found.faults, **found.model_dump(mode="json")})
    else:
        _print(found)
    if not found.ready:
        raise ConfigError(screen.line(found.faults[0]))


def _print(found: Diagnosis) -> None:
    rows = [(MARKS[check.state], check.part, check.said, check.mend) for check in found.checks]
    screen.show(screen.table(("", "what", "found", "to mend it"), rows))
    if found.seatings:
        columns = ("", "roles", "server", "model", "key", "answers", "listed", "can")
        screen.show(screen.table(columns, map(_seating_row, found.seatings)))
    for seating in found.seatings:
        if seating.fault:
            print(screen.line(f"{', '.join(seating.roles)}: {seating.fault}"))
    print("a run can start" if found.ready else "a run cannot start")


def _seating_row(one: Seating) -> tuple[object, ...]:
    mark = MARKS["good" if not one.fault else "bad" if one.needed else "note"]
    key = None if one.key_env is None else f"${one.key_env}" + ("" if one.key_set else " (not set)")
    can = ", ".join(
        name if value is True else f"{name} {value}" for name, value in one.abilities.items() if value not in (False, 0)
    )
    return mark, ", ".join(one.roles), one.address, one.model, key, one.reachable, one.listed, can
