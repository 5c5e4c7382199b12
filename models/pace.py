"""Requests and tokens per minute of one server."""

from __future__ import annotations

from aiolimiter import AsyncLimiter

WINDOW_S = 6.0
"""Seconds that the limit is averaged over. A server that counts by the minute sees at most a tenth more than its limit
in its first minute; a bucket of a whole minute would let twice the limit through."""


class Pace:
    """Holds callers back so that neither limit is passed; None is no limit."""

    def __init__(self, requests_per_minute: float | None, tokens_per_minute: float | None) -> None:
        self._requests = _bucket(requests_per_minute)
        self._tokens = _bucket(tokens_per_minute)
        self.free = self._requests is None and self._tokens is None

    async def wait(self, tokens: int) -> None:
        """Return when one more request of about so many tokens may be sent."""
        if self._requests is not None:
            await self._requests.acquire()
        if self._tokens is not None:
            left = float(tokens)
            while left > 0:  # a request larger than the bucket empties it several times over
                part = min(left, self._tokens.max_rate)
                await self._tokens.acquire(part)
                left -= part


def _bucket(per_minute: float | None) -> AsyncLimiter | None:
    if per_minute is None:
        return None
    size = max(1.0, per_minute * WINDOW_S / 60.0)
    return AsyncLimiter(size, 60.0 * size / per_minute)
