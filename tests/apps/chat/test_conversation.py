"""Conversations in one process: turns that go on by themselves, listeners, stopping, questions, many at once."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest

from stage.guided import Guided
from wunderkammer.agents.guide.tool import Bounds
from wunderkammer.apps.chat import threads as threads_module
from wunderkammer.apps.chat.conversation import BUG, Conversation
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.operations import working
from wunderkammer.apps.chat.sayings import Heard, read_saying
from wunderkammer.apps.chat.session import parlour
from wunderkammer.apps.chat.threads import Threads
from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.errors import ConfigError, RunBusy
from wunderkammer.core.settings import load
from wunderkammer.memory import sayings
from wunderkammer.memory.ledger import joined
from wunderkammer.memory.lock import owning
from wunderkammer.models.rehearsal import Script, rehearsal

LOOK = {"What is there?": [("list_runs", {}), "There is one run."]}
BIG = ("start_run", {"domain": "rainbow-skills", "preset": "smoke", "steps": 500})
Opens = Callable[..., AbstractAsyncContextManager[Threads]]


@pytest.fixture
def opens(home, monkeypatch) -> Opens:
    """Opens the conversations of a process whose guide follows a plan."""
    monkeypatch.delenv("WUNDER_CONFIG", raising=False)

    @asynccontextmanager
    async def opening(plan=LOOK, *, script=None, guided=True) -> AsyncIterator[Threads]:
        settings = load(start=home, home=home, embedder="hashed")
        async with rehearsal(script or Script(player=Guided(plan))) as server:
            played = settings.with_role("guide", f"{server.url}#rehearsal") if guided else settings
            bounds = Bounds(calls=10, minutes=1)
            async with (
                joined(ledger_address(played)) as ledger,
                parlour(Office(played, ledger), bounds=bounds) as place,
            ):
                found = Threads(place)
                yield found
                await found.close()

    return opening


async def kinds(talk: Conversation, after: int = 0) -> list[str]:
    """What is told of the turn in hand to its end, the pieces of words apart."""
    return [saying.kind async for _, saying in talk.follow(after) if saying.kind != "words"]


async def kept(talk: Conversation) -> list[str]:
    return [one.kind for one in await talk.said(100)]


# ---- turns -----------------------------------------------------------------------------------------------------------


async def test_a_turn_is_told_from_beginning_to_end(opens) -> None:
    async with opens() as threads:
        talk = await threads.open("t")
        talk.say("What is there?")
        told = await kinds(talk)

    assert told == ["user", "using", "used", "guide", "ended"]


async def test_who_comes_late_is_told_all_of_it_and_who_comes_back_the_rest(opens) -> None:
    async with opens() as threads:
        talk = await threads.open("t")
        talk.say("What is there?")
        await talk.wait()
        late, rest = await kinds(talk), await kinds(talk, after=2)

    assert late == ["user", "using", "used", "guide", "ended"]
    assert rest == ["used", "guide", "ended"]


async def test_a_listener_that_takes_its_time_misses_nothing(opens) -> None:
    async with opens() as threads:
        talk = await threads.open("t")
        talk.say("What is there?")
        told = talk.follow()
        first = await anext(told)
        await talk.wait()  # all else is said while the first is being taken
        rest = [place async for place, _ in told]

    assert first[0] == 1
    assert rest == list(range(2, 2 + len(rest)))
    assert len(rest) > 5


async def test_a_turn_goes_on_when_nobody_listens(opens) -> None:
    async with opens(script=Script(player=Guided(LOOK), latency=0.2, sigma=0.0)) as threads:
        talk = await threads.open("t")
        talk.say("What is there?")
        listener = asyncio.create_task(kinds(talk))
        await asyncio.sleep(0.05)
        listener.cancel()
        await talk.wait()

        assert await kept(talk) == ["user", "used", "guide"]


async def test_one_turn_at_a_time(opens) -> None:
    async with opens(script=Script(player=Guided(LOOK), latency=0.2, sigma=0.0)) as threads:
        talk = await threads.open("t")
        talk.say("What is there?")
        with pytest.raises(RunBusy, match="an answer is being given"):
            talk.say("And?")
        assert await talk.said(100) == []  # the turn in hand is told by `follow`
        await talk.wait()

        assert await kept(talk) == ["user", "used", "guide"]


async def test_a_turn_that_ends_while_its_thread_is_read_is_told(opens, monkeypatch) -> None:
    read, over = sayings.said, threading.Event()

    def slowly(*asked):
        found = read(*asked)
        assert over.wait(30)
        return found

    async with opens() as threads:
        talk = await threads.open("t")
        monkeypatch.setattr(sayings, "said", slowly)
        talk.say("What is there?")
        reading = asyncio.create_task(talk.said(100))
        await talk.wait()
        over.set()

        assert [one.kind for one in await reading] == ["user", "used", "guide"]


async def test_threads_are_answered_side_by_side(opens) -> None:
    plan = {f"I am {n}": [f"Hello {n}."] for n in range(8)}
    async with opens(script=Script(player=Guided(plan), latency=1.0, sigma=0.0)) as threads:
        talks = [await threads.open(f"t{n}") for n in range(8)]
        await talks[0].session.fitness()
        for n, talk in enumerate(talks):
            talk.say(f"I am {n}")
        together = 0
        while any(talk.working for talk in talks):
            together = max(together, talks[0].session.gateway.in_flight)
            await asyncio.sleep(0.01)
        words = [(await talk.said(10))[-1].body["words"] for talk in talks]

    assert words == [f"Hello {n}." for n in range(8)]
    assert together > 1


async def test_a_thread_is_opened_once(opens) -> None:
    async with opens() as threads:
        assert len({await threads.open("t") for _ in range(3)}) == 1
        with pytest.raises(ConfigError, match="letters, digits"):
            await threads.open("../t")


async def test_only_so_many_are_held_open(opens, monkeypatch) -> None:
    monkeypatch.setattr(threads_module, "MOST_OPEN", 2)
    async with opens(script=Script(player=Guided(LOOK), latency=1.0, sigma=0.0)) as threads:
        first = await threads.open("a")
        await threads.open("b")
        await threads.open("c")
        assert await threads.open("a") is not first
        for name in ("a", "c"):
            (await threads.open(name)).say("What is there?")
        with pytest.raises(RunBusy, match="2 conversations"):
            await threads.open("d")


# ---- ends ------------------------------------------------------------------------------------------------------------


async def test_a_turn_that_is_stopped_goes_on_later(opens, monkeypatch) -> None:
    inside, real = asyncio.Event(), working.list_runs

    async def hang(office, asked):
        inside.set()
        await asyncio.sleep(60)

    monkeypatch.setattr(working, "list_runs", hang)
    async with opens() as threads:
        talk = await threads.open("t")
        talk.say("What is there?")
        await inside.wait()
        await talk.stop()
        assert talk.left
        assert await kept(talk) == ["user", "ended"]
    monkeypatch.setattr(working, "list_runs", real)
    async with opens() as threads:
        talk = await threads.open("t")
        assert talk.left
        talk.go_on()
        await talk.wait()

        assert not talk.left
        assert await kept(talk) == ["user", "ended", "used", "guide"]


async def test_a_fault_is_told_and_the_turn_can_be_tried_again(opens) -> None:
    script = Script(player=Guided(LOOK))
    async with opens(script=script) as threads:
        talk = await threads.open("t")
        await talk.session.fitness()
    async with opens(script=Script(player=Guided(LOOK), faults={"401": 1.0})) as threads:
        talk = await threads.open("t")
        await talk.session.gateway.learn("guide", tools=True, picks=True)
        talk.say("What is there?")
        await talk.wait()
        assert await kept(talk) == ["user", "fault"]
        assert talk.fault is not None
    async with opens() as threads:
        talk = await threads.open("t")
        assert talk.left
        talk.go_on()
        await talk.wait()

        assert (await kept(talk))[-1] == "guide"


async def test_a_bug_is_told_without_its_inside(opens, monkeypatch, caplog) -> None:
    async def broken(office, asked):
        raise ZeroDivisionError("secret")

    monkeypatch.setattr(working, "list_runs", broken)
    async with opens() as threads:
        talk = await threads.open("t")
        with caplog.at_level(logging.ERROR):
            talk.say("/runs")
            await talk.wait()

        assert (await talk.said(10))[-1].body == {"why": BUG}
    assert "ZeroDivisionError: secret" in caplog.text


# ---- questions -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("yes", "begun"), [(True, 1), (False, 0)])
async def test_a_question_is_answered_by_another_process(opens, started, yes, begun) -> None:
    plan = {"Search": [BIG, "Well."]}
    async with opens(plan) as threads:
        talk = await threads.open("t")
        talk.say("Search")
        assert (await kinds(talk))[-2:] == ["question", "ended"]
        asked = talk.question
    async with opens(plan) as threads:
        talk = await threads.open("t")
        assert talk.question == asked != ""
        talk.answer(yes)
        await talk.wait()

        assert talk.question == ""
        assert (await kept(talk))[-1] == "guide"
    assert len(started) == begun


@pytest.mark.parametrize(
    ("words", "begun", "last"), [("yes", 1, "used"), ("No!", 0, "failed"), ("What is there?", 0, "guide")]
)
async def test_a_command_asks_and_words_answer(opens, started, words, begun, last) -> None:
    async with opens() as threads:
        talk = await threads.open("t")
        talk.say("/run rainbow-skills smoke steps=500")
        await talk.wait()
        assert "may take up to" in talk.question
        talk.say(words)
        await talk.wait()

        assert (await kept(talk))[-1] == last
        assert talk.question == ""
    assert len(started) == begun


@pytest.mark.parametrize(("yes", "begun", "last"), [(True, 1, "used"), (False, 0, "failed")])
async def test_the_question_of_a_command_outlives_its_process(opens, started, yes, begun, last) -> None:
    async with opens() as threads:
        talk = await threads.open("t")
        talk.say("/run rainbow-skills smoke steps=500")
        await talk.wait()
        asked = talk.question
    async with opens() as threads:
        talk = await threads.open("t")
        assert talk.question == asked != ""
        talk.answer(yes)
        await talk.wait()

        assert (await kept(talk))[-1] == last
    async with opens() as threads:
        assert (await threads.open("t")).question == ""
    assert len(started) == begun


async def test_without_a_question_there_is_nothing_to_answer(opens) -> None:
    async with opens() as threads:
        talk = await threads.open("t")

        assert (talk.answer(True), talk.go_on(), talk.working) == ("", "", False)


# ---- without a model -------------------------------------------------------------------------------------------------


async def test_a_small_model_is_honest_and_commands_work(opens) -> None:
    async with opens(guided=False) as threads:
        talk = await threads.open("t")
        for words in ("how much did it cost?", "/spend", "/help", "/nonsense"):
            talk.say(words)
            await talk.wait()
        said = await talk.said(100)

    assert [one.kind for one in said] == ["user", "guide", "user", "used", "user", "used", "user", "fault"]
    assert "too small" in said[1].body["words"]
    assert "/spend" in said[1].body["words"]
    assert said[3].body["direct"]
    assert "there is no command /nonsense" in said[7].body["why"]


async def test_threads_are_listed_the_latest_first(opens) -> None:
    async with opens(guided=False) as threads:
        for name, words in (("a", "/runs"), ("b", "/spend"), ("a", "/help")):
            talk = await threads.open(name)
            talk.say(words)
            await talk.wait()
        listed = sayings.threads(threads.parlour.office.ledger, 10)

    assert [(one.name, one.opening, one.turns) for one in listed] == [("a", "/runs", 2), ("b", "/spend", 1)]


async def test_another_process_that_answers_is_not_disturbed(opens, home) -> None:
    async with opens() as threads:
        talk = await threads.open("t")
        await talk.session.fitness()
        with owning(home, "chat-t"):
            talk.say("What is there?")
            await talk.wait()

        assert isinstance(talk.fault, RunBusy)
        assert "answered elsewhere" in (await talk.said(10))[-1].body["why"]


async def test_what_another_version_said_is_shown_as_such() -> None:
    assert read_saying("user", {"words": "hi"}) == Heard(words="hi")
    assert "another version" in read_saying("sung", {"notes": 3}).why
    assert "another version" in read_saying("user", {"words": "hi", "mood": "good"}).why
