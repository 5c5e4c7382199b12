"""`wunder replay`, `wunder reevaluate` and `wunder transfer`: what was found, looked at once more."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, RunId, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.apps.rehearing import Take
    from wunderkammer.apps.replay import Replay
    from wunderkammer.apps.transfer import Column, Transfer

Targets = Annotated[
    list[str] | None,
    typer.Option("--target", help="Who is tested; may be repeated. http://host:8000/v1#MODEL, …", metavar="ADDRESS"),
]


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.command()(replay)
    app.command()(reevaluate)
    app.command()(transfer)


# ---- replay ----------------------------------------------------------------------------------------------------------


def replay(
    candidate: Annotated[str, typer.Argument(help="Beginning of a candidate's id, as `wunder archive show` has it.")],
    target: Targets = None,
    times: Annotated[int, typer.Option("--times", "-n", min=1, max=1000, help="Evaluations per target.")] = 1,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Evaluate a stored candidate again and show what is stored beside what came now.

    Without --target it is put to the target of its run. Nothing but the calls is written down.

    \b
    wunder replay 4f1c22
    wunder replay 4f1c22 --target http://host:8000/v1#llama-3-8b --target local#qwen --times 8
    """
    import asyncio

    from wunderkammer.apps.cli.progress import ticking
    from wunderkammer.apps.replay import replay as play

    settings = settings_of(config, home)
    with ticking("evaluations", times * max(1, len(target or []))) as tick:
        found = asyncio.run(play(settings, candidate, target or [], times, tick))
    if as_json:
        screen.emit(_replay_plain(found))
    else:
        _print_replay(found)
    _end(next((again.takes.end for again in found.again if again.takes.end), ""))


def _print_replay(found: Replay) -> None:
    from wunderkammer.apps.rehearing import Take

    stored = Take(found.entry.outcome)
    rows = [("stored", found.stored_target, *_figures(stored))]
    for again in found.again:
        rows += [(str(place + 1), again.target, *_figures(take)) for place, take in again.takes.by_place.items()]
    screen.show(
        screen.pairs([("candidate", found.entry.candidate.id), ("run", found.run.id), ("text", found.text)]),
        screen.table(("take", "target", "fitness", "score", "cell", "response"), rows, numbers=("fitness", "score")),
    )
    for again in found.again:
        if len(again.takes.by_place) > 1 and again.fitness is not None:
            print(f"mean fitness on {screen.line(again.target)}: {again.fitness:.4g}")


def _figures(take: Take) -> tuple[object, ...]:
    outcome = take.outcome
    if outcome is None:
        return None, None, None, screen.line(f"fault: {take.fault}", 120)
    words = outcome.notes.get("response") or outcome.notes.get("answer") or ""
    said = f"error: {outcome.error}" if outcome.error else words
    cell = " × ".join(outcome.cell) if outcome.cell else None
    return outcome.fitness, outcome.score, cell, screen.line(said, 120)


def _replay_plain(found: Replay) -> dict[str, Any]:
    return {
        "candidate": found.entry.candidate.id,
        "run": found.run.id,
        "text": found.text,
        "stored": {"target": found.stored_target, "outcome": found.entry.outcome},
        "again": [
            {
                "target": again.target,
                "hearing": again.hearing,
                "fitness": again.fitness,
                "takes": [{"outcome": t.outcome, "fault": t.fault} for t in again.takes.by_place.values()],
                "end": again.takes.end,
            }
            for again in found.again
        ],
    }


# ---- reevaluate ------------------------------------------------------------------------------------------------------


def reevaluate(
    run: RunId = "latest",
    times: Annotated[int, typer.Option("--times", "-n", min=1, max=4096, help="Draws for each figure.")] = 64,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Evaluate the elites of a run again with fresh draws, to see how much of their worth was luck.

    For domains that evaluate by chance.

    An archive keeps the luckiest looks; this says how much of it is left. The figures are kept under HOME/reports,
    where the report finds them.

    \b
    wunder reevaluate
    wunder reevaluate 4f1c22 --times 256
    """
    import asyncio

    from wunderkammer.apps.cabinet import open_cabinet
    from wunderkammer.apps.cli.progress import ticking
    from wunderkammer.apps.installation import reading
    from wunderkammer.apps.reevaluation import place_of
    from wunderkammer.apps.reevaluation import reevaluate as look

    settings = settings_of(config, home)
    with reading(settings) as ledger:
        elites = len(open_cabinet(ledger, run).archive)
    with ticking("elites", elites) as tick:
        found = asyncio.run(look(settings, run, times, tick))
    if as_json:
        screen.emit(found)
    else:
        means = (("as found", found.stored), ("again", found.again), ("too high by", found.gap))
        rows = [(name, f"{one.mean:.3f}", f"{one.low:.3f} to {one.high:.3f}", one.n) for name, one in means]
        screen.show(screen.table(("mean fitness", "mean", "95 % interval", "of"), rows, numbers=("mean", "of")))
        print(f"kept in {place_of(settings.home, found)}")
    _end(found.end)


# ---- transfer --------------------------------------------------------------------------------------------------------


def transfer(
    run: RunId = "latest",
    target: Targets = None,
    evaluator: Annotated[
        str | None, typer.Option(help="Who says what a success is; default: what the search ranks by.")
    ] = None,
    threshold: Annotated[float | None, typer.Option(help="From which figure on; default: the evaluator's.")] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Put the elites of a run to several targets and say how many succeed there.

    What the archive itself holds is the best of several looks and too high: name its own target too for a fair
    comparison. The figures are kept under HOME/reports, where the report finds them. Ctrl-C keeps what was measured.

    \b
    wunder transfer --target http://host:8000/v1#llama-3-8b --target http://host:8000/v1#qwen
    """
    import asyncio

    from wunderkammer.apps.cabinet import open_cabinet
    from wunderkammer.apps.cli.progress import ticking
    from wunderkammer.apps.installation import reading
    from wunderkammer.apps.transfer import keep_transfer, place_of
    from wunderkammer.apps.transfer import transfer as carry

    if not target:
        raise ConfigError("name at least one target: --target http://host:8000/v1#MODEL")
    settings = settings_of(config, home)
    with reading(settings) as ledger:
        elites = len(open_cabinet(ledger, run).archive)

    def keep(found: Transfer) -> None:
        keep_transfer(settings.home, found)

    with ticking("elites", elites * len(target)) as tick:
        work = carry(settings, run, target, evaluator=evaluator, threshold=threshold, tick=tick, keep=keep)
        found = asyncio.run(work)
    if as_json:
        screen.emit(found)
    else:
        rows = [_column_row("as found", found.stored), *(_column_row("", column) for column in found.columns)]
        columns = ("", "target", "success", "95 % interval", "of", "void", "errors")
        screen.show(screen.table(columns, rows, numbers=("success", "of", "void", "errors")))
        print(f"success: {found.evaluator.rule}; kept in {place_of(settings.home, found)}")
    _end(next((column.end for column in found.columns if column.end), ""))


def _column_row(name: str, column: Column) -> tuple[object, ...]:
    rate = column.rate
    if rate is None:
        return name, column.target, None, None, 0, column.void, column.errors
    span = f"{rate.low:.2f} to {rate.high:.2f}"
    return name, column.target, f"{rate.rate:.0%}", span, rate.n, column.void, column.errors


def _end(why: str) -> None:
    """Say so where the work ended before its time; what was measured has been shown."""
    from wunderkammer.apps.rehearing import INTERRUPTED

    if why == INTERRUPTED:
        raise typer.Exit(130)
    if why:
        raise ConfigError(screen.line(f"ended early: {why}"))
