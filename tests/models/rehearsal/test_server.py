"""The protocol as the official client sees it."""

from __future__ import annotations

import asyncio
import json
import math

import httpx
import pytest
from openai import AsyncOpenAI, AuthenticationError, BadRequestError, NotFoundError, RateLimitError

from wunderkammer.models.rehearsal import Script, rehearsal

ASK = [{"role": "user", "content": "Tell me something."}]
SCHEMA = {
    "type": "object",
    "properties": {"winner": {"enum": ["A", "B"]}, "reason": {"type": "string", "maxLength": 12}},
    "required": ["winner", "reason"],
    "additionalProperties": False,
}


def client(url: str, key: str = "none") -> AsyncOpenAI:
    return AsyncOpenAI(base_url=url, api_key=key, max_retries=0, timeout=10)


async def test_equal_requests_get_equal_replies_from_any_server_of_a_script() -> None:
    said = []
    for seed in (1, 1, 2):
        async with rehearsal(Script(seed=seed)) as server, client(server.url) as ai:
            replies = [await ai.chat.completions.create(model="m", messages=ASK, seed=7) for _ in range(2)]
            said += [reply.choices[0].message.content for reply in replies]
    assert len(set(said[:4])) == 1
    assert said[4] != said[0]


async def test_chat_has_choices_usage_and_logprobs_that_are_a_distribution() -> None:
    async with rehearsal() as server, client(server.url) as ai:
        reply = await ai.chat.completions.create(
            model="m", messages=ASK, n=3, logprobs=True, top_logprobs=5, max_tokens=4
        )
    assert len({choice.message.content for choice in reply.choices}) == 3
    assert reply.usage is not None
    assert reply.usage.total_tokens == reply.usage.prompt_tokens + reply.usage.completion_tokens > 1
    for choice in reply.choices:
        assert choice.finish_reason == "length"
        assert choice.logprobs is not None
        assert choice.logprobs.content is not None
        assert "".join(t.token for t in choice.logprobs.content) == choice.message.content
        for token in choice.logprobs.content:
            assert len(token.top_logprobs) == 5
            assert sum(math.exp(rival.logprob) for rival in token.top_logprobs) <= 1 + 1e-9


async def test_schema_is_obeyed_and_can_be_asked_for_in_words() -> None:
    form = {"type": "json_schema", "json_schema": {"name": "vote", "schema": SCHEMA}}
    async with rehearsal(Script(ignores=frozenset({"schema"}))) as plain, rehearsal() as able:
        async with client(able.url) as ai:
            reply = await ai.chat.completions.create(model="m", messages=ASK, response_format=form)
        async with client(plain.url) as ai:
            ignored = await ai.chat.completions.create(model="m", messages=ASK, response_format=form)
            words = [{"role": "user", "content": f"Answer as JSON of this schema: {json.dumps(SCHEMA)}"}]
            fenced = await ai.chat.completions.create(model="m", messages=words)
    vote = json.loads(reply.choices[0].message.content or "")
    assert vote.keys() == {"winner", "reason"}
    assert vote["winner"] in "AB"
    assert len(vote["reason"]) <= 12
    assert "{" not in (ignored.choices[0].message.content or "")
    assert (
        json.loads((fenced.choices[0].message.content or "").split("```json")[1].split("```")[0]).keys() == vote.keys()
    )


async def test_stream_says_the_same_as_a_whole_reply() -> None:
    async with rehearsal(Script(latency=0.01)) as server, client(server.url) as ai:
        whole = await ai.chat.completions.create(model="m", messages=ASK)
        parts, usage = [], None
        stream = await ai.chat.completions.create(
            model="m", messages=ASK, stream=True, stream_options={"include_usage": True}
        )
        async for chunk in stream:
            parts += [choice.delta.content or "" for choice in chunk.choices]
            usage = chunk.usage or usage
    assert "".join(parts) == whole.choices[0].message.content
    assert usage == whole.usage


async def test_completion_echoes_the_prompt_with_its_logprobs() -> None:
    async with rehearsal() as server, client(server.url) as ai:
        reply = await ai.completions.create(model="m", prompt="The cat sat.", echo=True, logprobs=1, max_tokens=0)
    choice = reply.choices[0]
    assert choice.text == "The cat sat."
    assert choice.logprobs is not None
    assert choice.logprobs.tokens == ["The", " cat", " sat", "."]
    assert choice.logprobs.text_offset == [0, 3, 7, 11]
    assert choice.logprobs.token_logprobs is not None
    assert choice.logprobs.token_logprobs[0] is None
    assert all(p < 0 for p in choice.logprobs.token_logprobs[1:])


@pytest.mark.parametrize("encoding", ["float", "base64"])
async def test_embeddings_are_unit_vectors_that_are_near_where_words_are_shared(encoding: str) -> None:
    async with rehearsal() as server, client(server.url) as ai:
        extra = {"encoding_format": encoding} if encoding == "float" else {}  # the client decodes base64 itself
        reply = await ai.embeddings.create(model="m", input=["red old cat", "red old dog", "blue"], **extra)
    a, b, c = (item.embedding for item in reply.data)
    assert sum(x * x for x in a) == pytest.approx(1, abs=1e-6)
    assert sum(x * y for x, y in zip(a, b, strict=True)) > sum(x * y for x, y in zip(a, c, strict=True)) + 0.2


async def test_yes_or_no_is_answered_with_the_probability_of_both() -> None:
    async with rehearsal() as server, client(server.url) as ai:
        reply = await ai.chat.completions.create(
            model="m", messages=[{"role": "user", "content": "Answer yes or no."}], logprobs=True, top_logprobs=4
        )
    assert reply.choices[0].logprobs is not None
    assert reply.choices[0].logprobs.content is not None
    chances = {t.token: math.exp(t.logprob) for t in reply.choices[0].logprobs.content[0].top_logprobs}
    assert chances["Yes"] + chances["No"] == pytest.approx(1, abs=0.01)
    assert reply.choices[0].message.content in ("Yes", "No")


async def test_key_model_and_abilities_are_checked() -> None:
    script = Script(key="right", strict=True, lacks=frozenset({"schema", "embeddings", "logprobs"}))
    form = {"type": "json_schema", "json_schema": {"name": "vote", "schema": SCHEMA}}
    async with rehearsal(script) as server, client(server.url, "wrong") as stranger, client(server.url, "right") as ai:
        with pytest.raises(AuthenticationError):
            await stranger.models.list()
        with pytest.raises(AuthenticationError):
            await stranger.chat.completions.create(model="rehearsal", messages=ASK)
        with pytest.raises(NotFoundError):
            await ai.chat.completions.create(model="other", messages=ASK)
        with pytest.raises(BadRequestError, match="no schema"):
            await ai.chat.completions.create(model="rehearsal", messages=ASK, response_format=form)
        with pytest.raises(BadRequestError, match="no logprobs"):
            await ai.chat.completions.create(model="rehearsal", messages=ASK, logprobs=True)
        with pytest.raises(NotFoundError):
            await ai.embeddings.create(model="rehearsal", input="x")
        assert [model.id async for model in await ai.models.list()] == ["rehearsal"]


@pytest.mark.parametrize("body", [b"{", b"[]", b'{"messages": []}', b'{"messages": [{"role": "user"}], "n": "many"}'])
async def test_a_bad_body_is_a_400(body: bytes) -> None:
    async with rehearsal() as server, httpx.AsyncClient() as http:
        reply = await http.post(f"{server.url}/chat/completions", content=body)
    assert reply.status_code == 400
    assert reply.json()["error"]["type"] == "invalid_request_error"


async def test_beyond_its_concurrency_it_says_429_and_how_long_to_wait() -> None:
    async with rehearsal(Script(latency=0.2, sigma=0, concurrency=2, retry_after=0.25)) as server:
        async with client(server.url) as ai:
            asked = (
                ai.chat.completions.create(model="m", messages=[{"role": "user", "content": str(i)}]) for i in range(5)
            )
            results = await asyncio.gather(*asked, return_exceptions=True)
        refused = [r for r in results if isinstance(r, RateLimitError)]
        assert len(refused) == 3
        assert all(r.response.headers["retry-after"] == "0.25" for r in refused)
        assert server.load.most == 2
        assert server.load.statuses == {200: 2, 429: 3}


async def test_load_is_told_in_process_and_over_http() -> None:
    async with rehearsal(Script(latency=0.1, sigma=0)) as server, client(server.url) as ai:
        asked = (
            ai.chat.completions.create(model="m", messages=[{"role": "user", "content": str(i)}]) for i in range(8)
        )
        await asyncio.gather(*asked)
        assert server.load.utilisation(8) > 0.5
        assert server.load.utilisation(16) == pytest.approx(server.load.utilisation(8) / 2)
        assert max(count for _, count in server.in_flight_log) == 8
        assert [request.path for request in server.requests] == ["/v1/chat/completions"] * 8
        async with httpx.AsyncClient(base_url=server.url.removesuffix("/v1")) as http:
            told = (await http.get("/stats")).json()
            assert (told["total"], told["most_in_flight"], told["in_flight"]) == (8, 8, 0)
            assert told["mean_in_flight"] == pytest.approx(server.load.mean, abs=0.01)
            await http.post("/stats/reset")
            assert (await http.get("/stats")).json()["total"] == 0
            assert (await http.get("/health")).json() == {"status": "ok"}
