"""Servers are opened once, by whoever comes first, and a failure is shared by those who waited."""

from __future__ import annotations

import asyncio

import pytest

from wunderkammer.core.errors import ConfigError, ServerFault
from wunderkammer.core.settings import BudgetSettings, RoleSettings
from wunderkammer.models.budget import Budget
from wunderkammer.models.seats import Seats


@pytest.fixture
async def seats(house):
    settings = house.settings(RoleSettings(server="here"), attempts=3)
    made = Seats(settings, Budget(BudgetSettings()), house.patience)
    yield made
    await made.close()


async def test_roles_at_one_server_share_it(seats, server):
    one, two = await asyncio.gather(seats.of("target"), seats.of("judge"))
    assert one.server is two.server
    assert (one.role, two.role, one.model) == ("target", "judge", "tiny")
    assert server.lists == 1


async def test_many_who_wait_for_a_server_that_is_down_ask_it_once(seats, server):
    server.listing = server.fail(500)
    ends = await asyncio.gather(*(seats.of("target") for _ in range(50)), return_exceptions=True)
    assert {type(end) for end in ends} == {ServerFault}
    assert server.lists == 3
    server.listing = None
    assert (await seats.of("target")).model == "tiny"


async def test_who_is_cancelled_takes_nobody_along(seats, server):
    go = asyncio.Event()
    server.listing = server.wait(go, server.json({"data": [{"id": "late"}]}))
    first, second = (asyncio.create_task(seats.of("target")) for _ in range(2))
    await server.holds(1)
    first.cancel()
    go.set()
    assert (await second).model == "late"
    assert first.cancelled()


async def test_closing_ends_what_is_being_opened(seats, server):
    server.listing = server.wait(asyncio.Event())
    task = asyncio.create_task(seats.of("target"))
    await server.holds(1)
    await seats.close()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_a_missing_key_is_named(house):
    gateway = house.gateway(key_env="NOT_THERE")
    with pytest.raises(ConfigError, match=r"\$NOT_THERE"):
        await gateway.complete(house.ask())
