"""The circuit breaker of one server: after many failures in a row one caller probes, and the others wait for it."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from wunderkammer.core.errors import ModelError
from wunderkammer.models.patience import CircuitOpen, Patience


@dataclass(slots=True)
class _Round:
    """One cool-down and the probe at its end."""

    cool_s: float
    due: float
    taken: bool = False
    over: asyncio.Event = field(default_factory=asyncio.Event)
    fault: ModelError | None = None


class Breaker:
    """Closed: everybody passes. Open: the first to come sleeps out the cool-down and is the probe.

    The probe's verdict is everybody's: success closes the circuit and lets all who wait pass; failure costs each of
    them one try of their own patience and begins a longer cool-down.
    """

    def __init__(self, patience: Patience, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._patience = patience
        self._clock = clock
        self._failures = 0
        self._round: _Round | None = None

    @property
    def closed(self) -> bool:
        return self._round is None

    async def admit(self) -> bool:
        """Wait until the caller may send. True: it is the probe, and must report by one of the three verbs below.

        Raises:
            CircuitOpen: the probe that the caller waited for has failed.
        """
        while (turn := self._round) is not None:
            if turn.taken:
                await turn.over.wait()
                if turn.fault is not None:
                    raise CircuitOpen(f"{turn.fault} (circuit open: still failing when tried again)")
                continue
            turn.taken = True
            try:
                await self._patience.sleep(max(0.0, turn.due - self._clock()))
            except asyncio.CancelledError:
                self._hand_over(turn)
                raise
            if self._round is turn:  # else an older request has answered meanwhile
                return True
        return False

    def success(self) -> None:
        """The server answered, be it with a refusal."""
        self._failures = 0
        if self._round is not None:
            turn, self._round = self._round, None
            turn.over.set()

    def failure(self, fault: ModelError, *, probe: bool) -> None:
        """The server broke off, or nobody answered."""
        turn = self._round
        if turn is None:
            self._failures += 1
            if self._failures >= self._patience.break_after:
                self._open(self._patience.cool_first_s)
        elif probe:
            turn.fault = fault
            self._open(min(self._patience.cool_longest_s, 2.0 * turn.cool_s))
            turn.over.set()

    def abandon(self) -> None:
        """The probe ended without a verdict, for example because its caller was cancelled."""
        if self._round is not None:
            self._hand_over(self._round)

    def _open(self, cool_s: float) -> None:
        self._round = _Round(cool_s, self._clock() + cool_s)

    def _hand_over(self, turn: _Round) -> None:
        if self._round is turn:
            self._round = _Round(turn.cool_s, turn.due)
        turn.over.set()
