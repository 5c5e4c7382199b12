"""Novelty that decides: a search refuses near-duplicates, weighs and prefers the new, and is the same at any speed."""

from __future__ import annotations

import random

import pytest

from stage.garden import Plant, Weather
from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.core.errors import ServerDown
from wunderkammer.core.events import Explored
from wunderkammer.core.plan import ABLATIONS, NoveltySettings, SearchPlan
from wunderkammer.memory.embedders import Hashed
from wunderkammer.memory.kin import Kin

PLAN = SearchPlan(domain="garden", steps=10, batch=8, lag=2, seeds=6, seed=5)
EMBEDDER = Hashed(64)


def kin_of(plan: SearchPlan) -> Kin:
    return Kin(plan, EMBEDDER, known=lambda name: None)


def with_novelty(**options: float) -> SearchPlan:
    return PLAN.model_copy(update={"novelty": NoveltySettings(**options)})


def jittery(seed: int):
    rng = random.Random(seed)
    return lambda slot: rng.expovariate(1 / 0.004)


def fates(grown) -> dict[int, str]:
    return {event.slot: event.fate for event in grown.events if isinstance(event, Explored)}


async def test_by_default_nothing_is_embedded() -> None:
    assert not PLAN.considers_novelty
    assert with_novelty(bias=2).considers_novelty
    assert not with_novelty(bias=2).model_copy(update={"ablations": ABLATIONS["no-novelty"]}).considers_novelty


@pytest.mark.parametrize("options", [{"refuse": 0.3}, {"weight": 2.0}, {"bias": 4.0}])
async def test_the_result_does_not_depend_on_timing(garden, options) -> None:
    plan = with_novelty(**options)
    calm = await garden(plan, run="calm", kin=kin_of(plan))
    hasty = await garden(plan, Weather(delay=jittery(1)), run="hasty", kin=kin_of(plan))
    plain = await garden(PLAN, run="plain")
    assert calm.holders() == hasty.holders()
    assert fates(calm) == fates(hasty)
    assert (calm.holders(), fates(calm)) != (plain.holders(), fates(plain))


async def test_what_lies_too_near_is_refused_before_it_is_evaluated(garden) -> None:
    plan = with_novelty(refuse=0.3)
    weather = Weather()
    grown = await garden(plan, weather, kin=kin_of(plan))
    refused = {slot for slot, fate in fates(grown).items() if fate == "duplicate"}
    assert refused
    assert not refused & set(weather.evaluated)
    assert min(refused) >= (PLAN.lag + 1) * PLAN.batch  # nothing was remembered when earlier steps were laid out
    reasons = [e.reason for e in grown.events if isinstance(e, Explored) and e.slot in refused]
    assert any(reason and reason.startswith("only 0.") for reason in reasons)


async def test_a_run_that_broke_off_goes_on_as_if_it_had_not(garden) -> None:
    from langgraph.checkpoint.memory import InMemorySaver

    plan, saver = with_novelty(refuse=0.2, bias=3.0, weight=0.5), InMemorySaver()
    whole = await garden(plan, run="whole", kin=kin_of(plan))

    def storm(slot: int) -> Exception | None:
        return ServerDown("storm") if slot >= 40 else None

    with pytest.raises(ServerDown):
        await garden(plan, Weather(fault=storm), run="broken", saver=saver, kin=kin_of(plan))
    mended = await garden(plan, run="broken", saver=saver, kin=kin_of(plan))
    assert mended.holders() == whole.holders()


async def test_a_look_sees_what_was_remembered_when_the_step_was_laid_out_and_nothing_else() -> None:
    kin = kin_of(with_novelty(refuse=0.01))
    texts = ["red tulips by the wall", "white lilies in the pond"]
    for slot, text in enumerate(texts):
        await kin.add([(entry(slot, text), text)])
    assert (await kin.look("new", texts[0], PLAN.lag)).novelty is None  # step 0 is not behind step 2 - lag
    look = await kin.look("new", texts[0], PLAN.lag + 1)
    assert look.refused
    assert look.distance == pytest.approx(0, abs=1e-5)
    other = await kin.look("other", "a heap of stones", PLAN.lag + 1)
    assert not other.refused
    assert other.novelty is not None
    assert other.novelty > 0.5


async def test_novelty_raises_a_score_and_leaves_the_fitness() -> None:
    plan = with_novelty(weight=2.0)
    kin = kin_of(plan)
    await kin.add([(entry(0, "red tulips"), "red tulips")])
    look = await kin.look("new", "a heap of stones", PLAN.lag + 1)
    judged = kin.judged(Outcome(score=1.0, cell=None), look)
    assert judged.score == pytest.approx(1 + 2 * look.novelty)
    assert judged.fitness == 1.0
    assert judged.measures["novelty"] == look.novelty
    assert kin.judged(Outcome(score=None, cell=None), look).score is None


def entry(slot: int, text: str) -> Entry:
    plant = Plant(bed=0, row=0, height=float(slot))
    return Entry(candidate=Candidate(domain="garden", genome=plant), outcome=Outcome(score=0.0, cell=None), slot=slot)
