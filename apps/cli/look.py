"""`wunder runs` and `report`: what came of it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli import catalogue, screen
from wunderkammer.apps.cli.listing import Listing
from wunderkammer.apps.cli.options import Config, Home, RunId, settings_of
from wunderkammer.apps.cli.screen import Json

if TYPE_CHECKING:
    from rich.console import RenderableType

    from wunderkammer.apps.summary import Summary
    from wunderkammer.memory.accounts import Spending
    from wunderkammer.memory.runs import Run

runs_app = typer.Typer(name="runs", cls=Listing, rich_markup_mode=None)


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(catalogue.app)
    app.add_typer(runs_app)
    app.command()(report)


# ---- runs ------------------------------------------------------------------------------------------------------------


@runs_app.callback(invoke_without_command=True)
def list_runs(context: typer.Context, as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """What was run, how it stands, how far it came, what it cost; newest first.

    \b
    wunder runs
    wunder runs show 4f1c
    wunder runs --json | jq '.[] | select(.status == "running") | .id'
    """
    if context.invoked_subcommand:
        return
    from wunderkammer.apps.installation import has_ledger, reading
    from wunderkammer.apps.summary import summaries
    from wunderkammer.memory.runs import all_runs

    settings = settings_of(config, home)
    found = []
    if has_ledger(settings):
        with reading(settings) as ledger:
            found = summaries(ledger, settings.home, all_runs(ledger))
    if as_json:
        screen.emit(found)
        return
    if not found:
        typer.echo(f"no runs in {settings.home} yet; begin with: wunder run rainbow-skills --preset cpu")
        return
    columns = ("run", "domain", "begun", "status", "steps", "cells", "calls", "tokens", "cost")
    screen.show(screen.table(columns, map(_run_row, found), numbers=columns[4:]))


def _run_row(run: Summary) -> tuple[object, ...]:
    cells = f"{run.filled}/{run.cells}" if run.cells else None
    steps = f"{run.steps}/{run.of}"
    return run.id, run.domain, _when(run.at), run.status, steps, cells, run.calls, run.tokens, run.cost


@runs_app.command("show")
def show_run(run: RunId = "latest", as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """One run in full: its plan, who played which role, what became of its slots, what each role cost.

    \b
    wunder runs show
    wunder runs show 4f1c --json | jq .plan
    """
    from dataclasses import asdict

    from wunderkammer.apps.installation import reading
    from wunderkammer.apps.summary import summary
    from wunderkammer.memory.accounts import spending
    from wunderkammer.memory.runs import find_run
    from wunderkammer.memory.slots import count_fates

    settings = settings_of(config, home)
    with reading(settings) as ledger:
        found = find_run(ledger, run)
        outline = summary(ledger, settings.home, found)
        counts = count_fates(ledger, found)
        spent = spending(ledger, found.id)
    seats = _seats(found)
    if as_json:
        plan = found.plan.model_dump(mode="json")
        spending_rows = [asdict(one) for one in spent]
        screen.emit({**outline.model_dump(), "plan": plan, "roles": seats, "fates": counts, "spending": spending_rows})
        return
    screen.show(
        screen.pairs(_run_lines(found, outline)),
        screen.table(("plan", "value"), _flat(found.plan.model_dump(mode="json"))),
        screen.table(("role", "server", "model", "temperature", "max_tokens"), _seat_rows(seats)),
        screen.table(("fate", "slots"), counts.items(), numbers=("slots",)),
        _spending_table(spent),
    )


def _run_lines(run: Run, outline: Summary) -> list[tuple[str, object]]:
    inherited = f"{run.parent} with its first {run.parent_slots} slots" if run.parent else None
    return [
        ("run", run.id),
        ("domain", run.domain),
        ("begun", _when(run.at)),
        ("status", f"{outline.status}: {outline.reason}" if outline.reason else outline.status),
        ("forked from", inherited),
        ("steps", f"{outline.steps} of {outline.of}"),
        ("cells", f"{outline.filled} of {outline.cells}" if outline.cells else None),
        ("plan", run.plan.id),
    ]


def _seats(run: Run) -> dict[str, dict[str, Any]]:
    from wunderkammer.core.settings import public

    return {role: {**seat, "server": public(str(seat.get("server", "")))} for role, seat in run.roles.items()}


def _seat_rows(seats: dict[str, dict[str, Any]]) -> list[tuple[object, ...]]:
    names = ("server", "model", "temperature", "max_tokens")
    return [(role, *(seat.get(name) for name in names)) for role, seat in seats.items()]


def _flat(values: dict[str, Any], before: str = "") -> list[tuple[str, object]]:
    """Nested values by dotted name, as `-o` and presets write them; what is not set is left out."""
    rows: list[tuple[str, object]] = []
    for name, value in values.items():
        if isinstance(value, dict):
            rows += _flat(value, f"{before}{name}.")
        elif value is not None:
            rows.append((f"{before}{name}", value))
    return rows


def _spending_table(spent: list[Spending]) -> RenderableType:
    rows = [
        (one.role, one.calls, one.errors, one.prompt_tokens, one.completion_tokens, one.cost, one.seconds / one.calls)
        for one in spent
    ]
    columns = ("role", "calls", "errors", "prompt", "completion", "cost", "mean seconds")
    return screen.table(columns, rows, numbers=columns[1:])


def _when(at: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(at))


# ---- reports ------------------------------------------------------------------------------------------------------


def report(
    run: RunId = "latest",
    out: Annotated[Path | None, typer.Option(help="Another folder than HOME/reports/RUN.", metavar="DIR")] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show the page in a browser.")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Write the report of a run, hardening or study: a page and a JSON file that need no network, and where they are.

    \b
    wunder report
    wunder report 4f1c --out reports --open
    """
    from wunderkammer.apps.installation import reading
    from wunderkammer.apps.reporting import write_for
    from wunderkammer.memory.undertakings import find_undertaking

    settings = settings_of(config, home)
    with reading(settings) as ledger:
        found = find_undertaking(ledger, run)
    files = write_for(settings, found, out)
    for file in files:
        print(file)
    page = next((file for file in files if file.suffix == ".html"), None)
    if open_it and page is not None:
        typer.launch(page.resolve().as_uri())
