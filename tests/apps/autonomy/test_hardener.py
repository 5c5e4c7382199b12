"""An autonomous run that hardens, over a planted landscape: when it may, from what, what it counts, and going on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from langgraph.runtime import RunControl
from sqlalchemy import func, select

from stage.archives import settings_at
from stage.mending import AtOnce, Mended, StageRecipe, landscape, stage_forge
from wunderkammer.apps.autonomy.conduct import Wander, new_wander
from wunderkammer.apps.hardening.exam import Utility
from wunderkammer.apps.hardening.figures import Mean
from wunderkammer.apps.hardening.happenings import Done
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.adapters import everything
from wunderkammer.core.autonomy import Activity, AutonomousPlan
from wunderkammer.core.events import Acted, Chosen
from wunderkammer.core.settings import BudgetSettings, Settings
from wunderkammer.memory import hardenings, inbox, runs
from wunderkammer.memory.hardenings import all_hardenings
from wunderkammer.memory.ledger import opened
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.tables import calls
from wunderkammer.memory.ventures import Venture
from wunderkammer.models.rehearsal import Script, rehearsal

SEARCH = {"domain": "rainbow-safety", "batch": 16, "lag": 1, "evaluations": 1}
PARTS = {
    "lessons": {"per_elite": 2, "per_cell": 0, "most": 400},
    "exam": {"samples": 1, "benign": 2, "travel": False},
}
SEARCHES, HARDENS = "search rainbow-safety", "harden rainbow-safety"


def plan_of(choices: int, **budget: Any) -> AutonomousPlan:
    return AutonomousPlan(
        activities=(
            Activity(action="search", subject="rainbow-safety", plan=SEARCH, steps=8),
            Activity(action="harden", subject="rainbow-safety", plan=PARTS, steps=4),
        ),
        budget=BudgetSettings(**(budget or {"calls": 100_000})),
        most_choices=choices,
        exhausted=0,
    )


@pytest.fixture
async def settings(tmp_path):
    async with rehearsal(Script(seed=3, player=Mended(landscape(), tmp_path)), keep=0) as server:
        yield settings_at(tmp_path, server.url)


def wander(
    settings: Settings, plan: AutonomousPlan | None = None, of: Venture | None = None, forge: Any = None, **more: Any
) -> Wander:
    venture = of or new_wander(plan or plan_of(3), settings)
    worker = AtOnce(settings.home)
    made = forge or stage_forge(dispatcher=lambda _: worker)
    return Wander(venture, settings, worker, lambda event: None, RunControl(), make_forge=made, **more)


def told(made: Wander, kind: str) -> list[Any]:
    with opened(ledger_address(made.settings)) as ledger:
        return [event for _, event in runs.told(ledger, made.venture.id, kind)]


async def test_it_hardens_what_its_search_found_and_counts_what_it_closed(settings) -> None:
    made = wander(settings)
    said = []
    made.watch = said.append
    ended = await made.conduct()
    assert (ended.status, ended.reason) == ("finished", "all 3 choices are made")

    chosen: list[Chosen] = told(made, "chosen")
    assert [event.arm for event in chosen] == [SEARCHES, HARDENS, SEARCHES]
    assert "0 of the 12 new failing elites" in chosen[0].waiting[HARDENS]
    assert [one.stage for one in said if isinstance(one, Done)][-1] == "reattack"
    _, hardened, _ = told(made, "acted")
    assert not hardened.failed
    assert hardened.figures["after"] < hardened.figures["held out before"]
    closed = hardened.figures["elites"] * (hardened.figures["held out before"] - hardened.figures["after"])
    assert hardened.gain == pytest.approx(2 * closed)

    name, search = f"{made.venture.id}-rainbow-safety-harden-0", f"{made.venture.id}-rainbow-safety"
    (adapter,) = everything(settings.home)
    assert (chosen[1].part, adapter.name) == (name, f"{name}-1")
    with opened(ledger_address(settings)) as ledger:
        split = hardenings.stage(ledger, name, 0, "attack")
        fork, held = find_run(ledger, split["learnt"][0]), find_run(ledger, split["held_out"][0])
        went_on = find_run(ledger, search)
        asked = select(func.sum(calls.c.attempts)).where(calls.c.run.startswith(name), calls.c.cached.is_(False))
        ((spent,),) = ledger.rows(asked)
        done = runs.steps_done(ledger, went_on)
    assert (fork.parent, fork.parent_slots) == (search, 8 * SEARCH["batch"])
    assert held.plan.seed != went_on.plan.seed
    assert done == 16  # it goes on, against the original
    assert went_on.roles["target"]["model"] == "planted-target"
    assert hardened.spent.calls == spent > 0


async def test_what_is_bought_with_the_rest_of_it_gains_nothing(settings) -> None:
    class Costly(StageRecipe):
        def read(self, result):
            return Utility(perplexity=40, perplexity_ratio=Mean(mean=1.5, low=1.5, high=1.5, n=1), accuracy=0.5)

    worker = AtOnce(settings.home)
    made = wander(settings, plan_of(2), forge=stage_forge(Costly(), dispatcher=lambda _: worker))
    await made.conduct()
    acted: Acted = told(made, "acted")[1]

    assert acted.figures["after"] < acted.figures["held out before"]
    assert acted.gain == 0
    assert not acted.failed
    assert "perplexity is 1.50 times the original's" in acted.reason


async def test_the_next_one_is_measured_on_the_same_and_gains_only_what_is_new(settings) -> None:
    made = wander(settings, plan_of(6))
    await made.conduct()
    hardened = [event for event in told(made, "acted") if event.arm == HARDENS]
    assert len(hardened) > 1, [event.arm for event in told(made, "acted")]

    with opened(ledger_address(settings)) as ledger:
        attacks = [
            hardenings.stage(ledger, one.id, 0, "attack")
            for one in sorted(all_hardenings(ledger), key=lambda one: one.at)
        ]
    assert len({tuple(body["held_out"]) for body in attacks}) == 1
    assert len({tuple(body["learnt"]) for body in attacks}) == len(attacks)
    fell = [event.figures["held out before"] - event.figures["after"] for event in hardened]
    assert hardened[0].gain == pytest.approx(2 * hardened[0].figures["elites"] * fell[0])
    assert hardened[1].gain == pytest.approx(2 * hardened[1].figures["elites"] * max(0.0, fell[1] - fell[0]))


@pytest.mark.parametrize("stage", ["attack", "teach"])
async def test_a_rest_within_a_hardening_leaves_the_choice_open_and_it_goes_on(settings, stage) -> None:
    made = wander(settings)
    made.watch = _rest_at(made, stage)
    ended = await made.conduct()
    assert (ended.status, ended.reason) == ("paused", "asked to rest")
    assert len(told(made, "acted")) == 1

    again = wander(settings, of=made.venture)
    assert (await again.conduct()).status == "finished"
    assert [event.arm for event in told(again, "acted")] == [SEARCHES, HARDENS, SEARCHES]
    assert [one.name for one in everything(settings.home)] == [f"{made.venture.id}-rainbow-safety-harden-0-1"]
    assert told(again, "acted")[1].gain > 0


def _rest_at(made: Wander, stage: str) -> Callable[[object], None]:
    def watch(said: object) -> None:
        if getattr(said, "stage", "") == stage:
            made.control.request_drain()

    return watch


async def test_what_a_limit_broke_off_is_taken_up_again_when_there_is_more(settings) -> None:
    first = wander(settings, plan_of(1))
    await first.conduct()
    limit = round(1.6 * told(first, "acted")[0].spent.calls)

    made = wander(settings, plan_of(20, calls=limit))
    ended = await made.conduct()
    (_, broken) = told(made, "acted")
    assert (ended.status, broken.arm, broken.gain) == ("stopped", HARDENS, 0)
    assert sum(event.spent.calls for event in told(made, "acted")) <= limit

    again = wander(settings, of=made.venture, budget=BudgetSettings(calls=100_000))
    with opened(ledger_address(settings)) as ledger:
        inbox.post(ledger, made.venture.id, "harden safety")
    again.tell = lambda event: again.control.request_drain() if isinstance(event, Acted) else None
    await again.conduct()
    taken_up = told(again, "acted")[2]
    assert (taken_up.arm, taken_up.part) == (HARDENS, broken.part)
    assert taken_up.gain > 0


async def test_a_trainer_that_fails_is_a_failure_of_that_choice_alone(settings) -> None:
    worker = AtOnce(settings.home)
    made = wander(settings, plan_of(3), forge=stage_forge(StageRecipe(fail="no memory"), dispatcher=lambda _: worker))
    ended = await made.conduct()
    acted = told(made, "acted")

    assert ended.status == "finished"
    assert [(event.arm, event.failed) for event in acted] == [(SEARCHES, False), (HARDENS, True), (SEARCHES, False)]
    assert "no memory" in acted[1].reason


async def test_the_time_of_a_gpu_is_counted_from_the_ledger(settings) -> None:
    class Timed(AtOnce):
        async def submit(self, job):
            self.limits = [*getattr(self, "limits", ()), job.limit_s]
            return await super().submit(job)

        def _run(self, job, folder):
            super()._run(job, folder)
            standing = self._standings.get(job.id)
            if standing is None:
                from wunderkammer.core.work import Standing

                self._standings[job.id] = Standing(job=job, status="done", submitted=0.0, worked_s=30.0)
            else:
                self._standings[job.id] = standing.model_copy(update={"worked_s": 30.0})

    worker = Timed(settings.home)
    plan = plan_of(3).model_copy(update={"gpu_minutes": 0.5})
    made = wander(settings, plan, forge=stage_forge(StageRecipe(gpus=1), dispatcher=lambda _: worker))
    await made.conduct()

    assert worker.limits == [None, 30.0, None]
    assert "GPU minutes is used up" in told(made, "chosen")[2].waiting[HARDENS]
    assert told(made, "acted")[1].spent.gpu_seconds == 30.0  # the measuring job takes none
