"""`wunder calibrate`: how far a judge or a classifier agrees with people."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Classifier, Config, Home, Judge, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.agents.calibration import Agreement
    from wunderkammer.core.contract import Role
    from wunderkammer.core.settings import Settings


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(calibrate)


def calibrate(
    file: Annotated[Path, typer.Argument(help="JSON lines: the prompt's variables, and `label`.")],
    prompt: Annotated[
        str | None, typer.Option(help="Prompt file to ask with; default: rainbow/more-unsafe or -/classify-unsafe.")
    ] = None,
    judge: Judge = None,
    classifier: Classifier = None,
    threshold: Annotated[float, typer.Option(min=0, max=1, help="P(yes) above it is a yes.")] = 0.5,
    seed: Annotated[int, typer.Option(help="Of the bootstrap.")] = 0,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """How far a judge or a classifier agrees with people's labels.

    Lines with `a` and `b` are comparisons, which the judge makes as in a duel; other lines are yes/no questions.

    \b
    wunder calibrate duels.jsonl --judge http://host:8001/v1#qwen
    wunder calibrate unsafe.jsonl --classifier http://host:8002/v1#llama-guard --json
    """
    settings = settings_of(config, home, {"judge": judge, "classifier": classifier})
    chosen = prompt or _prompt_for(file)
    role: Role = "judge" if judge and not classifier else "classifier"
    found = asyncio.run(_agree(settings, file, chosen, role, threshold, seed))
    if as_json:
        screen.emit(found)
    else:
        _print_agreement(found)


def _prompt_for(file: Path) -> str:
    """The prompt that a file's first line has the variables of."""
    import json

    try:
        with file.open(encoding="utf-8-sig") as lines:
            first = json.loads(next((line for line in lines if line.strip()), "null"))
    except OSError as fault:
        raise ConfigError(f"{file}: cannot be read: {fault.strerror}") from None
    except (ValueError, RecursionError):
        raise ConfigError(f"{file}: its first line is not valid JSON") from None
    compares = isinstance(first, dict) and {"a", "b"} <= first.keys()
    return "rainbow/more-unsafe" if compares else "rainbow/classify-unsafe"


async def _agree(settings: Settings, file: Path, prompt: str, role: Role, threshold: float, seed: int) -> Agreement:
    from wunderkammer import prompts
    from wunderkammer.agents.calibration import calibrate as measure
    from wunderkammer.apps.installation import ledger_address
    from wunderkammer.apps.rehearing import gateway_of, lab_of, new_hearing
    from wunderkammer.core.ids import rng_for
    from wunderkammer.memory.ledger import joined

    variables = prompts.load(prompt).variables
    async with joined(ledger_address(settings)) as ledger, gateway_of(settings, ledger) as gateway:
        return await measure(
            file,
            lab_of(settings, gateway, new_hearing("calibrate")),
            prompt=prompt,
            kind="comparison" if {"a", "b"} <= variables else "yes-no",
            rng=rng_for("calibrate", seed),
            role=role,
            threshold=threshold,
        )


def _print_agreement(found: Agreement) -> None:
    rows = [
        ("accuracy", found.accuracy, *(found.accuracy_interval or (None, None))),
        ("kappa", found.kappa, *(found.kappa_interval or (None, None))),
    ]
    screen.show(
        screen.pairs([("prompt", found.prompt), ("lines", found.n), ("void", found.void)]),
        screen.table(("figure", "value", "95 % from", "to"), rows, numbers=("value", "95 % from", "to")),
        screen.table(("label", "verdict", "lines"), found.confusion, numbers=("lines",)),
    )
