"""A way to run the search graph over the garden."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.runtime import RunControl

from stage.garden import Garden, Mute, Weather
from wunderkammer.core.events import Event, Spent
from wunderkammer.core.plan import SearchPlan
from wunderkammer.graphs import search
from wunderkammer.graphs.bench import lay
from wunderkammer.memory.archive import Archive
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.kin import Kin
from wunderkammer.memory.ledger import address_of, joined
from wunderkammer.memory.runs import Run, begin
from wunderkammer.memory.slots import archive_of, entries


@dataclass
class Grown:
    """What came of a run."""

    archive: Archive
    events: list[Event]
    final: dict[str, Any]

    def holders(self) -> dict:
        return {cell: (elite.slot, elite.candidate) for cell, elite in self.archive.elites.items()}


@pytest.fixture
def garden(tmp_path: Path):
    """Runs a plan over a garden in this test's own home; a second call with the same run resumes it."""

    async def grow(
        plan: SearchPlan,
        weather: Weather | None = None,
        *,
        kind: type[Garden] = Garden,
        run: str = "r",
        saver: BaseCheckpointSaver[Any] | None = None,
        control: RunControl | None = None,
        tell: Callable[[Event], None] | None = None,
        kin: Kin | None = None,
    ) -> Grown:
        domain = kind(weather or Weather())
        row = Run(run, domain.name, plan, {}, None, 0, time.time())
        events: list[Event] = []

        def hear(event: Event) -> None:
            events.append(event)
            if tell:
                tell(event)

        graph = search.build(saver or InMemorySaver())
        config = {"configurable": {"thread_id": run}, "recursion_limit": 10_000}
        async with joined(address_of(tmp_path)) as ledger:
            begin(ledger, row)
            await ledger.flush()
            snapshot = await graph.aget_state(config)
            due = snapshot.values["due"] if snapshot.created_at else 0
            if kin:  # what an earlier process remembered
                told = [e for e in entries(ledger, row, domain.genome) if e.slot < due * plan.batch]
                await kin.add([(e, domain.text(e.candidate.genome)) for e in told])
            bench = lay(
                row,
                domain,
                ledger,
                gateway=Mute(),
                cupboard=Artifacts(tmp_path / "artifacts"),
                due=due,
                spent=lambda: Spent(calls=0, prompt_tokens=0, completion_tokens=0, cost=0, errors=0, in_flight=0),
                tell=hear,
                notice=lambda entries: None,
                kin=kin,
            )
            state = search.from_step(due)
            if snapshot.created_at and snapshot.next:
                await bench.aim(due)
                state = None
            try:
                final = await graph.ainvoke(state, config, context=bench, durability="sync", control=control)
            finally:
                await bench.flow.abandon()
                await ledger.flush()
            return Grown(archive_of(ledger, row, domain.axes), events, final)

    return grow
