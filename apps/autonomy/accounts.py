"""What an autonomous run has spent, over all its parts and processes, read from the ledger."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from wunderkammer.apps.venturing import seconds
from wunderkammer.core.autonomy import Costs
from wunderkammer.memory import accounts, hardenings, runs, studies
from wunderkammer.memory.ledger import Ledger


def of_part(ledger: Ledger, part: str) -> Costs:
    """What one search, study or hardening has spent: calls that it made, time that it worked, GPU time of its jobs."""
    if hardenings.hardening_called(ledger, part) is not None:
        by_role, worked_s = hardenings.spending(ledger, part), hardenings.seconds(ledger, part)
    else:
        by_role, worked_s = accounts.spending(ledger, part), max(runs.seconds(ledger, part), seconds(ledger, part))
    return Costs(
        calls=sum(role.attempts for role in by_role),
        tokens=sum(role.prompt_tokens + role.completion_tokens for role in by_role),
        money=sum(role.cost for role in by_role),
        seconds=worked_s,
        gpu_seconds=sum(event.seconds * event.gpus for event in studies.worked(ledger, part).values()),
    )


@dataclass(frozen=True)
class Purse:
    """The account of a whole run. Its time is its own clock's: parts do not run side by side."""

    ledger: Ledger
    run: str
    clock: Callable[[], float]
    """Seconds that it was worked on, over all processes."""

    def spent(self, parts: Iterable[str]) -> Costs:
        """By the planner's own calls and by all parts together."""
        whole = Costs()
        for part in {self.run, *parts}:
            whole = whole.plus(of_part(self.ledger, part))
        return whole.model_copy(update={"seconds": self.clock()})
