"""How work ends: by itself, because somebody asked, at a limit, by a fault that can be mended; a bug is no end."""

from __future__ import annotations

import asyncio

import pytest
from langgraph.errors import GraphDrained

from wunderkammer.apps.venturing import Resting, until_rest
from wunderkammer.core.errors import BudgetExceeded, ConfigError
from wunderkammer.core.events import Ended

DONE = Ended(status="finished", reason="done")


async def work(fault: BaseException | None = None) -> Ended:
    if fault is not None:
        raise fault
    return DONE


@pytest.mark.parametrize(
    ("fault", "end"),
    [
        (None, DONE),
        (GraphDrained("drained"), Ended(status="paused", reason="asked to rest")),
        (Resting(), Ended(status="paused", reason="asked to rest")),
        (asyncio.CancelledError(), Ended(status="paused", reason="interrupted")),
        (BudgetExceeded("3 calls"), Ended(status="stopped", reason="3 calls")),
        (ConfigError("no such file"), Ended(status="failed", reason="no such file")),
    ],
    ids=["done", "drained", "resting", "interrupted", "limit", "fault"],
)
async def test_it_comes_to_an_end_that_can_be_told(fault, end) -> None:
    assert await until_rest(work(fault)) == end


async def test_a_bug_stays_one() -> None:
    with pytest.raises(ZeroDivisionError):
        await until_rest(work(ZeroDivisionError()))
