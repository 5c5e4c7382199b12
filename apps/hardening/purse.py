"""What a hardening may still spend: its limits, less what stands in the ledger under its name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TypeVar

from wunderkammer.core.errors import BudgetExceeded
from wunderkammer.core.settings import BudgetSettings
from wunderkammer.memory import accounts, hardenings
from wunderkammer.memory.ledger import Ledger
from wunderkammer.models.budget import Budget, Spent

N = TypeVar("N", int, float)


@dataclass(frozen=True)
class Purse:
    """limits: of the whole hardening, over all its processes; time counts in whole stages."""

    ledger: Ledger
    hardening: str
    limits: BudgetSettings

    def budget(self) -> Budget:
        """For calls outside any search."""
        used = hardenings.used(self.ledger, self.hardening)
        spent = Spent(
            calls=used.calls,
            prompt_tokens=used.prompt_tokens,
            completion_tokens=used.completion_tokens,
            money=used.cost,
            seconds=self.seconds(),
        )
        return Budget(self.limits, spent)

    def for_search(self, name: str, own: BudgetSettings) -> BudgetSettings:
        """For a search of this name, which counts what it used before: its own limits, and what is left of ours."""
        by_role, left = accounts.spending(self.ledger, name), self._left()
        calls = sum(role.attempts for role in by_role)
        tokens = sum(role.prompt_tokens + role.completion_tokens for role in by_role)
        money = sum(role.cost for role in by_role)
        return BudgetSettings(
            calls=None if left.calls is None else _lower(left.calls + calls, own.calls),
            tokens=None if left.tokens is None else _lower(left.tokens + tokens, own.tokens),
            money=None if left.money is None else _lower(left.money + money, own.money),
        )

    def afford(self) -> None:
        """Raise `BudgetExceeded` before a stage for which no time is left."""
        if self.limits.seconds is not None and (used := self.seconds()) >= self.limits.seconds:
            raise BudgetExceeded(
                f"the budget of {self.limits.seconds:g} seconds is used up ({used:.0f} s); "
                f"go on with `wunder resume {self.hardening} --minutes …`"
            )

    def seconds(self) -> float:
        """Of the stages that are done."""
        return hardenings.seconds(self.ledger, self.hardening)

    def _left(self) -> BudgetSettings:
        """What the limits leave, at least one of each."""
        used, limits = hardenings.used(self.ledger, self.hardening), self.limits
        tokens = used.prompt_tokens + used.completion_tokens
        return BudgetSettings(
            calls=None if limits.calls is None else max(1, limits.calls - used.calls),
            tokens=None if limits.tokens is None else max(1, limits.tokens - tokens),
            money=None if limits.money is None else max(1e-9, limits.money - used.cost),
        )


def _lower(ours: N, own: N | None) -> N:
    return ours if own is None else min(ours, own)
