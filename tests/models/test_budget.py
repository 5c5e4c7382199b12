"""Hard limits: refused before sending, exact under concurrency, and continued on resume."""

from __future__ import annotations

import asyncio

import pytest

from wunderkammer.core.contract import Sampling
from wunderkammer.core.errors import BudgetExceeded, ServerFault
from wunderkammer.core.settings import BudgetSettings, Price
from wunderkammer.models.budget import Budget, Spent


async def test_fifty_at_once_never_pass_a_limit_of_calls(house, server):
    server.always = server.wait(0.01)
    gateway = house.gateway(limits=BudgetSettings(calls=20))
    ends = await asyncio.gather(*(gateway.complete(house.ask(nonce=k)) for k in range(50)), return_exceptions=True)
    refused = [end for end in ends if isinstance(end, BudgetExceeded)]
    assert len(refused) == 30
    assert len(server.seen) == 20
    assert house.budget.spent.calls == 20
    assert len(house.calls) == 20  # what was never sent is no call
    assert str(refused[0]).startswith("the budget of 20 calls is used up")


async def test_tokens_are_used_to_the_end_and_not_beyond(house, server):
    server.always = server.wait(0.002)  # 15 tokens a reply, while each may need 7 + 50
    gateway = house.gateway(limits=BudgetSettings(tokens=300))
    asks = [house.ask(nonce=k, sampling=Sampling(max_tokens=50)) for k in range(50)]
    await asyncio.gather(*(gateway.complete(ask) for ask in asks), return_exceptions=True)
    spent = house.budget.spent
    assert spent.tokens <= 300
    assert spent.tokens > 300 - 57 - 15  # else it was refused while there was room
    assert spent.calls == len(server.seen) == spent.tokens // 15


async def test_money_is_counted_by_the_price_of_the_model(house, server):
    prices = {"tiny": Price(input=1.0, output=10.0)}
    gateway = house.gateway(prices=prices, limits=BudgetSettings(money=0.003))
    reply = await gateway.complete(house.ask())
    assert reply.call.cost == pytest.approx((10 * 1.0 + 5 * 10.0) / 1e6)
    assert house.budget.spent.money == pytest.approx(reply.call.cost)
    with pytest.raises(BudgetExceeded, match="in money"):
        await gateway.complete(house.ask(sampling=Sampling(max_tokens=1000)))
    assert len(server.seen) == 1


async def test_time_is_a_limit_and_is_restored():
    now = 100.0
    budget = Budget(BudgetSettings(seconds=60), Spent(seconds=50), clock=lambda: now)
    (await budget.reserve()).settle()
    now = 111.0
    with pytest.raises(BudgetExceeded, match="60 seconds"):
        await budget.reserve()
    assert budget.spent.seconds == 61


async def test_what_was_spent_before_counts(house):
    before = Spent(calls=9, prompt_tokens=100, completion_tokens=50, money=1.0)
    gateway = house.gateway(limits=BudgetSettings(calls=10), spent=before)
    await gateway.complete(house.ask())
    with pytest.raises(BudgetExceeded):
        await gateway.complete(house.ask())
    assert (house.budget.spent.calls, house.budget.spent.tokens) == (10, 165)


async def test_every_try_is_a_call(house, server):
    server.always = server.fail(500)
    with pytest.raises(BudgetExceeded):
        await house.gateway(attempts=6, limits=BudgetSettings(calls=4)).complete(house.ask())
    assert len(server.seen) == 4
    (call,) = house.calls
    assert (call.attempts, call.status) == (4, "error")
    assert "4 calls" in (call.error or "")


async def test_tokens_of_unusable_replies_are_paid_for(house, server):
    server.script = [server.say("")]
    reply = await house.gateway().complete(house.ask())
    assert (reply.call.prompt_tokens, reply.call.completion_tokens) == (20, 10)
    assert house.budget.spent.tokens == 30


async def test_a_reply_too_long_to_keep_is_paid_for_at_its_limit(house, server):
    server.script = [server.huge(2**20)]
    reply = await house.gateway().complete(house.ask(sampling=Sampling(max_tokens=50)))
    assert reply.call.completion_tokens == 55
    assert reply.call.detail == {"estimated": True}
    assert house.budget.spent.completion_tokens == 55


async def test_a_request_that_fits_waits_for_what_is_in_flight():
    budget = Budget(BudgetSettings(tokens=100))
    first = await budget.reserve(tokens=80)
    second = asyncio.create_task(budget.reserve(tokens=50))
    dropped = asyncio.create_task(budget.reserve(tokens=50))
    await asyncio.sleep(0)
    dropped.cancel()
    await asyncio.sleep(0)
    assert not second.done()
    first.settle(5, 5)
    hold = await second
    hold.release()
    assert budget.spent.calls == 1
    with pytest.raises(BudgetExceeded, match="leaves 90"):
        await budget.reserve(tokens=91)


async def test_a_waiting_request_is_refused_once_it_cannot_fit():
    budget = Budget(BudgetSettings(tokens=100))
    first = await budget.reserve(tokens=80)
    second = asyncio.create_task(budget.reserve(tokens=50))
    await asyncio.sleep(0)
    first.settle(60, 20)
    with pytest.raises(BudgetExceeded):
        await second


async def test_a_hold_is_settled_once():
    budget = Budget(BudgetSettings(calls=3))
    hold = await budget.reserve()
    hold.settle(1, 2, 0.5)
    hold.settle()
    hold.release()
    assert (budget.spent.calls, budget.spent.tokens, budget.spent.money) == (1, 3, 0.5)


async def test_failures_leave_nothing_reserved(house, server):
    server.always = server.fail(500)
    gateway = house.gateway(limits=BudgetSettings(tokens=400), attempts=1)
    for _ in range(5):  # each sets aside more than half of it
        with pytest.raises(ServerFault):
            await gateway.complete(house.ask())
    server.always = server.say("fine")
    assert (await gateway.complete(house.ask())).texts == ("fine",)
