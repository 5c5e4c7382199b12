"""How long the gateway keeps trying: waits between tries, fresh tries for unusable words, the circuit's cool-down."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from random import Random

from tenacity import AsyncRetrying, RetryCallState, retry_if_exception, stop_after_attempt

from wunderkammer.core.errors import ModelError, RateLimited, ServerDown, ServerFault


class CircuitOpen(ServerDown):
    """The server failed its probe; nothing of this question was sent."""


@dataclass(frozen=True, slots=True)
class Patience:
    """Waits in seconds. The defaults ride out about half a minute of trouble at six tries."""

    first_s: float = 0.5
    """Before the second try; doubles with each further one, and is jittered down to its half."""
    longest_s: float = 30.0
    retry_after_s: float = 60.0
    """A server that asks for a longer wait than this is asked again after this."""
    fresh: int = 3
    """Further tries, with other seeds, after a reply whose words are unusable."""
    break_after: int = 10
    """Failures in a row, over all callers, that open a server's circuit."""
    cool_first_s: float = 1.0
    """From opening to the first probe; doubles with each probe that fails."""
    cool_longest_s: float = 30.0
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep
    rng: Random = field(default_factory=Random)
    """Of the jitter alone: it never reaches a result."""

    def retrying(self, attempts: int) -> AsyncRetrying:
        """Tries a server's fault up to `attempts` times in all; one object serves one question."""
        return AsyncRetrying(
            stop=stop_after_attempt(attempts), wait=self._wait, retry=_RETRYABLE, sleep=self.sleep, reraise=True
        )

    def _wait(self, state: RetryCallState) -> float:
        fault = state.outcome.exception() if state.outcome else None
        if isinstance(fault, CircuitOpen):
            return 0.0  # the circuit's own cool-down does the waiting
        if isinstance(fault, ModelError) and fault.retry_after is not None:
            asked = min(fault.retry_after, self.retry_after_s)
            return asked + self.rng.uniform(0.0, min(1.0, 0.1 * asked))  # never early, and not all at once
        longest = min(self.longest_s, self.first_s * 2.0 ** (state.attempt_number - 1))
        return longest * self.rng.uniform(0.5, 1.0)


def _is_fault(fault: BaseException) -> bool:
    # BadReply is retryable too, but by a fresh request (another seed, a lower rung), which the gateway makes.
    return isinstance(fault, RateLimited | ServerFault | ServerDown)


_RETRYABLE = retry_if_exception(_is_fault)
