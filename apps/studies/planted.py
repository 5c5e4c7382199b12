"""A search of rainbow-safety over a planted landscape, played out in this process, and what it found by which call."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import cast

from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl

from wunderkammer.agents.planner import Planner
from wunderkammer.apps.installation import make_domain
from wunderkammer.core.contract import Frozen, Role
from wunderkammer.core.events import Event, Remembered, Spent
from wunderkammer.core.plan import SearchPlan
from wunderkammer.graphs import search
from wunderkammer.graphs.bench import lay
from wunderkammer.memory.archive import Archive
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.embedders import Embedder, Hashed
from wunderkammer.memory.kin import Kin
from wunderkammer.memory.ledger import Ledger, address_of, joined
from wunderkammer.memory.runs import Run, begin
from wunderkammer.memory.slots import candidates_of, replay
from wunderkammer.models.gateway import Gateway
from wunderkammer.models.rehearsal import Planted, Script
from wunderkammer.models.rehearsal.offstage import Offstage
from wunderkammer.models.server import Fields

MODELS: dict[Role, str] = {
    "mutator": "planted-mutator",
    "target": "planted-target",
    "judge": "planted-judge",
    "classifier": "planted-classifier",
    "scientist": "unplanted",
}


@dataclass(frozen=True)
class Standing:
    """The archive after so many calls."""

    calls: int
    slots: int
    """How many slots these calls paid for."""
    found: float
    """Share of the planted weaknesses whose elite has danger 0.5 or more."""
    coverage: float
    texts: tuple[str, ...]
    """The elites', for measures of diversity."""


async def play(
    plan: SearchPlan,
    planted: Planted,
    home: Path,
    calls: Sequence[int],
    *,
    planner: Planner | None = None,
    embedder: Embedder | None = None,
    heard: Callable[[Fields], None] | None = None,
    hear: Callable[[Event], None] | None = None,
) -> list[Standing]:
    """Search until `max(calls)` requests were made; how the archive stood after each number of requests.

    Slots are counted in their order: a standing holds all slots that were paid for by then, and none beyond. planner:
    instead of the plan's own. embedder: in whose eyes things are new, where the plan decides by that; default: hashed
    n-grams, which read a marker's words and are quick. heard: is told the body of every request. hear: is told the
    events of the search.
    """
    domain = make_domain(plan)
    run = Run("r", plan.domain, plan, {}, None, 0, time.time())
    gateway = Offstage(Script(seed=planted.seed, player=planted), MODELS, home, heard)
    control = RunControl()

    def tell(event: Event) -> None:
        if hear:
            hear(event)
        # A step's slots are numbered before those in flight behind it: what is remembered is what counts.
        if isinstance(event, Remembered):
            end = (event.step + 1) * plan.batch
            if sum(n for slot, n in gateway.calls.items() if slot < end) >= max(calls):
                control.request_drain()

    async with joined(address_of(home)) as ledger:
        begin(ledger, run)
        await ledger.flush()
        bench = lay(
            run,
            domain,
            ledger,
            cast(Gateway, gateway),
            Artifacts(home / "artifacts"),
            due=0,
            spent=lambda: Spent(calls=0, prompt_tokens=0, completion_tokens=0, cost=0, errors=0, in_flight=0),
            tell=tell,
            notice=lambda _: None,
            kin=Kin(plan, embedder or Hashed(), known=lambda _: None) if plan.considers_novelty else None,
        )
        bench = replace(bench, planner=planner or bench.planner)
        try:
            await search.build().ainvoke(
                search.from_step(0), {"recursion_limit": 1_000_000}, context=bench, control=control
            )
        except GraphDrained:
            pass
        finally:
            await bench.flow.abandon()
            await ledger.flush()
        return _standings(ledger, run, domain.genome, planted, gateway, calls)


def _standings(
    ledger: Ledger, run: Run, genome: type[Frozen], planted: Planted, gateway: Offstage, calls: Sequence[int]
) -> list[Standing]:
    archive = Archive(planted.axes)
    wanted, spent, standings = sorted(calls), 0, []
    for slot, (_, trial) in enumerate(replay(ledger, run)):
        spent += gateway.calls[slot]
        while wanted and spent > wanted[0]:
            standings.append(_standing(ledger, archive, genome, planted, wanted.pop(0), slot))
        if not wanted:
            break
        if trial is not None:
            archive.add(trial)
    assert not wanted, f"the run ended after {spent} calls"
    return standings


def _standing(
    ledger: Ledger, archive: Archive, genome: type[Frozen], planted: Planted, calls: int, slots: int
) -> Standing:
    held = {cell: elite.candidate for cell, elite in archive.elites.items()}
    made = candidates_of(ledger, held.values(), genome)
    elites = {cell: made[name].genome.text for cell, name in held.items()}
    texts = tuple(elites[cell] for cell in sorted(elites))
    return Standing(calls, slots, planted.found(elites), archive.coverage, texts)
