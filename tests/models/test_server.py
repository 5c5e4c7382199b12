"""Every fault of a server is named, tried again where that can help, and never becomes an answer."""

from __future__ import annotations

import asyncio
import gzip
import json
import socket

import pytest
from aiohttp import web

from wunderkammer.core.contract import Sampling
from wunderkammer.core.errors import BadReply, ModelError, RateLimited, Refused, ServerDown, ServerFault
from wunderkammer.core.settings import BudgetSettings, RoleSettings
from wunderkammer.models.patience import Patience

FAULTS = {
    "500": (lambda s: s.fail(500, "out of memory"), ServerFault, "500 out of memory"),
    "502 html": (lambda s: s.raw(b"<html>\n<b>Bad\n Gateway</b>", 502), ServerFault, "502 <html> <b>Bad Gateway</b>"),
    "503 empty": (lambda s: s.raw(b"", 503), ServerFault, "503 Service Unavailable"),
    "429": (lambda s: s.fail(429, "slow down"), RateLimited, "429 slow down"),
    "not json": (lambda s: s.raw(b"hello"), ServerFault, "no JSON"),
    "empty body": (lambda s: s.raw(b""), ServerFault, "no JSON"),
    "another form": (lambda s: s.json({"choices": "none"}), ServerFault, "another form: choices"),
    "negative usage": (
        lambda s: s.json({**s.completion("x"), "usage": {"prompt_tokens": -5}}),
        ServerFault,
        "another form: usage",
    ),
    "a list": (lambda s: s.json([1]), ServerFault, "another form"),
    "half, declared": (lambda s: s.half(declared=True), ServerFault, "broke off"),
    "half, undeclared": (lambda s: s.half(declared=False), ServerFault, "no JSON"),
    "reset": (lambda s: s.reset(), ServerFault, "broke off"),
    "error inside": (lambda s: s.json({"error": {"message": "boom"}}), ServerFault, "500 boom"),
    "429 inside": (lambda s: s.json({"error": {"message": "slow", "code": 429}}), RateLimited, "429 slow"),
    "empty": (lambda s: s.say(""), BadReply, "the reply is empty"),
    "blank": (lambda s: s.say(" \n"), BadReply, "the reply is empty"),
    "null": (lambda s: s.say(None), BadReply, "the reply is empty"),
    "all thought": (lambda s: s.say("", finish="length"), BadReply, "max_tokens"),
    "no choices": (lambda s: s.json({"choices": []}), BadReply, "no choices"),
    "null choices": (lambda s: s.json({"choices": None}), BadReply, "no choices"),
    "1 MB": (lambda s: s.huge(2**20), BadReply, "longer than 262144 bytes"),
    "compressed": (lambda s: s.raw(gzip.compress(b"{}"), Content_Encoding="gzip"), ServerFault, "compressed"),
}


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_that_stays_is_raised_in_one_line(house, server, name):
    fault, kind, words = FAULTS[name]
    server.always = fault(server)
    with pytest.raises(ModelError) as caught:
        await house.gateway(attempts=3).complete(house.ask())
    assert type(caught.value) is kind
    assert words in str(caught.value)
    assert "\n" not in str(caught.value)
    assert len(server.seen) == (4 if kind is BadReply else 3)
    (call,) = house.calls
    assert (call.status, call.error, call.texts) == ("error", str(caught.value), ())
    assert call.attempts == len(server.seen)


@pytest.mark.parametrize("name", FAULTS)
async def test_a_fault_that_passes_is_survived(house, server, name):
    server.script = [FAULTS[name][0](server)]
    reply = await house.gateway().complete(house.ask())
    assert reply.texts == ("fine",)
    assert (reply.call.attempts, reply.call.status) == (2, "ok")


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
async def test_a_refusal_is_not_tried_again(house, server, naps, status):
    server.always = server.fail(status, "no such thing")
    with pytest.raises(Refused, match=f"{status} no such thing"):
        await house.gateway().complete(house.ask())
    assert (len(server.seen), naps.taken) == (1, [])


async def test_401_names_the_variable_of_the_key(house, server, monkeypatch):
    monkeypatch.setenv("MY_KEY", "sk-123456")
    server.always = server.fail(401, "wrong key")
    with pytest.raises(Refused, match=r"\$MY_KEY"):
        await house.gateway(key_env="MY_KEY").complete(house.ask())
    with pytest.raises(Refused, match="key_env"):
        await house.gateway().complete(house.ask())


async def test_404_names_the_model_and_where_models_are_listed(house, server):
    server.always = server.fail(404, "not found")
    with pytest.raises(Refused, match=r"'tiny'.*/v1/models"):
        await house.gateway().complete(house.ask())


async def test_a_long_error_is_cut_to_one_line_of_200_characters(house, server):
    server.always = server.fail(400, "a\n" * 5000)
    with pytest.raises(Refused) as caught:
        await house.gateway().complete(house.ask())
    said = str(caught.value).partition(": 400 ")[2]
    assert len(said) == 200
    assert "\n" not in said


async def test_an_endless_error_body_is_not_read_to_its_end(house, server):
    server.always = server.huge(2**24, status=400)
    with pytest.raises(Refused, match="400 xxx"):
        await house.gateway().complete(house.ask())


async def test_a_declared_long_reply_is_refused_and_the_connection_is_good_again(house, server):
    server.script = [server.say("x" * 5000)]
    reply = await house.gateway(max_reply_bytes=1024).complete(house.ask())
    assert reply.texts == ("fine",)


async def test_nobody_listens(house, naps):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{free.getsockname()[1]}/v1"
    with pytest.raises(ServerDown, match="nobody answers"):
        await house.gateway(url=url, attempts=3).complete(house.ask())
    assert len(naps.taken) == 2


async def test_no_such_host(house):
    with pytest.raises(ServerDown, match="nobody answers"):
        await house.gateway(url="http://nowhere.invalid/v1", attempts=1).complete(house.ask())


async def test_an_attempt_is_timed_to_its_last_byte(house, server):
    async def drip(request):
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        await response.prepare(request)
        while True:
            await response.write(b" ")
            await asyncio.sleep(0.02)

    server.script = [drip]
    reply = await house.gateway(timeout_s=1.0).complete(house.ask())
    assert (reply.texts, reply.call.attempts) == (("fine",), 2)
    server.always = server.wait(60.0)
    with pytest.raises(ServerFault, match=r"within 0\.1 s"):
        await house.gateway(timeout_s=0.1, attempts=2).complete(house.ask())


async def test_default_is_the_first_model_listed_and_asked_for_once(house, server):
    server.listed = ["first", "second"]
    gateway = house.gateway(role=RoleSettings(server="here"))
    await asyncio.gather(*(gateway.complete(house.ask(role=role)) for role in ("target", "judge", "mutator")))
    assert {body["model"] for body in server.seen} == {"first"}
    assert server.lists == 1


async def test_never_more_in_flight_than_the_server_allows(house, server):
    server.always = server.wait(0.01)
    gateway = house.gateway(concurrency=3)
    await asyncio.gather(*(gateway.complete(house.ask(nonce=k)) for k in range(20)))
    assert server.most_busy == 3
    assert gateway.in_flight == 0


async def test_waiting_for_a_retry_holds_no_slot(house, server):
    waiting, go = asyncio.Event(), asyncio.Event()

    async def sleep(_):
        waiting.set()
        await go.wait()

    server.script = [server.fail(500)]
    gateway = house.gateway(concurrency=1, patience=Patience(sleep=sleep))
    first = asyncio.create_task(gateway.complete(house.ask("first")))
    await waiting.wait()
    assert (await gateway.complete(house.ask("second"))).texts == ("fine",)
    go.set()
    assert (await first).texts == ("fine",)


async def test_cancelling_frees_the_slot_and_the_reservation(house, server):
    never = asyncio.Event()
    server.script = [server.wait(never)]
    gateway = house.gateway(concurrency=1, limits=BudgetSettings(tokens=300))
    task = asyncio.create_task(gateway.complete(house.ask()))
    await server.holds(1)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert gateway.in_flight == 0
    async with asyncio.timeout(60):
        assert (await gateway.complete(house.ask())).texts == ("fine",)
    assert house.budget.spent.calls == 2
    assert [call.error for call in house.calls] == ["cancelled", None]


async def test_requests_are_plain_chat_completions(house, server):
    sampling = Sampling(temperature=0.3, stop=("END",))
    await house.gateway().complete(house.ask("Hi", samples=2, seed=5, sampling=sampling))
    assert server.paths[0] == "/v1/chat/completions"
    assert server.seen[0] == {
        "model": "tiny",
        "messages": [{"role": "user", "content": "Hi"}],
        "max_tokens": 256,
        "temperature": 0.3,
        "top_p": 0.95,
        "stop": ["END"],
        "seed": 5,
        "n": 2,
    }


async def test_a_reply_that_is_only_a_refusal_is_what_the_model_said(house, server):
    body = server.completion(None)
    body["choices"][0]["message"]["refusal"] = "I won't."
    server.always = server.json(body)
    assert (await house.gateway().complete(house.ask())).texts == ("I won't.",)


async def test_unicode_arrives_as_it_was_sent(house, server):
    words = "Grüße 🎈 \u2028 \x00 ünd"
    server.always = server.raw(json.dumps(server.completion(words), ensure_ascii=False).encode())
    assert (await house.gateway().complete(house.ask(words))).texts == (words,)
    assert server.seen[0]["messages"][0]["content"] == words
