"""A course of hardening: one hardening with everything it needs, begun or resumed, until it comes to rest."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.runtime import RunControl

from wunderkammer.apps.checkpoints import checkpoints
from wunderkammer.apps.hardening.archives import alike, repairable, searched, split
from wunderkammer.apps.hardening.forge import Forge
from wunderkammer.apps.hardening.happenings import Happening, Tell, Worked
from wunderkammer.apps.hardening.plan import HardenPlan, make_harden_plan
from wunderkammer.apps.hardening.workshop import Workshop
from wunderkammer.apps.installation import ledger_address, make_domain
from wunderkammer.apps.venturing import until_rest
from wunderkammer.core.errors import LedgerError
from wunderkammer.core.events import Ended
from wunderkammer.core.settings import ROLES, BudgetSettings, Settings, checked
from wunderkammer.core.spelling import counted
from wunderkammer.graphs import harden
from wunderkammer.graphs.laboratory import last_word
from wunderkammer.memory import hardenings, runs, studies
from wunderkammer.memory.hardenings import MARK, Hardening
from wunderkammer.memory.ledger import Ledger, joined
from wunderkammer.memory.lock import claiming, owning

SUPERSTEPS = 8
"""Of a round, and some."""

MakeForge = Callable[[Settings, HardenPlan, Tell], Forge]
"""Makes what trains and serves. Tests bring one whose trainer needs no torch."""


def new_hardening(plan: HardenPlan, settings: Settings) -> Hardening:
    """A hardening that nobody has begun yet. Its id says nothing but that it is another one."""
    roles = {role: settings.role(role).model_dump(mode="json") for role in ROLES}
    name = MARK + uuid.uuid4().hex[:11]
    return Hardening(name, plan.search.domain, plan.model_dump(mode="json"), roles, time.time())


def plan_from_runs(
    ledger: Ledger, given: Sequence[str], held_out: Sequence[str], preset: str, values: dict[str, Any]
) -> tuple[HardenPlan, dict[str, Any]]:
    """The plan of a hardening of runs that are there, and the roles as they were cast in the first of them.

    Raises `ConfigError` in one line where they cannot be hardened together: unfinished, of several domains or targets,
    too few, or of a domain that cannot tell what would have been right.
    """
    learnt = [searched(ledger, name) for name in dict.fromkeys(given)]
    held = [searched(ledger, name) for name in dict.fromkeys(held_out)]
    alike([*learnt, *held])
    repairable(make_domain(learnt[0].plan))
    names, held_names = [run.id for run in learnt], [run.id for run in held]
    if len(set(names) - set(held_names)) + len(held_names) >= values.get("attack", 0):
        split(names, held_names)  # what is not enough is said now, not after the first search
    wanted = {"runs": names, "held_out": held_names, "search": learnt[0].plan.model_dump(mode="json"), **values}
    return make_harden_plan(preset, wanted), dict(learnt[0].roles)


@dataclass
class Course:
    """A hardening in hand. `control.request_drain` lets it rest as soon as it can without losing what was answered.

    budget: limits that override the plan's. gpu_s: seconds of GPUs that a job may take at most.
    """

    hardening: Hardening
    settings: Settings
    make_forge: MakeForge
    tell: Tell
    control: RunControl
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    gpu_s: float | None = None

    @property
    def plan(self) -> HardenPlan:
        return checked(HardenPlan, self.hardening.plan, f"plan of hardening {self.hardening.id}")

    async def conduct(self) -> Ended:
        """Go on from wherever it stands until it rests, and say how it ended.

        Raises nothing that a user could mend: that becomes an `Ended` of status failed, and can be resumed.
        """
        name = self.hardening.id
        with owning(self.settings.home, name):
            try:
                async with joined(ledger_address(self.settings)) as ledger:
                    with claiming(ledger, name):
                        hardenings.begin(ledger, self.hardening)
                        await ledger.flush()
                        ended = await until_rest(self._conduct(ledger, self.plan))
                        runs.tell(ledger, name, ended)
            except LedgerError as fault:  # nothing can be written down any more, this neither
                ended = Ended(status="failed", reason=str(fault))
        return ended

    async def _conduct(self, ledger: Ledger, plan: HardenPlan) -> Ended:
        forge = self.make_forge(self.settings, plan, lambda said: self._told(ledger, said))
        forge.gpu_s = self.gpu_s
        limits = self.budget.over(plan.budget.over(self.settings.budget))
        workshop = Workshop(self.hardening.id, plan, self.settings, ledger, forge, self.control, self.tell, limits)
        try:
            async with checkpoints(self.settings) as saver:
                await self._go(workshop, saver)
        finally:
            await forge.serves.close()
            await ledger.flush()
        return Ended(status="finished", reason=f"{counted(plan.rounds, 'round')} done")

    def _told(self, ledger: Ledger, said: Happening) -> None:
        """Pass on what the forge tells, and keep what its jobs took; one that was over before was another's."""
        if isinstance(said, Worked) and said.standing.over:
            ended = said.standing.ended
            if ended is None or ended >= self.hardening.at:
                studies.work(ledger, self.hardening.id, last_word(said.standing))
        self.tell(said)

    async def _go(self, workshop: Workshop, saver: BaseCheckpointSaver[Any]) -> None:
        """Through the graph. The ledger is the truth: without a checkpoint it begins anew, and passes over what is
        done; a checkpoint that knows more than the ledger (a power cut took its last commits) is not trusted."""
        workshop.recount()
        graph = harden.build(saver)
        config: RunnableConfig = {
            "configurable": {"thread_id": self.hardening.id},
            "recursion_limit": SUPERSTEPS * (workshop.rounds + 2),
        }
        snapshot = await graph.aget_state(config)
        trusted = "round" in snapshot.values and bool(snapshot.next) and self._known(workshop, snapshot.values)
        state = None if trusted else harden.afresh()
        await graph.ainvoke(state, config, context=harden.Shop(workshop), durability="sync", control=self.control)

    def _known(self, workshop: Workshop, values: dict[str, Any]) -> bool:
        """Whether the ledger has all that a checkpoint speaks of."""
        done = {(kept.round, kept.name) for kept in hardenings.stages_of(workshop.ledger, workshop.id)}
        number = values["round"]
        spoken = {"lessons": "teach", "adapter": "train", "address": "load", "run": "reattack"}
        return (0, "examine") in done and all((number, stage) in done for key, stage in spoken.items() if values[key])


def cast_of(hardening: Hardening, settings: Settings) -> Settings:
    """Settings with the roles as the hardening was begun with."""
    return settings.with_seats(hardening.roles)
