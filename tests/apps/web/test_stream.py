"""The live stream: what is told once, in order, to everybody; who is slow, who comes back, who leaves."""

from __future__ import annotations

import asyncio
import json
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from pathlib import Path

import pytest

from wunderkammer.apps.web import stream
from wunderkammer.apps.web.listener import MOST_WAITING, Listener, Over, message
from wunderkammer.apps.web.stream import MOST_BEFORE, Hub
from wunderkammer.core.events import Ended, Heard, Spent
from wunderkammer.memory.ledger import Ledger, joined
from wunderkammer.memory.runs import tell


@pytest.fixture
async def ledger(tmp_path: Path) -> AsyncIterator[Ledger]:
    async with joined(f"sqlite:///{tmp_path / 'ledger.db'}") as found:
        yield found


@pytest.fixture
def hub(ledger: Ledger, monkeypatch) -> Hub:
    """A hub that looks every hundredth of a second."""
    monkeypatch.setattr(stream, "FASTEST", 0.01)
    monkeypatch.setattr(stream, "SLOWEST", 0.02)
    return Hub(ledger)


async def said(ledger: Ledger, run: str, *words: str) -> None:
    for one in words:
        tell(ledger, run, Heard(text=one, effect=""))
    await ledger.flush()


def read(part: bytes) -> list[tuple[str, int | None, dict]]:
    """Events of a piece of the stream: name, number, data."""
    found = []
    for block in part.decode("ascii").split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        if fields:
            number = int(fields["id"]) if "id" in fields else None
            found.append((fields["event"], number, json.loads(fields["data"])))
    return found


async def texts(listener: Listener, count: int) -> list[str]:
    """The next texts that a listener is told."""
    found: list[str] = []
    async with asyncio.timeout(60):
        while len(found) < count:
            found += [data["text"] for name, _, data in read(await listener.take()) if name == "told"]
    return found


async def test_tells_what_was_and_what_comes_in_order_and_once(hub: Hub, ledger: Ledger) -> None:
    await said(ledger, "a", "1", "2")

    async with hub.listening("a") as listener:
        await said(ledger, "a", "3")
        await said(ledger, "b", "other")
        await said(ledger, "a", "4", "5")

        assert await texts(listener, 5) == ["1", "2", "3", "4", "5"]


async def test_who_comes_back_is_told_only_what_is_new(hub: Hub, ledger: Ledger) -> None:
    await said(ledger, "a", "1", "2", "3")
    async with hub.listening("a") as listener:
        last = read(await listener.take())[1][1]

    async with hub.listening("a", after=last) as listener:
        assert await texts(listener, 1) == ["3"]


async def test_who_missed_too_much_is_told_of_a_gap(hub: Hub, ledger: Ledger) -> None:
    await said(ledger, "a", *map(str, range(MOST_BEFORE + 5)))

    async with hub.listening("a", after=1) as listener:
        ((name, _, _),) = read(await listener.take())
    async with hub.listening("a") as listener:
        latest = read(await listener.take())

    assert name == "gap"
    assert len(latest) == MOST_BEFORE


async def test_all_runs_are_told_by_their_latest_figures(hub: Hub, ledger: Ledger) -> None:
    async with hub.listening(None) as listener:
        for calls in (1, 2, 3):
            spent = Spent(calls=calls, prompt_tokens=0, completion_tokens=0, cost=0, errors=0, in_flight=0)
            tell(ledger, "a", spent)
        tell(ledger, "b", Ended(status="finished", reason="done"))
        await ledger.flush()
        async with asyncio.timeout(60):
            told = read(await listener.take())

    assert [(name, data["run"]) for name, _, data in told] == [("progress", "a"), ("progress", "b")]
    assert told[0][2]["spent"]["calls"] == 3
    assert told[1][2]["ended"]["status"] == "finished"


async def test_reads_the_ledger_only_while_somebody_listens(hub: Hub, ledger: Ledger) -> None:
    async with hub.listening("a"), hub.listening(None):
        assert len(hub) == 2
        poller = hub._poller
        assert poller is not None
    await asyncio.sleep(0)

    assert len(hub) == 0
    assert poller.cancelled()
    assert hub._poller is None


async def test_two_hundred_listen_and_one_is_slow(hub: Hub, ledger: Ledger) -> None:
    """Everybody who takes is told everything; who does not costs no more than a bounded queue."""
    async with AsyncExitStack() as stack:
        slow = await stack.enter_async_context(hub.listening("a"))
        quick = [await stack.enter_async_context(hub.listening("a")) for _ in range(200)]
        heard: list[list[str]] = [[] for _ in quick]
        for part in range(40):
            await said(ledger, "a", *(f"{part} {one} {'x' * 500}" for one in range(10)))
            if part % 10 == 9:  # who takes has time to, however busy the machine is
                for mine, more in zip(heard, await asyncio.gather(*(texts(one, 100) for one in quick)), strict=True):
                    mine += more
        waiting = slow._size
        missed = read(await slow.take())

    assert all(len(one) == 400 for one in heard)
    assert heard[0] == heard[-1]
    assert slow.gaps >= 1
    assert waiting <= MOST_WAITING
    assert missed[0][0] == "gap"


async def test_what_waits_for_many_who_never_take_is_held_once(hub: Hub, ledger: Ledger) -> None:
    async with AsyncExitStack() as stack:
        sleepers = [await stack.enter_async_context(hub.listening("a")) for _ in range(200)]
        tracemalloc.start()
        for _ in range(30):
            await said(ledger, "a", *(f"{one} {'x' * 1000}" for one in range(10)))
        async with asyncio.timeout(60):
            while not all(one.gaps for one in sleepers):
                await asyncio.sleep(0.02)
        held, _ = tracemalloc.get_traced_memory()
        tracemalloc.stop()

    assert held < 8 * 2**20  # 200 queues apart would hold up to 25 MB


async def test_words_of_a_model_cannot_end_an_event_early(hub: Hub, ledger: Ledger) -> None:
    hostile = 'x\n\nevent: told\ndata: {"text":"forged"}\n\n\u2028\r\n\ud800</script>'
    await said(ledger, "a", hostile)

    async with hub.listening("a") as listener:
        told = read(await listener.take())

    assert [data["text"] for _, _, data in told] == [hostile]


def test_figures_that_are_none_are_null() -> None:
    ((_, _, data),) = read(message("told", {"a": float("nan"), "b": "NaN", "c": [float("inf")]}))

    assert data == {"a": None, "b": "NaN", "c": [None]}


async def test_a_stream_that_ends_gives_what_it_had() -> None:
    listener = Listener("a")
    listener.give(b"x", 1)
    listener.end()

    assert await listener.take() == b"x"
    with pytest.raises(Over):
        await listener.take()


async def test_skipped_numbers_are_waited_for_where_rows_are_numbered_before_they_are_there(
    hub: Hub, monkeypatch
) -> None:
    monkeypatch.setattr(hub.ledger.engine.dialect, "name", "postgresql")

    hub._note_late([1, 2, 5])
    assert (hub._last, set(hub._late)) == (5, {3, 4})
    hub._note_late([4, 6])
    assert (hub._last, set(hub._late)) == (6, {3})
    monkeypatch.setattr(stream, "LATE_S", 0.0)
    hub._note_late([])
    assert hub._late == {}


async def test_as_messages_it_ends_when_nobody_wants_it(hub: Hub, ledger: Ledger) -> None:
    await said(ledger, "a", "1")

    async with aclosing(hub.messages("a")) as messages:
        assert read(await anext(messages))[0][2]["text"] == "1"
        assert len(hub) == 1

    assert len(hub) == 0
