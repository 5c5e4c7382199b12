"""Samples, structured replies and yes/no questions, on servers that can do more and less."""

from __future__ import annotations

import json
from math import log
from typing import Literal

import pytest
from pydantic import BaseModel

from wunderkammer.core.contract import Message, Sampling
from wunderkammer.core.errors import BadReply, Refused, ServerFault
from wunderkammer.models import yesno


class Verdict(BaseModel):
    winner: Literal["A", "B"]
    reason: str


class Other(BaseModel):
    number: int


GOOD = '{"winner": "A", "reason": "shorter"}'
A = Verdict(winner="A", reason="shorter")


def wanted(body):
    """What kind of structure a request asked for."""
    asked = body.get("response_format", {}).get("type", "plain")
    in_prompt = '"winner"' in body["messages"][-1]["content"]
    return asked, in_prompt


def knows(house):
    file = house.home / "abilities.json"
    return next(iter(json.loads(file.read_text()).values())) if file.exists() else {}


# samples


async def test_several_samples_in_one_request(house, server):
    server.always = server.say("a", "b", "c")
    reply = await house.gateway().complete(house.ask(samples=3))
    assert reply.texts == ("a", "b", "c")
    assert len(server.seen) == 1


async def test_a_server_that_ignores_n_is_asked_for_the_rest_and_remembered(house, server):
    gateway = house.gateway()
    reply = await gateway.complete(house.ask(samples=4, seed=10))
    assert reply.texts == ("fine",) * 4
    assert [body.get("n") for body in server.seen] == [4, None, None, None]
    assert len({body["seed"] for body in server.seen}) == 4
    assert reply.call.attempts == 4
    server.seen.clear()
    await gateway.complete(house.ask(samples=3))
    assert [body.get("n") for body in server.seen] == [None] * 3
    assert knows(house) == {"n": False}


async def test_a_server_that_refuses_n_is_asked_one_by_one(house, server):
    server.script = [server.fail(400, "Only one completion choice is allowed")]
    assert (await house.gateway().complete(house.ask(samples=2))).texts == ("fine", "fine")
    assert knows(house) == {"n": False}


async def test_an_empty_sample_among_good_ones_is_drawn_again(house, server):
    server.script = [server.say("a", "", "c"), server.say("d")]
    reply = await house.gateway().complete(house.ask(samples=3))
    assert reply.texts == ("a", "c", "d")


async def test_more_than_asked_is_not_kept(house, server):
    server.always = server.say("a", "b")
    assert (await house.gateway().complete(house.ask())).texts == ("a",)


async def test_a_fresh_try_has_another_seed(house, server):
    server.script = [server.say(""), server.say("")]
    await house.gateway().complete(house.ask(seed=7))
    assert [body["seed"] for body in server.seen] == [7, 8, 9]


async def test_one_sample_that_fails_ends_the_others(house, server):
    gateway = house.gateway(attempts=1)
    await gateway.complete(house.ask(samples=2))
    server.script = [server.fail(500)]
    with pytest.raises(ServerFault):
        await gateway.complete(house.ask(samples=5))
    assert gateway.in_flight == 0


async def test_a_reply_cut_at_max_tokens_is_fine_in_plain_words(house, server):
    server.always = server.say("once upon a", finish="length")
    assert (await house.gateway().complete(house.ask())).texts == ("once upon a",)


# parameters that a server declines


@pytest.mark.parametrize(
    ("name", "message", "param"),
    [
        ("seed", "Unsupported parameter: 'seed'", "seed"),
        ("seed", "seed is not supported by this backend", None),
        ("top_p", "Unknown field top_p", None),
        ("temperature", "Unsupported value: 'temperature' does not support 0.7. Only the default (1)", "temperature"),
        ("stop", "unknown parameter: stop", None),
    ],
)
async def test_a_parameter_that_is_declined_is_left_out_from_then_on(house, server, name, message, param):
    server.script = [server.fail(400, message, param)]
    gateway = house.gateway()
    ask = house.ask(seed=1, sampling=Sampling(stop=("END",)))
    for _ in range(2):
        assert (await gateway.complete(ask)).texts == ("fine",)
    assert [name in body for body in server.seen] == [True, False, False]
    assert knows(house) == {name: False}
    await house.gateway().complete(ask)  # another process, later
    assert name not in server.seen[-1]


async def test_a_limit_by_its_newer_name(house, server):
    said = "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead."
    server.script = [server.fail(400, said, "max_tokens")]
    await house.gateway().complete(house.ask())
    assert server.seen[1]["max_completion_tokens"] == 256
    assert "max_tokens" not in server.seen[1]


@pytest.mark.parametrize(
    "message",
    [
        "This model's maximum context length is 2048 tokens; reduce max_tokens or the messages",
        "temperature must be between 0 and 1",
        "seed must be an integer",
    ],
)
async def test_a_wrong_value_is_a_refusal_and_teaches_nothing(house, server, message):
    server.always = server.fail(400, message)
    with pytest.raises(Refused):
        await house.gateway().complete(house.ask(seed=1))
    assert knows(house) == {}


async def test_a_server_that_declines_everything_is_not_asked_for_ever(house, server):
    server.always = server.fail(400, "response_format, seed, logprobs, top_p, temperature, 'stop': not supported")
    with pytest.raises(Refused):
        await house.gateway().structured(house.ask(schema=Verdict, seed=1, sampling=Sampling(stop=("x",))))
    assert len(server.seen) < 10


# structured replies


async def test_a_schema_is_sent_where_it_is_taken(house, server):
    server.always = server.say(GOOD)
    found, reply = await house.gateway().structured(house.ask(schema=Verdict))
    assert found == A
    assert reply.texts == (GOOD,)
    asked = server.seen[0]["response_format"]["json_schema"]
    assert (asked["name"], asked["strict"], asked["schema"]["required"]) == ("Verdict", True, ["winner", "reason"])
    assert wanted(server.seen[0]) == ("json_schema", False)


async def test_the_ladder_goes_down_by_refusals_and_is_remembered(house, server):
    server.script = [
        server.fail(400, "response_format type json_schema is not supported"),
        server.fail(400, "response_format is not supported"),
    ]
    server.always = server.say(f"Here you are: {GOOD}")
    gateway = house.gateway()
    for _ in range(2):
        assert (await gateway.structured(house.ask(schema=Verdict)))[0] == A
    steps = [("json_schema", False), ("json_object", True), ("plain", True), ("plain", True)]
    assert list(map(wanted, server.seen)) == steps
    assert knows(house) == {"json_schema": False, "json_object": False}
    await house.gateway().structured(house.ask(schema=Verdict))
    assert wanted(server.seen[-1]) == ("plain", True)


async def test_a_server_that_ignores_the_schema_is_found_out(house, server):
    server.script = [server.say("I prefer the first."), server.say("The first."), server.say(GOOD)]
    found, reply = await house.gateway().structured(house.ask(schema=Verdict))
    assert found == A
    assert reply.call.attempts == 3
    assert [wanted(body)[0] for body in server.seen] == ["json_schema", "json_object", "plain"]
    assert knows(house) == {"json_schema": False, "json_object": False}


async def test_a_schema_that_is_refused_lowers_itself_alone(house, server):
    server.script = [server.fail(400, "Invalid schema for response_format 'Verdict': 'reason' is not permitted")]
    server.always = server.say(GOOD)
    gateway = house.gateway()
    for _ in range(2):
        await gateway.structured(house.ask(schema=Verdict))
    server.always = server.say('{"number": 1}')
    await gateway.structured(house.ask(schema=Other))
    assert [wanted(body)[0] for body in server.seen] == ["json_schema", "json_object", "json_object", "json_schema"]
    assert knows(house) == {}


async def test_json_of_another_form_is_asked_for_anew(house, server):
    server.script = [server.say('{"winner": "C", "reason": ""}'), server.say('{"winner": "A"}')]
    server.always = server.say(GOOD)
    found, _ = await house.gateway().structured(house.ask(schema=Verdict, seed=3))
    assert found == A
    assert [body["seed"] for body in server.seen] == [3, 4, 5]
    assert knows(house) == {}


async def test_words_that_stay_unusable_are_a_bad_reply(house, server):
    server.always = server.say("I will not.")
    with pytest.raises(BadReply, match=r"tiny at http://127\.0\.0\.1.*holds no Verdict"):
        await house.gateway().structured(house.ask(schema=Verdict))
    assert len(server.seen) == 4
    assert house.calls[0].status == "error"
    assert house.calls[0].completion_tokens == 20


async def test_half_a_structured_reply_is_a_bad_reply(house, server):
    server.always = server.say('{"winner": "A", "reason": "it is', finish="length")
    with pytest.raises(BadReply, match="max_tokens"):
        await house.gateway().structured(house.ask(schema=Verdict))
    assert knows(house) == {}


async def test_the_schema_in_words_follows_the_question(house, server):
    server.script = [server.fail(400, "json_schema unsupported")]
    server.always = server.say(GOOD)
    turns = (Message(role="user", content="Q"), Message(role="assistant", content="Hm:"))
    await house.gateway().structured(house.ask(schema=Verdict, messages=turns))
    sent = server.seen[1]["messages"]
    assert [turn["role"] for turn in sent] == ["user", "assistant", "user"]
    assert sent[0]["content"] == "Q"


# yes or no


async def test_yes_from_log_probabilities(house, server):
    server.always = server.say("Yes", top={"Yes": log(0.6), " no": log(0.2), "Maybe": log(0.2)})
    assert await house.gateway().yes(house.ask()) == pytest.approx(0.75)
    (sent,) = server.seen
    assert (sent["max_tokens"], sent["logprobs"], sent["top_logprobs"]) == (1, True, 20)
    assert (sent["temperature"], sent["top_p"]) == (1.0, 1.0)


async def test_no_mass_on_either_is_a_bad_reply_at_once(house, server):
    server.always = server.say("Well", top={"Well": log(0.9), "Yes": log(0.001)})
    with pytest.raises(BadReply, match="neither yes nor no"):
        await house.gateway().yes(house.ask())
    assert len(server.seen) == 1
    assert house.calls[0].status == "error"


async def test_no_token_at_all_is_a_bad_reply(house, server):
    server.always = server.say("", top={})
    with pytest.raises(BadReply):
        await house.gateway().yes(house.ask())
    assert knows(house) == {}


async def test_yes_by_samples_where_log_probabilities_are_refused(house, server):
    words = ["Yes", "yes.", "no", "Hm", "", "Yes!", "NO", "yes"]
    server.script = [server.fail(400, "logprobs is not supported"), server.fail(400, "logprobs is not supported")]
    server.script += [server.say("Yes"), server.say(*words)]
    gateway = house.gateway()
    assert await gateway.yes(house.ask()) == pytest.approx(4 / 6)
    assert server.seen[-1]["n"] == yesno.SAMPLES == 8
    assert [body.get("top_logprobs") for body in server.seen] == [20, 5, None, None]
    assert knows(house) == {"logprobs": 0}
    server.script = [server.say(*["no"] * 8)]
    assert await gateway.yes(house.ask()) == 0.0
    assert len(server.seen) == 5


async def test_yes_by_samples_where_log_probabilities_are_ignored(house, server):
    server.always = server.say("Yes")
    assert await house.gateway().yes(house.ask(samples=3)) == 1.0
    assert knows(house) == {"logprobs": 0, "n": False}
    assert len(house.calls[0].texts) == 3


async def test_fewer_alternatives_where_twenty_are_too_many(house, server):
    server.script = [server.fail(400, "Requested sample logprobs of 20, which is greater than max allowed: 5")]
    server.always = server.say("No", top={"No": log(0.9), "Yes": log(0.1)})
    assert await house.gateway().yes(house.ask()) == pytest.approx(0.1)
    assert knows(house) == {"logprobs": 5}


async def test_words_that_are_neither_are_a_bad_reply(house, server):
    server.always = server.say(*["perhaps"] * 8)
    with pytest.raises(BadReply, match="none of 8 replies"):
        await house.gateway().yes(house.ask())


async def test_alternatives_of_a_plain_reply_are_kept_where_asked_for(house, server):
    server.always = server.say("A", top={"A": -0.1, "B": -2.5})
    reply = await house.gateway().complete(house.ask(top_logprobs=2))
    assert [list(pair) for pair in reply.call.detail["top"]] == [["A", -0.1], ["B", -2.5]]
