"""The search graph: the same result at any speed, nothing lost, nothing doubled, nobody held up."""

from __future__ import annotations

import asyncio
import random
from collections import Counter
from types import SimpleNamespace

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.errors import GraphDrained
from langgraph.runtime import RunControl
from sqlalchemy import func, select

from stage.garden import Garden, Show, Weather
from wunderkammer.core.errors import BadReply, ServerDown
from wunderkammer.core.events import Explored, Remembered
from wunderkammer.core.plan import ABLATIONS, SearchPlan
from wunderkammer.graphs.search import Search, fan_out
from wunderkammer.memory import inbox
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.tables import duels, outcomes

PLAN = SearchPlan(domain="garden", steps=12, batch=8, lag=2, seeds=6, seed=5)


def jittery(seed: int, scale: float = 0.004):
    rng = random.Random(seed)
    return lambda slot: rng.expovariate(1 / scale)


@pytest.mark.parametrize("kind", [Garden, Show])
async def test_the_archive_does_not_depend_on_how_fast_anybody_was(garden, kind):
    plan = PLAN.model_copy(update={"domain": kind.name})
    calm = await garden(plan, kind=kind, run="calm")
    hasty = await garden(plan, Weather(delay=jittery(1)), kind=kind, run="hasty")
    assert calm.holders() == hasty.holders()
    assert len(calm.archive) > 15


async def test_it_climbs(garden):
    start = await garden(PLAN.model_copy(update={"steps": 2}), run="short")
    end = await garden(PLAN.model_copy(update={"steps": 40}), run="long")
    best = [max(elite.score for elite in grown.archive.elites.values()) for grown in (start, end)]
    assert best[1] > best[0] + 0.5


async def test_each_slot_is_evaluated_once_and_remembered_once(garden, tmp_path):
    weather = Weather(delay=jittery(2))
    grown = await garden(PLAN, weather)
    explored = Counter(event.slot for event in grown.events if isinstance(event, Explored))
    assert explored == Counter(range(PLAN.steps * PLAN.batch))
    assert max(Counter(weather.evaluated).values()) == 1
    with opened(address_of(tmp_path)) as ledger:
        assert ledger.rows(select(func.count()).select_from(outcomes))[0][0] == PLAN.steps * PLAN.batch


async def test_duels_of_one_cell_are_held_in_slot_order_against_the_holder_of_the_moment(garden, tmp_path):
    weather = Weather(delay=jittery(3))
    plan = PLAN.model_copy(update={"domain": "show", "batch": 16})
    grown = await garden(plan, weather, kind=Show)
    cells = {}
    fates = {event.slot: event for event in grown.events if isinstance(event, Explored)}
    for slot in sorted(fates):
        event = fates[slot]
        if event.fate not in ("elite", "lost"):
            continue
        if event.cell in cells and event.verdict is not None:
            assert (slot, cells[event.cell]) in weather.dueled
        if event.fate == "elite":
            cells[event.cell] = slot
    with opened(address_of(tmp_path)) as ledger:
        assert len(ledger.rows(select(duels))) == len(weather.dueled)


async def test_a_slow_slot_does_not_hold_up_the_others(garden):
    """Slot 3 answers only when all others that may be in flight are through; were it waited for, all would hang."""
    others_through = asyncio.Event()
    others = PLAN.batch * (PLAN.lag + 1) - 1

    class Patient(Garden):
        async def evaluate(self, candidates, lab):
            if lab.slot == 3:
                await others_through.wait()
            found = await super().evaluate(candidates, lab)
            if len(self.weather.evaluated) == others:
                others_through.set()
            return found

    fresh = PLAN.model_copy(update={"seeds": 0})
    weather = Weather()
    grown = await asyncio.wait_for(garden(fresh, weather, kind=Patient), 240)
    assert weather.evaluated.index(3) >= others
    assert grown.holders() == (await garden(fresh, run="calm")).holders()


async def test_steps_in_flight_are_bounded_by_the_lag(garden):
    weather = Weather(delay=lambda slot: 0.005)
    await garden(PLAN, weather)
    assert PLAN.batch < weather.busiest <= PLAN.batch * (PLAN.lag + 1)


async def test_state_and_checkpoints_do_not_grow(garden):
    saver = InMemorySaver()
    await garden(PLAN.model_copy(update={"steps": 30}), saver=saver)
    sizes = [len(blob) for (_, _, _, version), (_, blob) in saver.blobs.items() if blob]
    assert max(sizes) < 2_000


@pytest.mark.parametrize("moment", [1, 9, 30, 55, 90])
async def test_cancelled_anywhere_and_resumed_it_ends_the_same(garden, moment):
    plan = PLAN.model_copy(update={"domain": "show"})
    whole = await garden(plan, kind=Show, run="whole")
    saver, count = InMemorySaver(), 0
    weather = Weather(delay=jittery(4))

    def tell(event) -> None:
        nonlocal count
        count += isinstance(event, Explored)
        if count == moment:
            task.cancel()

    task = asyncio.ensure_future(garden(plan, weather, kind=Show, run="cut", saver=saver, tell=tell))
    with pytest.raises(asyncio.CancelledError):
        await task
    before = len(weather.evaluated)
    rest = Weather(delay=jittery(5))
    cut = await garden(plan, rest, kind=Show, run="cut", saver=saver)
    assert cut.holders() == whole.holders()
    assert before + len(rest.evaluated) <= plan.steps * plan.batch + plan.batch * (plan.lag + 1)


async def test_a_drain_rests_after_the_step_in_hand(garden):
    saver, control = InMemorySaver(), RunControl()

    def tell(event) -> None:
        if isinstance(event, Remembered) and event.step == 3:
            control.request_drain("test")

    with pytest.raises(GraphDrained):
        await garden(PLAN, run="d", saver=saver, control=control, tell=tell)
    rest = await garden(PLAN, run="d", saver=saver)
    assert rest.holders() == (await garden(PLAN, run="w")).holders()
    steps = [event.step for event in rest.events if isinstance(event, Remembered)]
    assert steps == list(range(steps[0], PLAN.steps))
    assert steps[0] in (4, 5)


async def test_unusable_words_cost_a_slot_and_nothing_else(garden):
    weather = Weather(fault=lambda slot: BadReply("gibberish") if slot % 5 == 0 else None)
    grown = await garden(PLAN, weather)
    fates = Counter(event.fate for event in grown.events if isinstance(event, Explored))
    assert fates["unusable"] > 10
    assert fates["error"] == 0


async def test_errors_are_counted_apart_and_never_placed(garden, tmp_path):
    grown = await garden(PLAN, Weather(fault=lambda slot: ServerDown("gone") if slot % 3 == 0 else None))
    failed = {event.slot for event in grown.events if isinstance(event, Explored) and event.fate == "error"}
    assert failed
    assert not failed & {elite.slot for elite in grown.archive.elites.values()}
    with opened(address_of(tmp_path)) as ledger:
        rows = ledger.rows(select(outcomes).where(outcomes.c.fate == "error"))
    assert {row.slot for row in rows} == failed
    assert all(row.score is None and row.cell is None and row.error == "gone" for row in rows)


async def test_a_server_that_stays_down_ends_the_run_and_resume_tries_its_slots_again(garden):
    saver = InMemorySaver()
    with pytest.raises(ServerDown):
        await garden(PLAN, Weather(fault=lambda slot: ServerDown("gone") if slot >= 32 else None), saver=saver)
    rest = await garden(PLAN, saver=saver)
    assert rest.holders() == (await garden(PLAN, run="w")).holders()


async def test_messages_are_obeyed_once_at_the_next_step(garden, tmp_path):
    def tell(event) -> None:
        if isinstance(event, Remembered) and event.step == 1:
            with opened(address_of(tmp_path)) as ledger:
                inbox.post(ledger, "r", "focus nonsense words for the gardener")
                inbox.post(ledger, "r", "stop")

    grown = await garden(PLAN, tell=tell)
    assert grown.final["halt"] == "stop"
    assert max(event.step for event in grown.events if isinstance(event, Remembered)) < PLAN.steps - 1
    with opened(address_of(tmp_path)) as ledger:
        assert all(heard for _, _, heard in inbox.messages(ledger, "r"))


async def test_rollouts_are_evaluated_together(garden):
    sizes = []

    class Together(Garden):
        together = 4

        async def evaluate(self, candidates, lab):
            sizes.append(len(candidates))
            return [self.outcome(candidate) for candidate in candidates]

    together = await garden(PLAN, kind=Together, run="together")
    alone = await garden(PLAN, run="alone")
    assert together.holders() == alone.holders()
    assert max(sizes) == 4
    assert sum(sizes) / len(sizes) > 3.5


@pytest.mark.parametrize(("together", "tasks"), [(1, [(40, 48), (48, 56), (56, 60)]), (16, [(40, 56), (56, 60)])])
def test_slots_that_are_evaluated_together_are_one_task(together, tasks):
    kind = type("Kind", (Garden,), {"together": together})
    run = SimpleNamespace(plan=PLAN.model_copy(update={"batch": 20}))
    runtime = SimpleNamespace(context=SimpleNamespace(run=run, domain=kind(Weather())))
    sent = fan_out(Search(due=2, going=2, made=[], halt=""), runtime)
    assert [(one.arg["first"], one.arg["end"]) for one in sent] == tasks


async def test_the_score_ablation_ranks_by_fitness_without_duels(garden):
    plan = PLAN.model_copy(update={"domain": "show", "ablations": ABLATIONS["score-fitness"]})
    weather = Weather()
    grown = await garden(plan, weather, kind=Show)
    assert not weather.dueled
    ranked = [event for event in grown.events if isinstance(event, Explored) and event.fate in ("elite", "lost")]
    for event in ranked:
        assert event.score == event.fitness
        assert grown.archive.elites[event.cell].score >= event.score
