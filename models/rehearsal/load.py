"""How busy a server was: requests in flight over time, and how many of what."""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from time import monotonic
from typing import Any


@dataclass
class Load:
    """Counts and time-weighted requests in flight, from the first request's start to the last one's end."""

    clock: Callable[[], float] = monotonic
    in_flight: int = 0
    most: int = 0
    total: int = 0
    """Requests that arrived, those included that were turned away at once."""
    statuses: Counter[int] = field(default_factory=Counter)
    faults: Counter[str] = field(default_factory=Counter)
    log: deque[tuple[float, int]] = field(default_factory=lambda: deque(maxlen=100_000))
    """(seconds of the clock, requests in flight from then on), the newest."""
    _began: float | None = None
    _changed: float = 0.0
    _spent: defaultdict[int, float] = field(default_factory=lambda: defaultdict(float))
    """Seconds that so many requests were in flight."""

    def enter(self) -> None:
        """A request is being worked on."""
        self._move(1)
        self.most = max(self.most, self.in_flight)

    def leave(self) -> None:
        """A request was answered, or its client went away."""
        self._move(-1)

    def reset(self) -> None:
        """Begin to count anew; what is in flight stays in flight."""
        self.total = 0
        self.most = self.in_flight
        self._began = self.clock() if self.in_flight else None
        self._changed = self.clock()
        self.statuses.clear()
        self.faults.clear()
        self._spent.clear()
        self.log.clear()

    @property
    def seconds(self) -> float:
        """From the first request's start to the last change."""
        return 0.0 if self._began is None else self._changed - self._began

    @property
    def mean(self) -> float:
        """Mean requests in flight over that time."""
        return sum(n * t for n, t in self._spent.items()) / self.seconds if self.seconds else 0.0

    def utilisation(self, limit: int) -> float:
        """Mean share of `limit` that was in use, in [0, 1]; what goes beyond the limit counts as the limit."""
        return sum(min(n, limit) * t for n, t in self._spent.items()) / (limit * self.seconds) if self.seconds else 0.0

    def summary(self) -> dict[str, Any]:
        """All of it as JSON: see the fields."""
        return {
            "total": self.total,
            "seconds": round(self.seconds, 6),
            "per_second": round(self.total / self.seconds, 3) if self.seconds else 0.0,
            "in_flight": self.in_flight,
            "most_in_flight": self.most,
            "mean_in_flight": round(self.mean, 4),
            "seconds_at": {str(n): round(t, 6) for n, t in sorted(self._spent.items())},
            "statuses": {str(status): count for status, count in sorted(self.statuses.items())},
            "faults": dict(sorted(self.faults.items())),
        }

    def _move(self, change: int) -> None:
        now = self.clock()
        if self._began is None:
            self._began = now
        else:
            self._spent[self.in_flight] += now - self._changed
        self._changed = now
        self.in_flight += change
        self.log.append((now, self.in_flight))
