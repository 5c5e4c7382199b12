"""How often somebody may ask: a bucket of tokens for each address, and only so many buckets."""

from __future__ import annotations

from collections import OrderedDict

MOST = 10_000
"""Addresses that are remembered; the one that was silent longest is forgotten first."""


class Pace:
    """So many a minute for each address, a quarter of them at once."""

    def __init__(self, per_minute: float) -> None:
        self.per_second = per_minute / 60
        self.burst = max(1.0, per_minute / 4)
        self._held: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, who: str, now: float) -> float:
        """Take one; seconds to wait where there is none. now: of a clock that only goes forward."""
        left, then = self._held.pop(who, (self.burst, now))
        left = min(self.burst, left + (now - then) * self.per_second)
        granted = left >= 1
        self._held[who] = (left - 1 if granted else left, now)
        if len(self._held) > MOST:
            self._held.popitem(last=False)
        return 0.0 if granted else (1 - left) / self.per_second
