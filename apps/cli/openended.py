"""`wunder openended`: whether a run is open-ended, for whom, and beside another run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, RunId, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from wunderkammer.apps.openended import Watch
    from wunderkammer.core.settings import Settings
    from wunderkammer.memory.ledger import Ledger
    from wunderkammer.memory.openendedness.observer import Observer
    from wunderkammer.memory.openendedness.verdict import Verdict
    from wunderkammer.memory.runs import Run

Observers = Annotated[
    list[str] | None,
    typer.Option(
        "--observer",
        help="compressor, linear, echo, kernel, or language=ADDRESS (http://host:8000/v1#MODEL, of a server that "
        "gives log-probabilities of prompts, as vLLM does; or a transformers folder); again for more. "
        "Default: compressor and linear.",
    ),
]


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(openended)


def openended(
    run: RunId = "latest",
    observer: Observers = None,
    compare: Annotated[str | None, typer.Option(help="Another run, to set beside it.", metavar="RUN")] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Whether a run's artifacts stay new and can be learnt from: the two together are open-endedness.

    A verdict holds for one observer and one stretch: the whole run, and its second half. Of a run that is at work it
    holds so far; of an autonomous run, each search has its own.

    \b
    wunder openended
    wunder openended 4f1c --observer compressor --observer echo
    wunder openended 4f1c --compare 90ab
    """
    import asyncio

    from wunderkammer.apps.openended import LEAST
    from wunderkammer.memory.openendedness.observers import DEFAULT

    settings = settings_of(config, home)
    names = observer or list(DEFAULT)
    found = asyncio.run(_watched(settings, [run, *([compare] if compare else [])], names))
    if as_json:
        screen.emit([{"run": name, "watches": watches} for name, watches in found])
        return
    rows = [
        (name, *_row(one, part))
        for place in range(len(names))
        for name, watches in found
        if watches
        for one, part in ((watches[place].whole, "whole"), (watches[place].lately, "second half"))
    ]
    columns = ("run", "observer", "stretch", "verdict", "novelty", "p", "learnability", "p", "artifacts")
    if rows:
        screen.show(screen.table(columns, rows, numbers=("novelty", "p", "learnability", "artifacts")))
    for name, watches in found:
        for one in watches:
            print(f"{name}: {one.whole.sentence}")
        if not watches:
            print(f"{name}: it has made too little to say, fewer than {LEAST} artifacts")
    if rows:
        print("novelty, learnability: effects in standard deviations of an artifact's loss; p is corrected")


def _row(one: Verdict, part: str) -> tuple[object, ...]:
    label = f"{one.label}: about {one.needed} needed" if one.needed else one.label
    novelty, learnability = one.novelty, one.learnability
    count = one.end - one.start
    return one.observer, part, label, novelty.effect, novelty.p, learnability.effect, learnability.p, count


def _searches(ledger: Ledger, name: str) -> list[Run]:
    """The run that a name means, or all searches of the autonomous run that it means."""
    from wunderkammer.apps.autonomy.report import searches_of
    from wunderkammer.memory.runs import Run, find_run
    from wunderkammer.memory.undertakings import find_undertaking
    from wunderkammer.memory.ventures import Venture

    found = find_undertaking(ledger, name)
    if isinstance(found, Run):
        return [found]
    if isinstance(found, Venture) and found.kind == "autonomous":
        if searches := searches_of(ledger, found):
            return searches
        raise ConfigError(f"autonomous run {found.id} has searched nothing yet")
    return [find_run(ledger, name)]  # of a study there is none, and `latest` then means the latest search


async def _watched(settings: Settings, runs: Sequence[str], names: Sequence[str]) -> list[tuple[str, list[Watch]]]:
    from contextlib import AsyncExitStack

    from wunderkammer.apps.installation import make_domain, reading
    from wunderkammer.apps.observing import language
    from wunderkammer.apps.openended import Told, watch_aside
    from wunderkammer.memory.embedders import choose
    from wunderkammer.memory.openendedness.observers import observer, sees_vectors

    found = []
    async with AsyncExitStack() as stack:
        watchers: list[Observer] = []
        for name in names:
            kind, _, address = name.partition("=")
            if kind != "language":
                watchers.append(observer(name))
                continue
            watchers.append(stack.enter_context(language(settings, address)))
        ledger = stack.enter_context(reading(settings))
        embedder = None
        if any(sees_vectors(one) for one in watchers):
            ask = None
            if settings.embedder == "server":
                from wunderkammer.apps.rehearing import gateway_of

                ask = (await stack.enter_async_context(gateway_of(settings, ledger))).embed
            embedder = await choose(settings, ask)
        for run in (one for name in runs for one in _searches(ledger, name)):
            told = Told.of(ledger, run, make_domain(run.plan))
            found.append((run.id, await watch_aside(ledger, told, watchers, embedder)))
    return found
