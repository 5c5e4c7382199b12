"""The command line: what there is to type, and how a fault becomes one clear line and exit code 2."""

from __future__ import annotations

import io
import sys
from typing import Annotated

import typer

from wunderkammer import __version__
from wunderkammer.apps.cli import (
    adapters,
    archive,
    chat,
    environments,
    findings,
    genie,
    groove,
    hardening,
    jobs,
    listing,
    look,
    mcp,
    models,
    openended,
    quantising,
    screen,
    searching,
    setup,
    studying,
    upsampling,
    video,
    vlm,
    web,
    worlds,
)
from wunderkammer.core.errors import WunderError

app = typer.Typer(
    name="wunder",
    cls=listing.Commands,
    no_args_is_help=True,
    pretty_exceptions_enable=False,  # a bug shows a plain traceback: rich ones print local values, keys among them
    context_settings={"help_option_names": ["-h", "--help"]},
    help="""Search for what you did not know about your models: an archive keeps the best find of every kind.

    Begin with `wunder run rainbow-skills --preset cpu`: about five minutes, no key, no GPU. `wunder web --open` shows
    it in a browser. Every command explains itself: `wunder COMMAND --help`.
    """,
    rich_markup_mode=None,
)


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"wunderkammer {__version__}")
        raise typer.Exit


@app.callback()
def _root(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which version this is.")
    ] = False,
) -> None: ...


PARTS = (
    searching,
    hardening,
    studying,
    quantising,
    upsampling,
    chat,
    web,
    mcp,
    look,
    openended,
    setup,
    models,
    adapters,
    jobs,
    environments,
)

for part in PARTS:
    part.add_to(app)
for name, group in (
    ("archive", archive),
    ("findings", findings),
    ("worlds", worlds),
    ("genie", genie),
    ("groove", groove),
    ("video", video),
    ("vlm", vlm),
):
    app.add_typer(group.app, name=name, cls=listing.Listing)


def main() -> None:
    """Entry point of `wunder`."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")  # a terminal that cannot show a character shows another
    try:
        app()
    except WunderError as fault:
        print(f"wunder: {screen.line(str(fault))}", file=sys.stderr)
        sys.exit(fault.exit_code)
    except BrokenPipeError:  # `wunder runs | head`
        sys.stderr.close()
        sys.exit(0)
