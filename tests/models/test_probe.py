"""A probe finds out what a server can do, and says so only where it saw it."""

from __future__ import annotations

import json
from math import log

import pytest
from aiohttp import web

from wunderkammer.core.errors import ConfigError, Refused
from wunderkammer.models.abilities import Notebook
from wunderkammer.models.probe import Colour, probe


def able(server, *, most_logprobs=20):
    """A server that can do everything."""

    async def answer(request):
        body = await request.json()
        if request.path.endswith("/embeddings"):
            return web.json_response({"data": [{"index": 0, "embedding": [1.0]}]})
        if request.path.endswith("/load_lora_adapter"):
            return web.json_response({"error": {"message": "lora_name: field required"}}, status=422)
        if request.path.endswith("/v1/completions"):
            return web.json_response({"choices": [{"logprobs": {"token_logprobs": [None, -1, -2, -3]}}]})
        if body.get("top_logprobs", 0) > most_logprobs:
            return web.json_response({"error": {"message": "too many"}}, status=400)
        if body.get("stream"):
            return web.Response(text="data: {}\n\ndata: [DONE]\n\n", content_type="text/event-stream")
        if "tools" in body:
            reply = server.completion(None)
            reply["choices"][0]["message"]["tool_calls"] = [{"id": "1", "function": {"name": "look"}}]
            return web.json_response(reply)
        shape = body.get("response_format", {}).get("type")
        words = {"json_schema": '{"colour": "red", "count": 3}', "json_object": '{"colour": "blue"}'}.get(shape, "hi")
        top = {"Yes": log(0.5), "No": log(0.5)} if body.get("logprobs") else None
        return web.json_response(server.completion(*[words] * body.get("n", 1), top=top))

    return answer


async def test_a_server_that_can_do_everything(house, server):
    server.always = able(server)
    found = await probe(house.settings(), "here", patience=house.patience)
    assert found.model_dump(exclude_none=True) == {
        "json_schema": True,
        "json_object": True,
        "logprobs": 20,
        "prompt_logprobs": True,
        "tools": True,
        "streaming": True,
        "n": True,
        "seed": True,
        "embeddings": True,
        "lora": True,
    }
    assert Notebook(house.home).get(server.url, "tiny") == found


async def test_a_server_that_ignores_everything_is_not_believed(house, server):
    drawn = iter(range(100))

    async def answer(request):
        return await server.say(f"prose {next(drawn)}")(request)

    server.always = answer
    found = await probe(house.settings(), "here", patience=house.patience)
    assert set(found.model_dump(exclude_none=True).values()) == {False}


@pytest.mark.parametrize("status", [400, 404, 500, 501])
async def test_a_server_that_refuses_everything_but_words(house, server, status):
    plain = {"model", "messages", "max_tokens"}

    async def answer(request):
        if request.path.endswith("/chat/completions") and (await request.json()).keys() <= plain:
            return await server.say("hi")(request)
        return await server.fail(status, "no")(request)

    server.always = answer
    found = await probe(house.settings(), "here", "tiny", patience=house.patience)
    expected = {"lora": status == 400}  # refusing the empty request to load an adapter is what the endpoint would do
    assert {k: v for k, v in found.model_dump(exclude_none=True).items() if v} == {
        k: v for k, v in expected.items() if v
    }


async def test_fewer_log_probabilities(house, server):
    server.always = able(server, most_logprobs=5)
    assert (await probe(house.settings(), "here", patience=house.patience)).logprobs == 5


async def test_a_server_that_answers_nothing_is_an_error_and_not_an_ability(house, server):
    server.always = server.fail(401, "who are you")
    with pytest.raises(Refused, match="401"):
        await probe(house.settings(), "here", "tiny", patience=house.patience)
    with pytest.raises(ConfigError, match="no server 'there'"):
        await probe(house.settings(), "there", patience=house.patience)
    assert not (house.home / "abilities.json").exists()


async def test_the_gateway_begins_where_the_probe_ended(house, server):
    async def answer(request):
        body = await request.json()
        if "response_format" in body:
            return await server.fail(400, "response_format: not supported")(request)
        return await server.say('{"colour": "red", "count": 1}')(request)

    server.always = answer
    await probe(house.settings(), "here", "tiny", patience=house.patience)
    server.seen.clear()
    await house.gateway().structured(house.ask(schema=Colour))
    assert len(server.seen) == 1
    assert "response_format" not in json.dumps(server.seen)
