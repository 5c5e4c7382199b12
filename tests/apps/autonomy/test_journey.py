"""The journey of an autonomous run, with actors that are figures: what is chosen, paid for, heard and gone on with."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from langgraph.checkpoint.memory import InMemorySaver
from langgraph.runtime import RunControl

from wunderkammer.apps.autonomy.accounts import Purse
from wunderkammer.apps.autonomy.actors import Gain
from wunderkammer.apps.autonomy.itinerary import Journey
from wunderkammer.apps.venturing import Resting
from wunderkammer.core.autonomy import Activity, AutonomousPlan
from wunderkammer.core.calls import Call
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import Ended
from wunderkammer.core.settings import BudgetSettings
from wunderkammer.graphs import autonomous
from wunderkammer.memory import inbox, runs
from wunderkammer.memory.ledger import Ledger, address_of, joined

PLAN = AutonomousPlan(
    activities=(Activity(action="search", subject="rich"), Activity(action="search", subject="poor")),
    budget=BudgetSettings(calls=200),
    exhausted=0,
)


class Clerk:
    """Writes ten calls a step into the ledger; each call of a step has an id, as a search's have."""

    def __init__(self, ledger: Ledger, run: str, *, ends: dict[str, Ended] | None = None) -> None:
        self.ledger = ledger
        self.run = run
        self.ends = ends or {}
        self.waiting = {}
        self.called_off = []
        self.acts = []
        self.limits = []

    def part(self, activity, number):
        return f"{self.run}-{activity.subject}"

    def waits(self, activity, left):
        return self.waiting.get(activity.subject, "")

    def begun(self, part):
        return 0

    async def call_off(self, part):
        self.called_off.append(part)

    async def act(self, activity, chosen, limits):
        self.acts.append(chosen.arm)
        self.limits.append(limits)
        for number in range(10):
            name = f"{chosen.step}-{number}"
            self.ledger.record(
                Call(
                    id=name,
                    run=chosen.part,
                    slot=number,
                    role="target",
                    server="s",
                    model="m",
                    request=name,
                    attempts=1,
                )
            )
        await self.ledger.flush()
        return self.ends.get(activity.subject, Ended(status="finished", reason="done"))

    def gain(self, chosen):
        return Gain(20.0 if chosen.arm == "search rich" else 1.0)


def journey(ledger: Ledger, plan: AutonomousPlan = PLAN, clerk: Clerk | None = None, control=None) -> Journey:
    @asynccontextmanager
    async def nobody(spent):
        yield None

    clerk = clerk or Clerk(ledger, "w")
    return Journey(
        run="w",
        plan=plan,
        ledger=ledger,
        purse=Purse(ledger, "w", lambda: 1.0),
        actors={"search": clerk},
        control=control or RunControl(),
        tell=lambda event: None,
        advisor=nobody,
    )


async def wander(one: Journey, step: int = 0) -> str:
    graph = autonomous.build(InMemorySaver())
    config = {"configurable": {"thread_id": "w"}, "recursion_limit": 10_000}
    final = await graph.ainvoke(autonomous.from_step(step), config, context=autonomous.Map(one))
    return final["halt"]


@pytest.fixture
async def ledger(tmp_path: Path):
    async with joined(address_of(tmp_path)) as found:
        yield found


async def test_the_budget_is_spent_where_it_yields(ledger) -> None:
    one = journey(ledger)

    assert await wander(one) == "the budget of 200 calls is used up"
    arms = [event.arm for event in one.chosen().values()]
    assert len(arms) == 20
    assert arms.count("search rich") > 2 * arms.count("search poor") > 0
    assert one.spent().calls == 200
    assert sum(event.spent.calls for event in one.acted().values()) == 200


async def test_a_part_may_use_what_it_has_used_and_all_that_is_left(ledger) -> None:
    clerk = Clerk(ledger, "w")
    await wander(journey(ledger, clerk=clerk))

    used: dict[str, int] = {}
    for number, (arm, limits) in enumerate(zip(clerk.acts, clerk.limits, strict=True)):
        assert limits.calls == used.get(arm, 0) + 200 - 10 * number
        used[arm] = used.get(arm, 0) + 10


async def test_a_message_is_obeyed_at_the_next_choice(ledger) -> None:
    inbox.post(ledger, "w", "search poor")
    await ledger.flush()
    one = journey(ledger, PLAN.model_copy(update={"most_choices": 2}))
    await wander(one)

    assert [(event.arm, event.by) for event in one.chosen().values()] == [
        ("search poor", "user"),
        ("search rich", "bandit"),
    ]
    assert [heard for _, _, heard in inbox.messages(ledger, "w")] == [True]


async def test_a_word_to_stop_stops_and_resuming_overrules_it(ledger) -> None:
    inbox.post(ledger, "w", "stop")
    await ledger.flush()

    assert await wander(journey(ledger)) == "asked to stop by a message"
    again = journey(ledger, PLAN.model_copy(update={"most_choices": 3}))
    assert await wander(again) == "all 3 choices are made"


async def test_what_is_ruled_out_is_not_chosen(ledger) -> None:
    inbox.post(ledger, "w", "avoid rich")
    inbox.post(ledger, "w", "avoid poor")
    await ledger.flush()

    assert (await wander(journey(ledger))).startswith("nothing may be chosen")


async def test_what_waits_is_not_chosen_and_the_reason_is_kept(ledger) -> None:
    clerk = Clerk(ledger, "w")
    clerk.waiting = {"rich": "nothing to harden"}
    inbox.post(ledger, "w", "search rich")
    await ledger.flush()
    one = journey(ledger, PLAN.model_copy(update={"most_choices": 3}), clerk)
    await wander(one)

    assert {event.arm for event in one.chosen().values()} == {"search poor"}
    assert one.chosen()[0].waiting == {"search rich": "nothing to harden"}
    heard = [event.effect for _, event in runs.told(ledger, "w", "heard")]
    assert heard == ["next: search rich, but not now: nothing to harden"]


async def test_where_everything_waits_it_says_why_and_stops(ledger) -> None:
    clerk = Clerk(ledger, "w")
    clerk.waiting = {"rich": "no material", "poor": "no time"}

    assert await wander(journey(ledger, clerk=clerk)) == (
        "nothing may be chosen: search rich waits: no material; search poor waits: no time"
    )


async def test_what_a_part_left_at_work_is_called_off_when_the_time_is_up(ledger) -> None:
    class Slow(Clerk):
        async def act(self, activity, chosen, limits):
            await asyncio.sleep(60)

    clerk = Slow(ledger, "w")
    plan = PLAN.model_copy(update={"budget": BudgetSettings(seconds=1.05)})
    one = journey(ledger, plan, clerk)
    await one.choose(0)
    await one.act(0)

    assert clerk.called_off == ["w-rich"]
    await one.settle(0)
    assert one.acted()[0].reason == "the budget of seconds is used up"


async def test_an_activity_that_cannot_be_done_is_a_failure_and_others_go_on(ledger) -> None:
    class Broken(Clerk):
        async def act(self, activity, chosen, limits):
            if activity.subject == "rich":
                raise ConfigError("no model answers")
            return await super().act(activity, chosen, limits)

    one = journey(ledger, PLAN.model_copy(update={"most_choices": 9}), Broken(ledger, "w"))
    await wander(one)

    failed = [event for event in one.acted().values() if event.failed]
    assert {(event.arm, event.reason) for event in failed} == {("search rich", "no model answers")}
    assert len(failed) <= 3


async def test_a_drain_in_the_middle_of_an_act_leaves_it_open(ledger) -> None:
    control = RunControl()
    control.request_drain()
    clerk = Clerk(ledger, "w", ends={"rich": Ended(status="paused", reason="asked to rest")})
    one = journey(ledger, clerk=clerk, control=control)
    await one.choose(0)
    with pytest.raises(Resting):
        await one.act(0)

    assert one.acted() == {}
    assert list(one.chosen()) == [0]


async def test_it_stops_of_itself_when_nothing_yields_any_more(ledger) -> None:
    class Dry(Clerk):
        def gain(self, chosen):
            return Gain(50.0 if chosen.step < 2 else 0.0)

    plan = PLAN.model_copy(update={"exhausted": 0.02, "budget": BudgetSettings(calls=100_000)})

    assert await wander(journey(ledger, plan, Dry(ledger, "w"))) == "nothing yields any more"


class Killed(BaseException):
    """Stands for the end of a process."""


async def test_ended_at_any_write_it_settles_every_choice_once(tmp_path, monkeypatch) -> None:
    flush, lives = Ledger.flush, 0
    plan = PLAN.model_copy(update={"most_choices": 12})
    while True:
        left = 1 + lives % 4

        async def mortal(self) -> None:
            nonlocal left
            left -= 1
            if left < 0:
                self._silence()
                self._waiting = {}  # what was not flushed is lost, as with a kill
                raise Killed
            await flush(self)

        async with joined(address_of(tmp_path)) as ledger:
            one = journey(ledger, plan)
            monkeypatch.setattr(Ledger, "flush", mortal)
            try:
                halt = await wander(one, len(one.acted()))
                break
            except Killed:
                lives += 1
            finally:
                monkeypatch.setattr(Ledger, "flush", flush)
    async with joined(address_of(tmp_path)) as ledger:
        one = journey(ledger, plan)
        assert halt == "all 12 choices are made"
        assert lives > 5
        assert sorted(one.acted()) == sorted(one.chosen()) == list(range(12))
        assert one.spent().calls == 120
        assert sum(event.spent.calls for event in one.acted().values()) == 120
