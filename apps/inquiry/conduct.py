"""An inquiry: one study with everything it needs, begun or resumed, until it comes to rest."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any, cast

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver

from wunderkammer import domains
from wunderkammer.apps.checkpoints import checkpoints
from wunderkammer.apps.venturing import new_venture, owned, timed
from wunderkammer.core.contract import Trains
from wunderkammer.core.errors import BudgetExceeded, ConfigError, LedgerError, WunderError
from wunderkammer.core.events import Ended, Event
from wunderkammer.core.settings import EMBEDDED, BudgetSettings, Settings, checked
from wunderkammer.core.study import Inquires, StudyPlan
from wunderkammer.core.work import Standing
from wunderkammer.graphs import study
from wunderkammer.graphs.laboratory import Laboratory, Studied
from wunderkammer.jobs.dispatcher import Dispatcher
from wunderkammer.memory import accounts, runs, studies
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.ventures import Venture
from wunderkammer.models import budget
from wunderkammer.models.embedded import on_demand
from wunderkammer.models.gateway import Gateway

Tell = Callable[[Event], None]
FIRST_SLOT = -1_000_000
"""Calls of a study belong to no slot; all of them are remembered when it is resumed."""


def new_study(plan: StudyPlan, settings: Settings, *, name: str = "", parent: str | None = None) -> Venture:
    """A study that nobody has begun yet."""
    return new_venture("study", plan, settings, domain=plan.domain, name=name, parent=parent)


def plan_of(venture: Venture) -> StudyPlan:
    """The plan of a study; a `ConfigError` where another version wrote it."""
    return checked(StudyPlan, venture.plan, f"plan of study {venture.id}")


def studied(plan: StudyPlan) -> Studied:
    """The plan's domain, if it can be studied; a `ConfigError` says which can."""
    kind = domains.find(plan.domain)
    domain = kind(checked(kind.options, plan.options, f"options of {plan.domain}"))
    must_be_studyable(plan.domain)
    return cast(Studied, domain)


def must_be_studyable(name: str) -> None:
    """Raise `ConfigError` for a domain that cannot be studied."""
    if name not in studyable():
        raise ConfigError(f"{name} cannot be studied; these can: {', '.join(studyable()) or 'none installed'}")


def studyable() -> list[str]:
    """Names of the domains that can be studied."""
    return [n for n, kind in domains.installed().items() if isinstance(kind, Trains) and isinstance(kind, Inquires)]


@dataclass
class Inquiry:
    """A study in hand. Cancelling `conduct` leaves its jobs running; resumed, it finds them again.

    budget: limits that override the plan's: calls, tokens and money of the scientist's model, seconds of the whole.
    """

    venture: Venture
    settings: Settings
    dispatcher: Dispatcher
    tell: Tell
    hear: Callable[[Standing], None] = lambda _: None
    budget: BudgetSettings = field(default_factory=BudgetSettings)

    async def conduct(self) -> Ended:
        """Go on from wherever the study stands until it rests, and say how it ended."""
        plan = plan_of(self.venture)
        domain = studied(plan)
        try:
            async with owned(self.venture, self.settings) as ledger:
                ended = await self._conduct(ledger, plan, domain)
                runs.tell(ledger, self.venture.id, ended)
        except LedgerError as fault:  # nothing can be written down any more, this neither
            ended = Ended(status="failed", reason=str(fault))
        self.tell(ended)
        return ended

    async def _conduct(self, ledger: Ledger, plan: StudyPlan, domain: Studied) -> Ended:
        limits = self.budget.over(plan.budget)
        try:
            async with (
                timed(ledger, self.venture.id) as now,
                checkpoints(self.settings) as saver,
                self._gateway(ledger, limits, now()) as gateway,
            ):
                left = None if limits.seconds is None else max(0.0, limits.seconds - now())
                laboratory = Laboratory(
                    study=self.venture.id,
                    plan=plan,
                    domain=domain,
                    ledger=ledger,
                    dispatcher=self.dispatcher,
                    tell=self.tell,
                    hear=self.hear,
                    gateway=gateway,
                )
                try:
                    async with asyncio.timeout(left):
                        await self._go(laboratory, saver)
                except TimeoutError:
                    await call_off(ledger, self.dispatcher, self.venture.id)
                    return Ended(status="stopped", reason=f"the budget of {limits.seconds:g} seconds is used up")
        except BudgetExceeded as limit:
            return Ended(status="stopped", reason=str(limit))
        except asyncio.CancelledError:
            return Ended(status="paused", reason="interrupted; jobs that were dispatched go on")
        except WunderError as fault:
            return Ended(status="failed", reason=str(fault))
        rounds = len({event.round for event in studies.concluded(ledger, self.venture.id)})
        return Ended(status="finished", reason=f"{rounds} of at most {plan.rounds} rounds concluded")

    async def _go(self, laboratory: Laboratory, saver: BaseCheckpointSaver[Any]) -> None:
        graph, config = study.build(saver), _config(self.venture)
        snapshot = await graph.aget_state(config)
        if snapshot.created_at is not None and snapshot.next:
            await graph.ainvoke(None, config, context=laboratory, durability="sync")
        else:
            over = len({event.round for event in studies.concluded(laboratory.ledger, self.venture.id)})
            if over < laboratory.plan.rounds:
                await graph.ainvoke(study.from_round(over), config, context=laboratory, durability="sync")

    @asynccontextmanager
    async def _gateway(self, ledger: Ledger, limits: BudgetSettings, used_s: float) -> AsyncIterator[Gateway | None]:
        """Where a model plays the scientist; None for the embedded one, which answers but has nothing to say."""
        if self.settings.role("scientist").server == EMBEDDED:
            yield None
            return
        ledger.remember_calls(self.venture.id, FIRST_SLOT)
        allowed = budget.Budget(limits.over(self.settings.budget), spent_by(ledger, self.venture.id, used_s))
        async with (
            on_demand(self.settings) as open_embedded,
            Gateway(self.settings, ledger, allowed, open_embedded=open_embedded) as gateway,
        ):
            yield gateway


async def call_off(ledger: Ledger, dispatcher: Dispatcher, study: str) -> None:
    """End the jobs of a study that would go on spending what there is no budget for."""
    over = studies.worked(ledger, study)
    wanted = [job for event in studies.designed(ledger, study).values() for job in event.jobs]
    known = {standing.job.id for standing in await dispatcher.all()}
    for name in wanted:
        if name in known and name not in over:
            await dispatcher.cancel(name)


def spent_by(ledger: Ledger, run: str, used_s: float) -> budget.Spent:
    """What a study or a run has used of its budget."""
    by_role = accounts.spending(ledger, run)
    return budget.Spent(
        calls=sum(role.attempts for role in by_role),
        prompt_tokens=sum(role.prompt_tokens for role in by_role),
        completion_tokens=sum(role.completion_tokens for role in by_role),
        money=sum(role.cost for role in by_role),
        seconds=used_s,
    )


def _config(venture: Venture) -> RunnableConfig:
    # Six supersteps a round; the graph ends by itself, this bound only catches bugs.
    return {"configurable": {"thread_id": venture.id}, "recursion_limit": 6 * 100 + 100}
