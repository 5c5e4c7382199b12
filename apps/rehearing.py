"""Candidates put to a target outside any search: evaluated through their domain, nothing but calls written down."""

from __future__ import annotations

import asyncio
import time
import uuid
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

from wunderkammer.agents.judge import Judge
from wunderkammer.agents.lab import SlotLab
from wunderkammer.agents.mutator import Mutator
from wunderkammer.core.contract import Candidate, Domain, Evaluates, Outcome
from wunderkammer.core.errors import BudgetExceeded, ModelError
from wunderkammer.core.ids import rng_for
from wunderkammer.core.records import Aim
from wunderkammer.core.settings import ROLES, Settings
from wunderkammer.graphs.attempt import PATIENCE, evaluator
from wunderkammer.jobs.vllm.opening import vllm_on_demand
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ledger import Ledger
from wunderkammer.models.budget import Budget
from wunderkammer.models.embedded import on_demand
from wunderkammer.models.gateway import Gateway

INTERRUPTED = "interrupted"


@dataclass(frozen=True, slots=True)
class Take:
    """What one evaluation came to: an outcome, or the fault that stood in its way. A fault is no finding."""

    outcome: Outcome | None
    fault: str | None = None

    @property
    def fitness(self) -> float | None:
        """None also where the evaluation itself failed."""
        return self.outcome.fitness if self.outcome is not None and self.outcome.error is None else None


@dataclass(frozen=True, slots=True)
class Takes:
    """What was evaluated, by place in the list that was given; `end` says why some are missing."""

    by_place: dict[int, Take]
    end: str = ""
    fault: BudgetExceeded | ModelError | None = None
    """What ended it, where that was not a person."""


def new_hearing(kind: str) -> str:
    """An id for calls that belong to no run: `replay-…`, `transfer-…`, `calibrate-…`."""
    return f"{kind}-{uuid.uuid4().hex[:12]}"


def afresh(settings: Settings) -> Settings:
    """Settings under which nobody is answered from the ledger, not even at temperature 0."""
    seats = {role: settings.role(role).model_copy(update={"cache": False}) for role in ROLES}
    return settings.model_copy(update={"roles": {**settings.roles, **seats}})


@asynccontextmanager
async def gateway_of(settings: Settings, ledger: Ledger, budget: Budget | None = None) -> AsyncIterator[Gateway]:
    """A gateway within a budget (default: the settings'); servers of ours are started where a role needs them."""
    async with (
        on_demand(settings) as open_embedded,
        vllm_on_demand(settings) as open_server,
        Gateway(
            settings,
            ledger,
            budget or Budget(settings.budget),
            open_embedded=open_embedded,
            open_server=open_server,
        ) as gateway,
    ):
        yield gateway


def lab_of(settings: Settings, gateway: Gateway, hearing: str, place: int = -1, votes: int = 2) -> SlotLab:
    """The lab of one evaluation. Its randomness follows from the hearing's id: another hearing draws anew."""
    return SlotLab(
        run=hearing,
        seed=rng_for("hearing", hearing).getrandbits(31),
        aim=Aim(slot=place, step=0, origin="seed"),
        gateway=gateway,
        mutator=Mutator(None),
        judge=Judge(votes),
        cupboard=Artifacts(settings.home / "artifacts"),
        clock=time.time,
    )


class Hearing:
    """Evaluates candidates of one domain through one gateway.

    votes: judge evaluations per order, for domains whose evaluation compares.
    """

    def __init__(self, settings: Settings, gateway: Gateway, domain: Domain[Any], hearing: str, votes: int = 2) -> None:
        self.hearing = hearing
        self._settings = settings
        self._gateway = gateway
        self._domain: Evaluates[Any] = evaluator(domain)
        self._votes = votes
        self._failures = 0
        self._takes: dict[int, Take] = {}
        # No more at once than the target takes: what is cut short should have finished some, not begun all.
        self._turns = asyncio.Semaphore(settings.server(settings.role("target").server).concurrency)

    async def hear(self, candidates: Sequence[Candidate[Any]], tick: Callable[[], None], first: int = 0) -> Takes:
        """Evaluate all; places count from `first`.

        Being cancelled, a hard limit of the budget, or as many faults on end as exhaust our patience end it early, with
        what was evaluated by then. Raises the `ModelError` where nothing was.
        """
        size = self._domain.together
        groups = [range(at, min(at + size, len(candidates))) for at in range(0, len(candidates), size)]
        tasks = [asyncio.create_task(self._evaluate(candidates, group, first, tick)) for group in groups]
        end, ended_by = "", None
        try:
            await asyncio.gather(*tasks)
        except asyncio.CancelledError:
            if (me := asyncio.current_task()) is not None:
                me.uncancel()  # it is obeyed here; whoever called goes on with what there is
            end = INTERRUPTED
        except (BudgetExceeded, ModelError) as fault:
            end, ended_by = str(fault), fault
            if not any(take.outcome for take in self._takes.values()):
                raise
        finally:
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
        return Takes(dict(sorted(self._takes.items())), end, ended_by)

    async def _evaluate(
        self, candidates: Sequence[Candidate[Any]], group: range, first: int, tick: Callable[[], None]
    ) -> None:
        lab = lab_of(self._settings, self._gateway, self.hearing, first + group.start, votes=self._votes)
        try:
            async with self._turns:
                outcomes = await self._domain.evaluate([candidates[place] for place in group], lab)
        except ModelError as fault:
            self._failures += 1
            self._takes.update({first + place: Take(None, str(fault)) for place in group})
            if self._failures >= min(PATIENCE, len(candidates)):
                raise
        else:
            self._failures = 0
            self._takes.update({first + place: Take(o) for place, o in zip(group, outcomes, strict=True)})
        for _ in group:
            tick()
