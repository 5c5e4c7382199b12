"""Who does what was chosen: what an actor is, and those of a slice of a search and of a small study.

Each goes on where it was broken off. Who hardens is in `wunderkammer.apps.autonomy.hardener`.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Protocol

from langgraph.runtime import RunControl
from sqlalchemy import func, select

from wunderkammer.apps.expedition import Expedition
from wunderkammer.apps.inquiry.conduct import Inquiry, call_off, new_study
from wunderkammer.core.autonomy import Activity
from wunderkammer.core.events import Chosen, Ended, Event, Remembered
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import ROLES, BudgetSettings, Settings
from wunderkammer.core.study import make_study
from wunderkammer.core.work import Standing
from wunderkammer.jobs.dispatcher import Dispatcher
from wunderkammer.memory import runs, studies
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run
from wunderkammer.memory.tables import novelty as novelties
from wunderkammer.memory.ventures import maybe_venture

DECIDED = 10.0
"""What a verdict counts beside an elite, times the novelty of its question."""
OPEN = 1.0
"""The same of a hypothesis that stays undecided: something was learnt about how hard it is."""

Tell = Callable[[Event], None]


@dataclass(frozen=True)
class Gain:
    """What an act yielded."""

    discoveries: float
    figures: dict[str, float] = field(default_factory=dict)
    failed: bool = False
    """Nothing could be measured at all."""
    note: str = ""
    """Why nothing counts, in one line."""


class Actor(Protocol):
    """Does one kind of activity for one autonomous run."""

    def part(self, activity: Activity, number: int) -> str:
        """The id of what goes on when the activity is chosen for the `number`th time."""
        ...

    def waits(self, activity: Activity, left: float) -> str:
        """Why it cannot be done yet, in one line; empty: it can. left: share of the budget that is not spent."""
        ...

    def begun(self, part: str) -> int:
        """How many steps, or stages, a part has behind it."""
        ...

    async def act(self, activity: Activity, chosen: Chosen, limits: BudgetSettings) -> Ended:
        """Do it, or what is left of it."""
        ...

    async def call_off(self, part: str) -> None:
        """End what would go on spending where the budget is used up."""
        ...

    def gain(self, chosen: Chosen) -> Gain:
        """What it yielded, from the ledger alone."""
        ...


@dataclass
class Searcher:
    """Searches each domain in one run of its own, a few steps at a time."""

    run: str
    seed: int
    settings: Settings
    ledger: Ledger
    tell: Tell
    control: RunControl

    def part(self, activity: Activity, number: int) -> str:
        return f"{self.run}-{activity.subject}"

    def waits(self, activity: Activity, left: float) -> str:
        return ""

    def begun(self, part: str) -> int:
        run = runs.run_called(self.ledger, part)
        return 0 if run is None else runs.steps_done(self.ledger, run)

    async def act(self, activity: Activity, chosen: Chosen, limits: BudgetSettings) -> Ended:
        plan = make_plan(dict(activity.plan), where=activity.arm, seed=self.seed, steps=chosen.end)
        roles = {role: self.settings.role(role).model_dump(mode="json") for role in ROLES}
        run = Run(chosen.part, activity.subject, plan, roles, None, 0, time.time())
        # What people read of the run is its preset's number of steps, not that of its first slice.
        whole = make_plan(dict(activity.plan), where=activity.arm, seed=self.seed)
        runs.begin(self.ledger, replace(run, plan=whole if whole.steps > plan.steps else plan))
        await self.ledger.flush()
        return await Expedition(run, self.settings, self.tell, self.control, limits).conduct()

    async def call_off(self, part: str) -> None:
        """Its calls end with it."""

    def gain(self, chosen: Chosen) -> Gain:
        """New elites, each counted by a half and by its step's novelty: (1 + novelty) / 2 where that was measured."""
        told = [event for _, event in runs.told(self.ledger, chosen.part, "remembered")]
        steps = [e for e in told if isinstance(e, Remembered) and chosen.first <= e.step < chosen.end]
        elites = sum(event.accepted for event in steps)
        novelty = self._novelty(chosen)
        worth = elites if novelty is None else elites * (1 + min(1.0, novelty)) / 2
        figures = {"steps": float(len(steps)), "elites": float(elites)}
        return Gain(worth, figures if novelty is None else {**figures, "novelty": novelty})

    def _novelty(self, chosen: Chosen) -> float | None:
        """Mean over the slots of these steps; None where nothing was measured."""
        run = runs.run_called(self.ledger, chosen.part)
        if run is None:
            return None
        batch = run.plan.batch
        here = (novelties.c.run == chosen.part, novelties.c.slot.between(chosen.first * batch, chosen.end * batch - 1))
        mean = self.ledger.rows(select(func.avg(novelties.c.in_domain)).where(*here))[0][0]
        return None if mean is None else float(mean)


@dataclass
class Student:
    """Studies a domain: each time a study of its own, of one round, which asks what is not known yet."""

    run: str
    seed: int
    settings: Settings
    ledger: Ledger
    tell: Tell
    dispatcher: Dispatcher
    hear: Callable[[Standing], None] = lambda _: None

    def part(self, activity: Activity, number: int) -> str:
        return f"{self.run}-{activity.subject}-{number}"

    def waits(self, activity: Activity, left: float) -> str:
        return ""

    def begun(self, part: str) -> int:
        return 0

    async def act(self, activity: Activity, chosen: Chosen, limits: BudgetSettings) -> Ended:
        values = {**activity.plan, "rounds": 1, "stated": False}
        plan = make_study(values, where=activity.arm)
        study = maybe_venture(self.ledger, chosen.part) or new_study(
            plan, self.settings, name=chosen.part, parent=self.run
        )
        return await Inquiry(study, self.settings, self.dispatcher, self.tell, self.hear, limits).conduct()

    async def call_off(self, part: str) -> None:
        await call_off(self.ledger, self.dispatcher, part)

    def gain(self, chosen: Chosen) -> Gain:
        """Verdicts, each times the novelty of its question."""
        asked = {event.hypothesis.id: event for event in studies.hypothesised(self.ledger, chosen.part)}
        said = studies.concluded(self.ledger, chosen.part)
        decided = [event for event in said if event.verdict != "undecided"]
        worth = sum(DECIDED * (1 + asked[event.hypothesis].novelty) / 2 for event in decided)
        worth += OPEN * (len(said) - len(decided))
        jobs = studies.worked(self.ledger, chosen.part).values()
        failed = bool(jobs) and all(job.status != "done" for job in jobs)
        return Gain(worth, {"hypotheses": float(len(said)), "decided": float(len(decided))}, failed)
