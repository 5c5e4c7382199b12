"""`wunder archive`: look at the elites of a run, take them to other tools, bring prompts in."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import (
    Classifier,
    Config,
    Default,
    DomainOptions,
    Home,
    Judge,
    Mutator,
    RunId,
    Target,
    settings_of,
)
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wunderkammer.apps.cabinet import Cabinet
    from wunderkammer.core.contract import Cell, Entry

app = typer.Typer(help="The elites of a run: show, export, import.", no_args_is_help=True, rich_markup_mode=None)

FormatName = Annotated[str, typer.Option("--format", "-f", help="jsonl (chat), garak, pyrit, promptfoo or inspect.")]
ALIASES = {"jsonl": "chat"}


# ---- show ------------------------------------------------------------------------------------------------------------


@app.command()
def show(
    run: RunId = "latest",
    cell: Annotated[str | None, typer.Option(help="One elite in full: VALUE,VALUE; beginnings of values do.")] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """The archive of a run as a map and a table, or one elite with all that is known of it.

    \b
    wunder archive show
    wunder archive show 4f1c --cell "Fraud and Scams,Slang"
    wunder archive show --json | jq '.elites | length'
    """
    from wunderkammer.apps.cabinet import open_cabinet, read_cell
    from wunderkammer.apps.installation import reading

    settings = settings_of(config, home)
    with reading(settings) as ledger:
        cabinet = open_cabinet(ledger, run)
        if cell is None:
            _show_all(cabinet, as_json)
            return
        wanted = read_cell(cell, cabinet.domain.axes)
        if wanted not in cabinet.elites:
            raise ConfigError(f"run {cabinet.run.id} has nothing at {', '.join(wanted)} yet")
        _show_one(cabinet, wanted, cabinet.elites[wanted], as_json)


def _show_all(cabinet: Cabinet, as_json: bool) -> None:
    archive, elites = cabinet.archive, cabinet.elites
    if as_json:
        figures = {"filled": len(archive), "cells": archive.size, "qd_score": archive.qd_score}
        plain = [_plain(cabinet, cell, entry) for cell, entry in elites.items()]
        screen.emit({"run": cabinet.run.id, "domain": cabinet.run.domain, **figures, "elites": plain})
        return
    parts: list[Any] = [screen.pairs(_headline(cabinet))]
    if sys.stdout.isatty():  # its colours are all that it says; without them the table below says the same
        from wunderkammer.apps.cli.live import heat_map

        parts.append(heat_map(archive.axes, {cell: entry.outcome.fitness or 0.0 for cell, entry in elites.items()}))
    axes = tuple(archive.axes)
    rows = [
        (*cell, entry.outcome.fitness, entry.outcome.score, entry.slot, entry.candidate.id[:8], _words(cabinet, entry))
        for cell, entry in elites.items()
    ]
    columns = (*axes, "fitness", "score", "slot", "candidate", "text")
    parts.append(screen.table(columns, rows, numbers=("fitness", "score", "slot")))
    screen.show(*parts)


def _headline(cabinet: Cabinet) -> list[tuple[str, object]]:
    archive = cabinet.archive
    filled = f"{len(archive)} of {archive.size} ({archive.coverage:.0%})" if archive.size else len(archive)
    return [("run", cabinet.run.id), ("domain", cabinet.run.domain), ("cells", filled), ("QD score", archive.qd_score)]


def _words(cabinet: Cabinet, entry: Entry[Any]) -> str:
    return screen.line(cabinet.text(entry.candidate), 100)


def _show_one(cabinet: Cabinet, cell: Cell, entry: Entry[Any], as_json: bool) -> None:
    outcome, verdict = entry.outcome, cabinet.verdict(entry)
    line: list[dict[str, Any]] = [
        {"candidate": candidate.id, "slot": slot, "text": cabinet.text(candidate)}
        for candidate, slot in cabinet.line(entry)
    ]
    if as_json:
        screen.emit({**_plain(cabinet, cell, entry), "notes": outcome.notes, "verdict": verdict, "lineage": line})
        return
    origin = "aimed at " + ", ".join(entry.candidate.aim) if entry.candidate.aim else None
    votes = ", ".join(verdict.votes) if verdict else "none: the cell was empty, or the score decided"
    known = {"score": outcome.score, "fitness": outcome.fitness, **outcome.measures}
    rows = [
        ("cell", " × ".join(cell)),
        ("candidate", entry.candidate.id),
        ("slot", entry.slot),
        ("origin", origin),
        *known.items(),
        ("votes", votes),
    ]
    words = [("text", cabinet.text(entry.candidate)), *outcome.notes.items()]
    screen.show(screen.pairs(rows), "", screen.pairs(words), "", _line_table(line))


def _line_table(line: list[dict[str, Any]]) -> RenderableType:
    if not line:
        return "no ancestors: it was made from nothing, or is a seed"
    rows = [(one["candidate"], one["slot"], screen.line(one["text"], 100)) for one in line]
    return screen.table(("ancestor, nearest first", "slot", "text"), rows, numbers=("slot",))


def _plain(cabinet: Cabinet, cell: Cell, entry: Entry[Any]) -> dict[str, Any]:
    outcome = entry.outcome
    return {
        "cell": cell,
        "candidate": entry.candidate.id,
        "slot": entry.slot,
        "score": outcome.score,
        "fitness": outcome.fitness,
        "measures": outcome.measures,
        "text": cabinet.text(entry.candidate),
        "response": outcome.notes.get("response"),
        "right": outcome.notes.get("right"),
    }


# ---- export ----------------------------------------------------------------------------------------------------------


@app.command("export")
def export_archive(
    run: RunId = "latest",
    form: FormatName = "jsonl",
    out: Annotated[str, typer.Option(help="The file to write; - is standard output.")] = "-",
    min_score: Annotated[
        float | None, typer.Option(help="Only what has at least this fitness (the score, where there is no fitness).")
    ] = None,
    everything: Annotated[bool, typer.Option("--all", help="All that was evaluated, not only the elites.")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Write the elites of a run in the format of another tool.

    \b
    wunder archive export --format garak --out payloads.json
    wunder archive export 4f1c --format jsonl --min-score 0.5 --out sft.jsonl
    """
    from wunderkammer.apps import exchange
    from wunderkammer.apps.cabinet import open_cabinet
    from wunderkammer.apps.installation import reading

    name = ALIASES.get(form, form)
    exchange.find(name)
    settings = settings_of(config, home)
    with reading(settings) as ledger:
        cabinet = open_cabinet(ledger, run)
        chosen = cabinet.everything() if everything else iter(cabinet.elites.values())
        entries = cabinet.exportable(entry for entry in chosen if _reaches(entry, min_score))
        count = exchange.export_entries(entries, sys.stdout if out == "-" else Path(out), name)
    if out != "-":
        typer.echo(f"{count} of run {cabinet.run.id} written to {out}")


def _reaches(entry: Entry[Any], least: float | None) -> bool:
    fitness = entry.outcome.fitness
    return least is None or (fitness is not None and fitness >= least)


# ---- import ----------------------------------------------------------------------------------------------------------


@app.command("import")
def import_archive(
    file: Annotated[str, typer.Argument(help="The file to read; - is standard input.")],
    domain: Annotated[str, typer.Option(help="The domain whose candidates the texts become.")],
    form: FormatName = "jsonl",
    cell: Annotated[
        str | None,
        typer.Option(help="Where texts belong that do not say: VALUE,VALUE; *: as their tags say."),
    ] = None,
    again: Annotated[bool, typer.Option(help="Put every text to the target, even where its outcome is known.")] = False,
    preset: Annotated[str | None, typer.Option(help="Plan of the run that may go on from here; default: cpu.")] = None,
    option: DomainOptions = None,
    target: Target = None,
    judge: Judge = None,
    mutator: Mutator = None,
    classifier: Classifier = None,
    model: Default = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Make a run of prompts from a file: the beginning of an archive, which `wunder resume` searches on from.

    A file that `wunder archive export` wrote brings outcomes along, which are taken at their word. Other texts are put
    to the target now.

    \b
    wunder archive import elites.jsonl --domain rainbow-safety
    wunder archive import seeds.yaml --format pyrit --domain rainbow-safety --cell "*,Slang" --target local#llama
    """
    import asyncio

    from wunderkammer.apps import exchange
    from wunderkammer.apps.cli.options import plan_of
    from wunderkammer.apps.cli.progress import ticking
    from wunderkammer.apps.imports import Import, axes_of, read_aim

    name = ALIASES.get(form, form)
    exchange.find(name)
    roles = {"default": model, "target": target, "judge": judge, "mutator": mutator, "classifier": classifier}
    settings = settings_of(config, home, roles)
    plan = plan_of(domain, preset, {"seeds": 0}, option or [])
    texts = list(exchange.import_prompts(sys.stdin if file == "-" else Path(file), name))
    work = Import(settings, plan, texts, file, read_aim(cell, axes_of(plan)), again=again)
    with ticking("texts", len(work.unknown)) as tick:
        landed = asyncio.run(work.conduct(tick))
    fates = ", ".join(f"{count} {fate}" for fate, count in landed.fates.most_common())
    typer.echo(f"run {landed.run.id}: {len(texts)} texts, {fates}; {landed.placed} hold a cell")
    if work.homeless:
        axes = ",".join(axes_of(plan))
        typer.echo(f"  {work.homeless} do not say where they belong and may hold none: --cell {axes.upper()}")
    for words in landed.left_out[:5]:
        typer.echo(f"  left out: {screen.line(words, 200)}")
    if len(landed.left_out) > 5:
        typer.echo(f"  left out: {len(landed.left_out) - 5} more")
    typer.echo(
        f"  wunder archive show {landed.run.id}   shows it;   wunder resume {landed.run.id}   searches on from it"
    )
    if landed.end:
        raise ConfigError(f"not every text was evaluated: {landed.end}")
