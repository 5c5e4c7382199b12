"""Hard limits on calls, tokens, money and time: what a call may need is set aside before it is sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import BudgetExceeded
from wunderkammer.core.settings import BudgetSettings


class Spent(Frozen):
    """What was used up. Restored from the ledger, it is the sum over a run's calls that were not cached."""

    calls: int = 0
    """Requests sent to servers, further tries included: the sum of `Call.attempts`."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    money: float = 0.0
    seconds: float = 0.0
    """Wall-clock time over all processes of the run."""

    @property
    def tokens(self) -> int:
        return self.prompt_tokens + self.completion_tokens


class Hold:
    """What one request in flight may come to cost; ended by `settle` or `release`, whichever comes first."""

    __slots__ = ("_budget", "_money", "_open", "_tokens")

    def __init__(self, budget: Budget, tokens: int, money: float) -> None:
        self._budget = budget
        self._tokens = tokens
        self._money = money
        self._open = True

    def settle(self, prompt_tokens: int = 0, completion_tokens: int = 0, money: float = 0.0) -> None:
        """The request was sent, and this is what it used."""
        if self._open:
            self._open = False
            self._budget._close(self._tokens, self._money, 1, prompt_tokens, completion_tokens, money)

    @property
    def settled(self) -> bool:
        """Whether it was ended already."""
        return not self._open

    def release(self) -> None:
        """The request was never sent."""
        if self._open:
            self._open = False
            self._budget._close(self._tokens, self._money, 0, 0, 0, 0.0)


class Budget:
    """One per run, shared by every role and server.

    A limit is passed by no more than the difference between what requests in flight were expected to need and what
    they took. A request that fits beside what is spent, but not beside what is in flight, waits to see what that takes.
    """

    def __init__(
        self, limits: BudgetSettings, spent: Spent = Spent(), clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._limits = limits
        self._before = spent
        self._clock = clock
        self._start = clock()
        self._calls = spent.calls
        self._prompt = spent.prompt_tokens
        self._completion = spent.completion_tokens
        self._money = spent.money
        self._held_calls = 0
        self._held_tokens = 0
        self._held_money = 0.0
        self._waiting: list[asyncio.Future[None]] = []
        self._unlimited = limits == BudgetSettings()

    @property
    def spent(self) -> Spent:
        """Including what was restored and the time of this process; without what is in flight."""
        return Spent(
            calls=self._calls,
            prompt_tokens=self._prompt,
            completion_tokens=self._completion,
            money=self._money,
            seconds=self._seconds(),
        )

    async def reserve(self, tokens: int = 0, money: float = 0.0) -> Hold:
        """Set aside one call and what it may need.

        Raises:
            BudgetExceeded: it cannot fit; nothing was sent.
        """
        while not self._unlimited:
            self._refuse(tokens, money)
            if self._fits(tokens, money):
                break
            turn = asyncio.get_running_loop().create_future()
            self._waiting.append(turn)
            await turn  # cancelled or not, it leaves nothing behind: _close drops the list
        self._held_calls += 1
        self._held_tokens += tokens
        self._held_money += money
        return Hold(self, tokens, money)

    def _refuse(self, tokens: int, money: float) -> None:
        limits = self._limits
        if limits.calls is not None and self._calls + self._held_calls >= limits.calls:
            # a call in flight is as good as spent
            raise BudgetExceeded(f"the budget of {limits.calls} calls is used up; {_MEND}")
        if limits.seconds is not None and (now := self._seconds()) >= limits.seconds:
            raise BudgetExceeded(f"the budget of {limits.seconds:g} seconds is used up ({now:.0f} s); {_MEND}")
        spent = self._prompt + self._completion
        if limits.tokens is not None and spent + tokens > limits.tokens:
            raise BudgetExceeded(
                f"the budget of {limits.tokens} tokens leaves {max(0, limits.tokens - spent)}, "
                f"and the next call may need {tokens}; {_MEND}"
            )
        if limits.money is not None and self._money + money > limits.money:
            raise BudgetExceeded(
                f"the budget of {limits.money:g} in money leaves {max(0.0, limits.money - self._money):.6g}, "
                f"and the next call may cost {money:.6g}; {_MEND}"
            )

    def _fits(self, tokens: int, money: float) -> bool:
        limits = self._limits
        whole = self._prompt + self._completion + self._held_tokens + tokens
        if limits.tokens is not None and whole > limits.tokens:
            return False
        return limits.money is None or self._money + self._held_money + money <= limits.money

    def _seconds(self) -> float:
        return self._before.seconds + self._clock() - self._start

    def _close(self, tokens: int, held: float, calls: int, prompt: int, completion: int, money: float) -> None:
        self._held_calls -= 1
        self._held_tokens -= tokens
        self._held_money -= held
        self._calls += calls
        self._prompt += prompt
        self._completion += completion
        self._money += money
        if self._waiting:
            turns, self._waiting = self._waiting, []
            for turn in turns:
                if not turn.done():
                    turn.set_result(None)


_MEND = "raise it under [budget], or for this run by its options, and resume"
