"""`wunder setup`: make the virtual environment that jobs of a kind run in."""

from __future__ import annotations

from typing import Annotated

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, settings_of


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(setup)


def setup(
    name: Annotated[
        str,
        typer.Argument(help="finetune (for `harden`), quantise, video (for `genie`), procgen, vllm or another extra."),
    ],
    python: Annotated[str | None, typer.Option(help="The Python to make it with; default: our own.")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Install what training, quantising or vLLM needs into an environment of its own, once.

    Killed half way, it begins again.

    \b
    wunder setup finetune
    wunder setup finetune --python python3.12
    """
    from wunderkammer.jobs.environments import make

    settings = settings_of(config, home)
    made = make(settings.home, name, python=python, tell=lambda words: print(screen.line(words, 160), flush=True))
    print(f"jobs of environment {name} run with {made}")
