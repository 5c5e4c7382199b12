"""What is recalled, what is cached, what is written down."""

from __future__ import annotations

import asyncio
from math import log

import pytest
from pydantic import BaseModel

from wunderkammer.core.contract import Message, Sampling
from wunderkammer.core.errors import ConfigError, ServerFault
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import BudgetSettings, Price, RoleSettings, Settings
from wunderkammer.models.ask import Ask
from wunderkammer.models.budget import Budget
from wunderkammer.models.gateway import Gateway


class Number(BaseModel):
    number: int


async def test_a_call_is_written_down_whole(house, server):
    gateway = house.gateway(prices={"tiny": Price(input=1, output=2)}, clock=lambda: 123.0)
    reply = await gateway.complete(house.ask(run="r", slot=4, nonce=1))
    (call,) = house.calls
    assert call is reply.call
    assert call.id == content_id("r", 4, call.request, 1)
    assert (call.role, call.server, call.model) == ("target", server.url, "tiny")
    assert (call.prompt_tokens, call.completion_tokens, call.attempts) == (10, 5, 1)
    assert call.cost == pytest.approx(20e-6)
    assert (call.at, call.cached, call.status, call.detail) == (123.0, False, "ok", {})


async def test_a_call_answered_in_this_run_is_not_sent_recorded_or_charged_again(house, server):
    ask = house.ask(run="r", slot=3)
    first = await house.gateway().complete(ask)
    again = await house.gateway(limits=BudgetSettings(calls=1)).complete(ask)
    assert again == first
    assert (len(server.seen), len(house.calls), house.budget.spent.calls) == (1, 1, 0)


@pytest.mark.parametrize(
    "other",
    [
        {"run": "s"},
        {"slot": 4},
        {"nonce": 1},
        {"seed": 1},
        {"samples": 2},
        {"sampling": Sampling(temperature=0.1)},
        {"messages": (Message(role="system", content="Hello?"),)},
    ],
)
async def test_what_differs_in_anything_is_another_question(house, other):
    gateway = house.gateway()
    await gateway.complete(house.ask(run="r", slot=3))
    await gateway.complete(house.ask(**{"run": "r", "slot": 3, **other}))
    assert len({call.id for call in house.calls}) == 2


async def test_a_failure_does_not_stand_in_the_way_of_the_answer(house, server):
    ask = house.ask(run="r", slot=0)
    server.script = [server.fail(500)]
    with pytest.raises(ServerFault):
        await house.gateway(attempts=1).complete(ask)
    reply = await house.gateway().complete(ask)
    assert [call.status for call in house.calls] == ["error", "ok"]
    assert (await house.gateway().complete(ask)).call == reply.call
    assert len(server.seen) == 2


async def test_outside_any_run_equal_questions_are_asked_and_recorded_again(house, server):
    gateway = house.gateway()
    for _ in range(3):
        await gateway.complete(house.ask())
    assert len(server.seen) == len(house.calls) == 3


async def test_recall_survives_what_was_learned_meanwhile(house, server):
    ask = house.ask(run="r", slot=0, schema=Number, seed=1)
    server.script = [server.fail(400, "json_schema is not supported"), server.fail(400, "seed is not supported")]
    server.always = server.say('{"number": 4}')
    found, _ = await house.gateway().structured(ask)
    (house.home / "abilities.json").unlink()
    again, _ = await house.gateway().structured(ask)
    assert again == found == Number(number=4)
    assert len(server.seen) == 3


async def test_a_yes_is_recalled_with_its_probability(house, server):
    ask = house.ask(run="r")
    server.script = [server.say("Yes", top={"Yes": log(0.9), "No": log(0.1)})]
    first = await house.gateway().yes(ask)
    house.written.calls = [type(call).model_validate_json(call.model_dump_json()) for call in house.calls]
    assert await house.gateway().yes(ask) == first == pytest.approx(0.9)
    assert len(server.seen) == 1


@pytest.mark.parametrize(
    ("cache", "temperature", "asked", "sent"),
    [
        (None, 0.7, None, 2),
        (None, 0.0, None, 1),
        (None, 0.7, 0.0, 1),
        (None, 0.0, 0.7, 2),
        (True, 0.7, None, 1),
        (False, 0.0, None, 2),
    ],
)
async def test_the_cache_is_on_where_asked_for_or_nothing_is_drawn(house, server, cache, temperature, asked, sent):
    gateway = house.gateway(role=RoleSettings(server="here", model="tiny", cache=cache, temperature=temperature))
    sampling = Sampling(temperature=asked)
    first = await gateway.complete(house.ask(run="r", slot=1, sampling=sampling))
    again = await gateway.complete(house.ask(run="s", slot=2, sampling=sampling))
    assert len(server.seen) == sent
    assert again.texts == first.texts
    assert len(house.calls) == 2
    if sent == 1:
        assert (again.call.cached, again.call.run, again.call.slot) == (True, "s", 2)
        assert (again.call.attempts, again.call.prompt_tokens, again.call.cost) == (0, 0, 0.0)
        assert house.budget.spent.calls == 1


async def test_tokens_are_guessed_and_marked_where_a_server_counts_none(house, server):
    server.always = server.say("four and twenty blackbirds", usage=False)
    call = (await house.gateway().complete(house.ask("Sing a song of sixpence, a pocket full of rye"))).call
    assert call.detail == {"estimated": True}
    assert 5 < call.completion_tokens < 10
    assert 10 < call.prompt_tokens < 25


async def test_the_embedded_server_is_opened_once_and_has_a_name_that_lasts(house, server):
    opened = []

    async def open_embedded(adapter=None):
        opened.append(1)
        await asyncio.sleep(0.01)
        return server.url

    def gateway():
        made = Gateway(Settings(home=house.home), house.written, Budget(BudgetSettings()), open_embedded=open_embedded)
        house.open.append(made)
        return made

    first = gateway()
    roles = ("target", "judge", "mutator")
    replies = await asyncio.gather(*(first.complete(house.ask(role=role, run="r")) for role in roles))
    assert opened == [1]
    assert {reply.call.server for reply in replies} == {"embedded"}
    assert {reply.call.model for reply in replies} == {"tiny"}
    # another start, perhaps at another port, recalls what the first was answered
    assert (await gateway().complete(house.ask(role="target", run="r"))).call == replies[0].call


async def test_an_embedded_server_that_nobody_can_start_is_named(house):
    gateway = Gateway(Settings(home=house.home), house.written, Budget(BudgetSettings()))
    with pytest.raises(ConfigError, match="embedded"):
        await gateway.complete(house.ask())
    await gateway.close()


async def test_a_server_that_lists_no_model(house, server):
    server.listed = []
    with pytest.raises(ConfigError, match="lists no model"):
        await house.gateway(role=RoleSettings(server="here")).complete(house.ask())


async def test_in_flight_is_what_was_sent_and_not_answered(house, server):
    go = asyncio.Event()
    server.always = server.wait(go)
    gateway = house.gateway(concurrency=4)
    tasks = [asyncio.create_task(gateway.complete(house.ask(nonce=k))) for k in range(10)]
    await server.holds(4)
    assert gateway.in_flight == 4
    go.set()
    await asyncio.gather(*tasks)
    assert gateway.in_flight == 0


async def test_it_is_a_context_manager(house):
    async with house.gateway() as gateway:
        await gateway.complete(house.ask())


async def test_a_structured_ask_needs_a_schema(house):
    with pytest.raises(ValueError, match="schema"):
        await house.gateway().structured(house.ask())


def test_an_ask_has_the_defaults_that_others_build_on():
    ask = Ask("judge", ())
    assert (ask.samples, ask.run, ask.slot, ask.nonce, ask.seed, ask.top_logprobs) == (1, "", -1, 0, None, 0)
    assert ask.sampling == Sampling()
