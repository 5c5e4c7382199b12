"""Waits between tries: jittered, doubling, and as long as the server asked for."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime

import pytest

from wunderkammer.core.errors import RateLimited, ServerFault
from wunderkammer.models.faults import retry_after

NOW = 1_700_000_000.0


async def test_waits_double_and_are_jittered(house, server, naps):
    server.always = server.fail(500)
    with pytest.raises(ServerFault):
        await house.gateway(attempts=6).complete(house.ask())
    assert len(naps.taken) == 5
    for nth, nap in enumerate(naps.taken):
        longest = 0.5 * 2**nth
        assert longest / 2 <= nap <= longest
    assert len({nap / 2**nth for nth, nap in enumerate(naps.taken)}) == 5


@pytest.mark.parametrize(
    ("status", "header", "least", "most"),
    [
        (429, {"Retry_After": "7"}, 7, 8),
        (503, {"Retry_After": "2.5"}, 2.5, 3.5),
        (429, {"Retry_After": format_datetime(datetime.fromtimestamp(NOW + 20, UTC), usegmt=True)}, 20, 21),
        (429, {"Retry_After": format_datetime(datetime.fromtimestamp(NOW - 20, UTC), usegmt=True)}, 0, 0),
        (429, {"Retry_After": "3600"}, 60, 61),
        (429, {"retry_after_ms": "1500", "Retry_After": "9"}, 1.5, 2.5),
        (429, {"Retry_After": "soon"}, 0.25, 0.5),
        (429, {"Retry_After": "nan"}, 0.25, 0.5),
    ],
)
async def test_retry_after_is_honoured_up_to_a_minute(house, server, naps, status, header, least, most):
    server.script = [server.fail(status, **header)]
    await house.gateway(clock=lambda: NOW).complete(house.ask())
    (nap,) = naps.taken
    assert least <= nap <= most


async def test_a_storm_of_429_ends_in_rate_limited(house, server, naps):
    server.always = server.fail(429, Retry_After="1")
    with pytest.raises(RateLimited) as caught:
        await house.gateway(attempts=4).complete(house.ask())
    assert caught.value.retry_after == 1.0
    assert len(server.seen) == 4
    assert len(naps.taken) == 3


def test_a_negative_wait_is_none_at_all():
    assert retry_after({"retry-after": "-5"}, NOW) == 0.0
    assert retry_after({}, NOW) is None
