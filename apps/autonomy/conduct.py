"""A wander: one autonomous run with everything it needs, begun or resumed, until it comes to rest."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.runtime import RunControl

from wunderkammer.apps.autonomy.accounts import Purse, of_part
from wunderkammer.apps.autonomy.actors import Searcher, Student
from wunderkammer.apps.autonomy.hardener import Hardener
from wunderkammer.apps.autonomy.itinerary import Journey
from wunderkammer.apps.checkpoints import checkpoints
from wunderkammer.apps.hardening.course import MakeForge
from wunderkammer.apps.hardening.craft import craft
from wunderkammer.apps.hardening.happenings import Happening
from wunderkammer.apps.inquiry.conduct import FIRST_SLOT, spent_by
from wunderkammer.apps.venturing import new_venture, owned, timed, until_rest
from wunderkammer.core.autonomy import AutonomousPlan, Costs
from wunderkammer.core.errors import LedgerError
from wunderkammer.core.events import Ended, Event
from wunderkammer.core.settings import EMBEDDED, BudgetSettings, Settings, checked
from wunderkammer.core.work import Standing
from wunderkammer.graphs import autonomous
from wunderkammer.jobs.dispatcher import Dispatcher
from wunderkammer.memory import runs
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.ventures import Venture
from wunderkammer.models import budget
from wunderkammer.models.gateway import Gateway

Tell = Callable[[Event], None]


def new_wander(plan: AutonomousPlan, settings: Settings) -> Venture:
    """An autonomous run that nobody has begun yet."""
    return new_venture("autonomous", plan, settings)


def plan_of(venture: Venture, limits: BudgetSettings = BudgetSettings()) -> AutonomousPlan:
    """The plan of an autonomous run, under limits that override its own; `ConfigError` for another version's."""
    plan = checked(AutonomousPlan, venture.plan, f"plan of run {venture.id}")
    return plan.model_copy(update={"budget": limits.over(plan.budget)})


@dataclass
class Wander:
    """An autonomous run in hand. `control.request_drain` lets it rest as soon as the search in hand can.

    hear: takes what its jobs tell. watch: takes where its hardenings stand. budget: limits that override the plan's.
    """

    venture: Venture
    settings: Settings
    dispatcher: Dispatcher
    tell: Tell
    control: RunControl
    hear: Callable[[Standing], None] = lambda _: None
    budget: BudgetSettings = field(default_factory=BudgetSettings)
    watch: Callable[[Happening], None] = lambda _: None
    make_forge: MakeForge = craft

    async def conduct(self) -> Ended:
        """Go on from wherever it stands until it rests, and say how it ended."""
        plan = plan_of(self.venture, self.budget)
        try:
            async with owned(self.venture, self.settings) as ledger:
                ended = await until_rest(self._conduct(ledger, plan))
                runs.tell(ledger, self.venture.id, ended)
        except LedgerError as fault:  # nothing can be written down any more, this neither
            ended = Ended(status="failed", reason=str(fault))
        self.tell(ended)
        return ended

    async def _conduct(self, ledger: Ledger, plan: AutonomousPlan) -> Ended:
        async with timed(ledger, self.venture.id) as clock, checkpoints(self.settings) as saver:
            ledger.remember_calls(self.venture.id, FIRST_SLOT)
            return await self._go(self._journey(ledger, plan, Purse(ledger, self.venture.id, clock)), saver)

    def _journey(self, ledger: Ledger, plan: AutonomousPlan, purse: Purse) -> Journey:
        name, seed = self.venture.id, plan.seed
        inner = self.settings.model_copy(update={"budget": BudgetSettings()})  # a part's limits are what is left
        searcher = Searcher(name, seed, inner, ledger, self._inside, self.control)
        student = Student(name, seed, inner, ledger, self._inside, self.dispatcher, self.hear)
        hardener = Hardener(
            run=name,
            seed=seed,
            settings=inner,
            ledger=ledger,
            tell=self._inside,
            control=self.control,
            dispatcher=self.dispatcher,
            gpu_left=lambda: journey.gpu_left(),
            hear=self.hear,
            watch=self.watch,
            make_forge=self.make_forge,
        )
        journey = Journey(
            run=name,
            plan=plan,
            ledger=ledger,
            purse=purse,
            actors={"search": searcher, "study": student, "harden": hardener},
            control=self.control,
            tell=self.tell,
            advisor=lambda spent: self._advisor(ledger, plan, spent),
        )
        return journey

    def _inside(self, event: Event) -> None:
        """Pass on what happens inside a part, but not its end: the run goes on."""
        if not isinstance(event, Ended):
            self.tell(event)

    async def _go(self, journey: Journey, saver: BaseCheckpointSaver[Any]) -> Ended:
        graph = autonomous.build(saver)
        config: RunnableConfig = {
            "configurable": {"thread_id": self.venture.id},
            "recursion_limit": 4 * journey.plan.most_choices + 100,
        }
        snapshot = await graph.aget_state(config)
        settled = len(journey.acted())
        # The ledger is the truth: a checkpoint that was lost, or that knows of more than was committed, is not needed.
        trusted = snapshot.created_at is not None and bool(snapshot.next) and snapshot.values["step"] == settled
        state = None if trusted else autonomous.from_step(settled)
        context = autonomous.Map(journey)
        final = await graph.ainvoke(state, config, context=context, durability="sync", control=self.control)
        halt = str(final["halt"])
        if halt.startswith("asked to pause"):
            return Ended(status="paused", reason=halt)
        finished = halt in ("nothing yields any more",) or halt.startswith("all ")
        return Ended(status="finished" if finished else "stopped", reason=halt)

    @asynccontextmanager
    async def _advisor(self, ledger: Ledger, plan: AutonomousPlan, spent: Costs) -> AsyncIterator[Gateway | None]:
        """Where a model plays the planner, with what is left to spend; None for the embedded one, which cannot plan."""
        if self.settings.role("planner").server == EMBEDDED:
            yield None
            return
        name = self.venture.id
        limits = spent.left(plan.budget, of_part(ledger, name)).model_copy(update={"seconds": None})
        async with Gateway(self.settings, ledger, budget.Budget(limits, spent_by(ledger, name, 0.0))) as gateway:
            yield gateway
