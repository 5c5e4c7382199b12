"""What studies and autonomous runs share: one process owns them, their time is counted over all, each comes to rest."""

from __future__ import annotations

import asyncio
import contextlib
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager

from langgraph.errors import GraphDrained

from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.errors import BudgetExceeded, WunderError
from wunderkammer.core.events import Ended, Ticked
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import ROLES, Settings
from wunderkammer.memory import runs, ventures
from wunderkammer.memory.ledger import Ledger, joined
from wunderkammer.memory.lock import claiming, owning
from wunderkammer.memory.ventures import Kind, Venture

MARKS: Mapping[Kind, str] = {"study": "s", "autonomous": "w"}
"""What the ids of each kind begin with; those of searches are hexadecimal."""
TICK_S = 5.0
"""How much time a killed process may lose from the account."""


def new_venture(
    kind: Kind, plan: Frozen, settings: Settings, *, domain: str = "", name: str = "", parent: str | None = None
) -> Venture:
    """A venture that nobody has begun yet. name: its id; default: one that says nothing but that it is another."""
    roles = {role: settings.role(role).model_dump(mode="json") for role in ROLES}
    return Venture(
        id=name or MARKS[kind] + uuid.uuid4().hex[:11],
        kind=kind,
        domain=domain,
        plan=ventures.plain_plan(plan),
        plan_id=content_id(kind, plan),
        roles=roles,
        parent=parent,
        at=time.time(),
    )


class Resting(Exception):
    """The user wants out in the middle of something; what was done is kept, the rest is done on resuming."""


async def until_rest(work: Awaitable[Ended]) -> Ended:
    """How work ended; being asked to rest, a limit, and what the user can mend are ends too, and can be resumed."""
    try:
        return await work
    except (GraphDrained, Resting):
        return Ended(status="paused", reason="asked to rest")
    except asyncio.CancelledError:
        return Ended(status="paused", reason="interrupted")
    except BudgetExceeded as limit:
        return Ended(status="stopped", reason=str(limit))
    except WunderError as fault:
        return Ended(status="failed", reason=str(fault))


@asynccontextmanager
async def owned(venture: Venture, settings: Settings) -> AsyncIterator[Ledger]:
    """The ledger with the venture in it, for its only owner; `RunBusy` where another process has it."""
    with owning(settings.home, venture.id):
        async with joined(ledger_address(settings)) as ledger:
            with claiming(ledger, venture.id):
                ventures.begin(ledger, venture)
                await ledger.flush()
                yield ledger


def seconds(ledger: Ledger, venture: str) -> float:
    """How long it was worked on, over all its processes; short of the truth by at most a tick for each kill."""
    return max(
        (event.seconds for _, event in runs.told(ledger, venture, "ticked") if isinstance(event, Ticked)), default=0
    )


@asynccontextmanager
async def timed(ledger: Ledger, venture: str) -> AsyncIterator[Callable[[], float]]:
    """Keeps the account of time while the block lasts; the call that it gives says how long it has been by now."""
    before, start = seconds(ledger, venture), time.monotonic()

    def now() -> float:
        return before + time.monotonic() - start

    def tick() -> None:
        event = Ticked(seconds=round(now(), 3))
        runs.tell(ledger, venture, event, key=f"{event.seconds:.3f}")

    async def keep() -> None:
        while True:
            await asyncio.sleep(TICK_S)
            tick()

    work = asyncio.create_task(keep(), name="clock")
    try:
        yield now
    finally:
        work.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await work
        tick()
