"""The autonomous run on the command line: `wunder run` without a domain, its view, and `wunder resume` of it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer
from rich.console import Console
from rich.text import Text

from wunderkammer.apps.cli import parting, screen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import Acted, Chosen, Concluded, Ended, Event, Heard, Hypothesised, Remembered
from wunderkammer.core.settings import BudgetSettings, Settings
from wunderkammer.core.work import Standing

if TYPE_CHECKING:
    from wunderkammer.apps.hardening.happenings import Happening
    from wunderkammer.memory.ventures import Venture


def begin(
    settings: Settings,
    *,
    only: Sequence[str],
    without: Sequence[str],
    preset: str | None,
    seed: int | None,
    budget: dict[str, Any],
    gpu_minutes: float | None,
    quiet: bool,
) -> None:
    """Begin an autonomous run over everything that is installed, and conduct it until it rests."""
    from wunderkammer.apps.autonomy.activities import autonomous_plan, everything
    from wunderkammer.apps.autonomy.conduct import new_wander

    if not any(value is not None for value in budget.values()):
        raise ConfigError("an autonomous run needs an end: --minutes, --calls, --tokens or --money")
    offer = everything(settings, only, without, preset)
    plan = autonomous_plan(offer.activities, seed or 0, budget, gpu_minutes)
    conduct(new_wander(plan, settings), settings, quiet, notes=offer.left_out)


def conduct(
    venture: Venture,
    settings: Settings,
    quiet: bool,
    budget: BudgetSettings = BudgetSettings(),
    notes: Sequence[str] = (),
) -> None:
    """Go on with an autonomous run until it rests, then write its report; exit code 2 where it failed.

    notes: lines to show before anything else.
    """
    from langgraph.runtime import RunControl

    from wunderkammer.apps.autonomy.conduct import Wander
    from wunderkammer.apps.autonomy.report import said_of, write_wander
    from wunderkammer.apps.interrupts import obey_interrupts
    from wunderkammer.jobs.choice import dispatcher

    async def go() -> bool:
        control = RunControl()
        watch = WanderWatch(venture, Console(), quiet)
        watch.begin(notes)
        wander = Wander(venture, settings, dispatcher(settings), watch.tell, control, watch.hear, budget, watch.watch)
        task = asyncio.create_task(wander.conduct())
        obey_interrupts(control, task, watch.say)
        ended = await task
        files = await asyncio.to_thread(write_wander, settings, venture.id)
        watch.farewell(ended, await asyncio.to_thread(said_of, settings, venture.id), files)
        return ended.status != "failed"

    if not asyncio.run(go()):
        raise typer.Exit(2)


class WanderWatch:
    """Follows an autonomous run: a line for each choice and what it came to, and what happens within it."""

    def __init__(self, venture: Venture, console: Console, quiet: bool) -> None:
        self.venture = venture
        self.console = console
        self._quiet = quiet
        self._over: set[str] = set()
        self._waiting: dict[str, str] = {}

    def begin(self, notes: Sequence[str]) -> None:
        """Say what it is called, which others read, and what it will not do."""
        self.say(f"{self.venture.kind} {self.venture.id}")
        for note in notes:
            self.say(note)

    def tell(self, event: Event) -> None:
        """Take an event in."""
        match event:
            case Chosen():
                self._wait(event.waiting)
                self.say(f"{event.step + 1}  {event.arm}  (by the {event.by}: {event.reason})")
            case Acted():
                ended = f"failed: {event.reason}" if event.failed else event.reason
                self.say(f"   {event.gain:.1f} discoveries for {event.cost:.1%} of the budget; {ended}")
            case Heard():
                self.say(f"   heard “{event.text}”: {event.effect}")
            case Concluded():
                self.say(f"   {event.verdict}: {event.claim}")
            case Hypothesised() if not self._quiet:
                self.say(f"   {event.hypothesis.contrast}: {event.hypothesis.threshold}?")
            case Remembered() if not self._quiet:
                self.say(
                    f"   step {event.step + 1}: {event.filled} of {event.cells} cells, {event.accepted} new elites"
                )
            case _:
                pass

    def watch(self, said: Happening) -> None:
        """Take in where a hardening stands."""
        from wunderkammer.apps.hardening.happenings import Done
        from wunderkammer.apps.hardening.wording import TITLES

        if isinstance(said, Done) and not said.before:
            self.say(f"   {TITLES[said.stage]}: {said.words}")

    def _wait(self, waiting: Mapping[str, str]) -> None:
        """Say what cannot be chosen yet, where that is news."""
        for arm, why in waiting.items():
            if self._waiting.get(arm) != why:
                self.say(f"   not yet {arm}: {why}")
        self._waiting = dict(waiting)

    def hear(self, standing: Standing) -> None:
        """Take in where a job stands."""
        if standing.over and standing.job.id not in self._over and not self._quiet:
            self._over.add(standing.job.id)
            self.say(f"   job {standing.status}: {standing.job.title}")

    def say(self, words: str) -> None:
        """Show a line."""
        indent = len(words) - len(words.lstrip())
        self.console.print(Text(" " * indent + screen.line(words)), soft_wrap=True)

    def farewell(self, ended: Ended, verdict: str, files: Sequence[Path]) -> None:
        """Say how it ended, whether it was open-ended, and what to do next."""
        name, rests = self.venture.id, ended.status != "finished"
        closer = (f"wunder report {name} --open", "wunder web --open")
        parting.farewell(self.console, "run", name, ended, files, rests=rests, verdict=verdict, closer=closer)
