"""An expedition: one search run with everything it needs, begun, resumed or forked, until it comes to rest."""

from __future__ import annotations

import asyncio
import gc
import time
import uuid
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
from typing import Any

from langchain_core.runnables import RunnableConfig
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from wunderkammer.apps.checkpoints import checkpoints
from wunderkammer.apps.installation import ledger_address, make_domain, quartered
from wunderkammer.apps.recollection import Recollection
from wunderkammer.core.contract import Domain
from wunderkammer.core.errors import BudgetExceeded, LedgerError, WunderError
from wunderkammer.core.events import Ended, Event, Resumed, Spent
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import EMBEDDED, ROLES, BudgetSettings, Settings
from wunderkammer.graphs import search
from wunderkammer.graphs.bench import Bench, lay
from wunderkammer.jobs.vllm.opening import vllm_on_demand
from wunderkammer.memory import accounts, runs
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ledger import Ledger, joined
from wunderkammer.memory.lock import claiming, owning
from wunderkammer.memory.runs import Run
from wunderkammer.models import budget
from wunderkammer.models.embedded import on_demand
from wunderkammer.models.gateway import Gateway

Tell = Callable[[Event], None]


def new_run(plan: SearchPlan, settings: Settings, *, parent: Run | None = None, slots: int = 0) -> Run:
    """A run that nobody has begun yet. Its id says nothing but that it is another one."""
    roles = {role: settings.role(role).model_dump(mode="json") for role in ROLES}
    return Run(
        id=uuid.uuid4().hex[:12],
        domain=plan.domain,
        plan=plan,
        roles=roles,
        parent=parent.id if parent else None,
        parent_slots=slots,
        at=time.time(),
    )


@dataclass
class Expedition:
    """A run in hand. `control.request_drain` lets it finish the step it is at and rest.

    budget: limits that override the plan's; the plan itself never changes once a run has begun.
    """

    run: Run
    settings: Settings
    tell: Tell
    control: RunControl
    budget: BudgetSettings = field(default_factory=BudgetSettings)

    async def conduct(self) -> Ended:
        """Go on from wherever the run stands until it rests, and say how it ended.

        Raises nothing that a user could mend: that becomes an `Ended` of status failed, and can be resumed.
        """
        domain = quartered(make_domain(self.run.plan), self.settings)
        with owning(self.settings.home, self.run.id):
            try:
                async with joined(ledger_address(self.settings)) as ledger:
                    with claiming(ledger, self.run.id):
                        ended = await self._conduct(ledger, domain)
                        runs.tell(ledger, self.run.id, ended)
            except LedgerError as fault:  # nothing can be written down any more, this neither
                ended = Ended(status="failed", reason=str(fault))
        self.tell(ended)
        return ended

    async def _conduct(self, ledger: Ledger, domain: Domain[Any]) -> Ended:
        runs.begin(ledger, self.run)
        await ledger.flush()
        try:
            async with (
                checkpoints(self.settings) as saver,
                self._gateway(ledger) as gateway,
                Recollection(self.settings, domain, gateway, self.run, ledger) as recollection,
            ):
                bench, state = await self._lay(ledger, saver, gateway, domain, recollection)
                try:
                    with settled_heap():
                        return await self._go(bench, saver, state)
                except BudgetExceeded as limit:
                    await bench.flow.abandon()
                    await bench.reflect()
                    return Ended(status="stopped", reason=str(limit))
                finally:
                    await bench.flow.abandon()
                    await ledger.flush()
        except GraphDrained:
            return Ended(status="paused", reason="asked to rest")
        except asyncio.CancelledError:
            return Ended(status="paused", reason="interrupted")
        except WunderError as fault:
            return Ended(status="failed", reason=str(fault))

    @asynccontextmanager
    async def _gateway(self, ledger: Ledger) -> AsyncIterator[Gateway]:
        by_role = accounts.spending(ledger, self.run.id)
        used = budget.Spent(
            calls=sum(role.attempts for role in by_role),
            prompt_tokens=sum(role.prompt_tokens for role in by_role),
            completion_tokens=sum(role.completion_tokens for role in by_role),
            money=sum(role.cost for role in by_role),
            seconds=runs.seconds(ledger, self.run.id),
        )
        limits = budget.Budget(self.budget.over(self.run.plan.budget.over(self.settings.budget)), used)
        async with (
            on_demand(self.settings) as open_embedded,
            vllm_on_demand(self.settings) as open_server,
            Gateway(self.settings, ledger, limits, open_embedded=open_embedded, open_server=open_server) as gateway,
        ):
            yield gateway

    async def _lay(
        self,
        ledger: Ledger,
        saver: BaseCheckpointSaver[Any],
        gateway: Gateway,
        domain: Domain[Any],
        recollection: Recollection,
    ) -> tuple[Bench, search.Search | None]:
        """The bench as the last checkpoint left it, and what to give the graph: None to go on within a step."""
        snapshot = await search.build(saver).aget_state(_config(self.run))
        kept = runs.steps_done(ledger, self.run)
        # The ledger is the truth: it goes on without a checkpoint that was lost, and where a power cut took its last
        # commits and left the checkpoint's, what it has not is done again.
        # One that was cut before its first step has a checkpoint without a state.
        begun = "due" in snapshot.values and snapshot.values["due"] <= kept
        due = snapshot.values["due"] if begun else kept

        def spent() -> Spent:
            used = gateway.budget.spent
            return Spent(
                calls=used.calls,
                prompt_tokens=used.prompt_tokens,
                completion_tokens=used.completion_tokens,
                cost=used.money,
                errors=ledger.failed_calls,
                in_flight=gateway.in_flight,
            )

        kin = await recollection.kin(due)
        bench = await asyncio.to_thread(
            lay,
            self.run,
            domain,
            ledger,
            gateway,
            Artifacts(self.settings.home / "artifacts"),
            due=due,
            spent=spent,
            tell=self.tell,
            notice=recollection.notice,
            kin=kin,
            # The embedded model answers, but has nothing to say: figures without words are the better finding.
            wordy=self.settings.role("scientist").server != EMBEDDED,
        )
        if due:
            elites = tuple((cell, elite.fitness) for cell, elite in bench.archive.elites.items())
            self.tell(Resumed(step=due, seconds=runs.seconds(ledger, self.run.id), elites=elites))
        if begun and snapshot.next:
            return bench, None
        return bench, search.from_step(due)

    async def _go(self, bench: Bench, saver: BaseCheckpointSaver[Any], state: search.Search | None) -> Ended:
        if bench.due >= self.run.plan.steps and state is not None:
            return Ended(status="finished", reason="every step is done")
        if state is None:
            await bench.aim(bench.due)  # the graph goes on behind `aim`: what it waits for must be at work again
        final = await search.build(saver).ainvoke(
            state, _config(self.run), context=bench, durability="sync", control=self.control
        )
        if final["halt"] == "pause":
            return Ended(status="paused", reason="asked to by a message")
        if final["halt"] == "stop":
            return Ended(status="stopped", reason="asked to by a message")
        return Ended(status="finished", reason=f"all {self.run.plan.steps} steps done")


@contextmanager
def settled_heap() -> Iterator[None]:
    """Garbage collection passes over what exists already for as long as the block lasts.

    Libraries bring a quarter of a million objects that live as long as the process. A full collection walks over them
    all, which stops the event loop for a fifth of a second and came to a tenth of a run's CPU.
    """
    gc.freeze()
    try:
        yield
    finally:
        gc.unfreeze()


def _config(run: Run) -> RunnableConfig:
    # Three supersteps a step and some for reflections; the graph ends by itself, this bound only catches bugs.
    return {"configurable": {"thread_id": run.id}, "recursion_limit": 5 * run.plan.steps + 100}
