"""Who hardens for an autonomous run: a repair of the target from what the run's own search of a domain has found.

What is learnt from is the search as it stands, which is a fork of it that takes no step of its own. What is held out
is an archive that the first hardening of the domain makes, with another seed; later ones are measured on the same.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from langgraph.runtime import RunControl

from wunderkammer.apps.autonomy.actors import Gain, Tell
from wunderkammer.apps.hardening.archives import failures_of, judge_of
from wunderkammer.apps.hardening.course import Course, MakeForge, cast_of, plan_from_runs
from wunderkammer.apps.hardening.craft import craft
from wunderkammer.apps.hardening.figures import by_elite, paired
from wunderkammer.apps.hardening.gate import shut
from wunderkammer.apps.hardening.happenings import Begun, Done, Happening, Searched, Worked
from wunderkammer.apps.hardening.reading import exam_of
from wunderkammer.apps.installation import make_domain
from wunderkammer.core.autonomy import Activity
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import Acted, Chosen, Ended
from wunderkammer.core.settings import BudgetSettings, Settings
from wunderkammer.core.work import Standing
from wunderkammer.jobs.dispatcher import Dispatcher
from wunderkammer.memory import hardenings, runs
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.runs import Run

MENDED = 2.0
"""What a held-out weakness that is closed counts beside an elite: to find one is less than to mend it unseen."""
MATERIAL = 12
"""Failing elites, beyond those that the last hardening learnt from, before it is worth the while."""
FIRST = 1 / 3
"""Share of the budget that must be left before the first; later ones are expected to take what the last one did."""


@dataclass
class Hardener:
    """Hardens the target of a domain's search, one round at a time. The search goes on against the original."""

    run: str
    seed: int
    settings: Settings
    ledger: Ledger
    tell: Tell
    control: RunControl
    dispatcher: Dispatcher
    gpu_left: Callable[[], float | None] = lambda: None
    """Seconds of GPUs that are left; None: there is no limit."""
    hear: Callable[[Standing], None] = lambda _: None
    watch: Callable[[Happening], None] = lambda _: None
    make_forge: MakeForge = craft
    _at_work: set[str] = field(default_factory=set)
    """Jobs that are under way."""

    # ---- whether, and which --------------------------------------------------------------------------------------

    def waits(self, activity: Activity, left: float) -> str:
        """Why there is nothing to harden yet; `left` is the share of the budget that is."""
        earlier = self._earlier(activity.subject)
        if earlier and self._resting(earlier[-1]):
            return ""
        found = self._new_failures(activity.subject, earlier)
        if found < MATERIAL:
            return f"the search has {found} of the {MATERIAL} new failing elites that it takes"
        needed = self._price(activity) if earlier else FIRST
        if left < needed:
            return f"it would take about {needed:.0%} of the budget, and {max(0.0, left):.0%} is left"
        return ""

    def part(self, activity: Activity, number: int) -> str:
        """The one that was broken off by a limit, else a new one."""
        earlier = self._earlier(activity.subject)
        if earlier and self._resting(earlier[-1]):
            return earlier[-1].id
        return self._name(activity.subject, len(earlier))

    def begun(self, part: str) -> int:
        return len(hardenings.stages_of(self.ledger, part))

    # ---- doing it ------------------------------------------------------------------------------------------------

    async def act(self, activity: Activity, chosen: Chosen, limits: BudgetSettings) -> Ended:
        hardening = hardenings.hardening_called(self.ledger, chosen.part) or await self._new(activity, chosen.part)
        settings = cast_of(hardening, self.settings)
        course = Course(hardening, settings, self.make_forge, self._told, self.control, limits, self.gpu_left())
        return await course.conduct()

    async def call_off(self, part: str) -> None:
        for job in sorted(self._at_work):
            await self.dispatcher.cancel(job)
        self._at_work.clear()

    async def _new(self, activity: Activity, name: str) -> Hardening:
        search = self._search(activity.subject)
        if search is None:
            raise ConfigError(f"{activity.subject} was not searched yet")
        learnt = await self._cut(search, f"{name}-from")
        held = self._held_out(activity.subject)
        values: dict[str, Any] = {
            **activity.plan,
            "attack": 0 if held else 2,
            "rounds": 1,
            "seed": self.seed,  # all of them are asked the same, and the original is measured once
            "search.steps": activity.steps,
        }
        plan, seats = plan_from_runs(self.ledger, [learnt], held, "slice", values)
        return Hardening(name, activity.subject, plan.model_dump(mode="json"), seats, time.time())

    async def _cut(self, search: Run, name: str) -> str:
        """The search as it stands, as a run that does not go on: a fork at its last step."""
        done = runs.steps_done(self.ledger, search)
        plan = search.plan.model_copy(update={"steps": max(1, done)})
        fork = replace(search, id=name, plan=plan, parent=search.id, parent_slots=done * plan.batch, at=time.time())
        runs.begin(self.ledger, fork)
        word = Ended(status="finished", reason=f"run {search.id} as it stood after step {done}")
        runs.tell(self.ledger, name, word, key="cut")
        await self.ledger.flush()
        return name

    def _told(self, said: Happening) -> None:
        match said:
            case Searched():
                self.tell(said.event)
            case Worked():
                name = said.standing.job.id
                (self._at_work.discard if said.standing.over else self._at_work.add)(name)
                self.hear(said.standing)
            case Begun() | Done():
                self.watch(said)
            case _:
                pass

    # ---- what it yielded -----------------------------------------------------------------------------------------

    def gain(self, chosen: Chosen) -> Gain:
        """Held-out weaknesses that it closed beyond what earlier ones did, where the difference is sure and the gate
        lets the target pass."""
        mine = hardenings.stages_of(self.ledger, chosen.part)
        if not any(kept.name == "examine" and kept.round == 1 for kept in mine[chosen.first :]):
            return Gain(0.0)
        fell, elites, figures, why = self._outcome(chosen.part)
        subject = chosen.arm.partition(" ")[2]
        parts = [one.id for one in self._earlier(subject)]
        before = max((self._outcome(part)[0] for part in parts[: parts.index(chosen.part)]), default=0.0)
        return Gain(MENDED * elites * max(0.0, fell - before), figures, note=why)

    def _outcome(self, part: str) -> tuple[float, int, dict[str, float], str]:
        """By how much held-out success fell, over how many elites, all figures, and why nothing counts."""
        bodies = [hardenings.stage(self.ledger, part, number, "examine") for number in (0, 1)]
        if bodies[0] is None or bodies[1] is None:
            return 0.0, 0, {}, ""
        original, mended = exam_of(bodies[0]), exam_of(bodies[1])
        gap = paired(by_elite(original.held_out, "success"), by_elite(mended.held_out, "success"))
        if gap is None:
            return 0.0, 0, {}, "no held-out elite could be compared"
        figures = {"held out before": gap.before, "after": gap.after, "elites": float(gap.n)}
        if mended.utility is not None and mended.utility.perplexity_ratio is not None:
            figures["perplexity ratio"] = mended.utility.perplexity_ratio.mean
        why = shut(original, mended) or ("" if gap.falls else "held-out success did not surely fall")
        return (0.0 if why else -gap.difference), gap.n, figures, why

    # ---- what the ledger has -------------------------------------------------------------------------------------

    def _name(self, subject: str, number: int) -> str:
        return f"{self.run}-{subject}-harden-{number}"

    def _earlier(self, subject: str) -> list[Hardening]:
        """The hardenings of a domain so far, in order."""
        found: list[Hardening] = []
        while one := hardenings.hardening_called(self.ledger, self._name(subject, len(found))):
            found.append(one)
        return found

    def _resting(self, one: Hardening) -> bool:
        """Whether it was broken off, and not by a fault of its own."""
        return runs.status(self.ledger, one.id) not in ("finished", "failed")

    def _search(self, subject: str) -> Run | None:
        return runs.run_called(self.ledger, f"{self.run}-{subject}")

    def _new_failures(self, subject: str, earlier: list[Hardening]) -> int:
        """Failing elites of the search that the last hardening did not have."""
        search = self._search(subject)
        if search is None:
            return 0
        judge = judge_of(make_domain(search.plan))
        found = {entry.candidate.id for entry in failures_of(self.ledger, search.id, judge, 0)[0]}
        if earlier:
            known = failures_of(self.ledger, f"{earlier[-1].id}-from", judge, 0)[0]
            found -= {entry.candidate.id for entry in known}
        return len(found)

    def _held_out(self, subject: str) -> list[str]:
        """What the first hardening held out, once there is such an archive."""
        for one in self._earlier(subject):
            body = hardenings.stage(self.ledger, one.id, 0, "attack")
            if body is not None:
                return [str(run) for run in body["held_out"]]
        return []

    def _price(self, activity: Activity) -> float:
        """Share of the budget that the last one took."""
        told = [event for _, event in runs.told(self.ledger, self.run, "acted") if isinstance(event, Acted)]
        return next((event.cost for event in reversed(told) if event.arm == activity.arm and not event.failed), FIRST)
