"""Every fault, as a client meets it."""

from __future__ import annotations

import asyncio
import json
from collections import Counter

import httpx
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.models.rehearsal import Fault, Script, rehearsal
from wunderkammer.models.rehearsal.script import FAULTS, read_faults

BODY = {"model": "m", "messages": [{"role": "user", "content": "Tell me something long."}]}


async def send(fault: Fault, **more: object) -> httpx.Response:
    async with rehearsal(Script(faults={fault: 1.0}, retry_after=2)) as server, httpx.AsyncClient(timeout=60) as http:
        return await http.post(f"{server.url}/chat/completions", json={**BODY, **more})


@pytest.mark.parametrize("status", ["429", "500", "503", "401"])
async def test_status(status: Fault) -> None:
    reply = await send(status)
    assert reply.status_code == int(status)
    assert reply.json()["error"]["code"] == int(status)
    assert reply.headers.get("retry-after") == ("2" if status == "429" else None)


async def test_reset_closes_without_an_answer() -> None:
    with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
        await send("reset")


@pytest.mark.parametrize("streamed", [False, True])
async def test_half_breaks_off(streamed: bool) -> None:
    async with rehearsal(Script(faults={"half": 1.0})) as server, httpx.AsyncClient() as http:
        got: list[bytes] = []

        async def read() -> None:
            body = {**BODY, "stream": streamed}
            async with http.stream("POST", f"{server.url}/chat/completions", json=body) as reply:
                assert reply.status_code == 200
                async for part in reply.aiter_bytes():
                    got.append(part)

        with pytest.raises((httpx.RemoteProtocolError, httpx.ReadError)):
            await read()
    assert b"chatcmpl" in b"".join(got)
    assert b"[DONE]" not in b"".join(got)


async def test_slow_outlasts_the_client_and_leaves_nothing_in_flight() -> None:
    async with rehearsal(Script(faults={"slow": 1.0})) as server:
        async with httpx.AsyncClient(timeout=httpx.Timeout(60, read=0.2)) as http:
            with pytest.raises(httpx.ReadTimeout):
                await http.post(f"{server.url}/chat/completions", json=BODY)
        async with asyncio.timeout(60):
            while server.load.in_flight:
                await asyncio.sleep(0.01)


async def test_replies_that_are_no_answer() -> None:
    page = await send("html")
    assert page.status_code == 200
    assert page.headers["content-type"].startswith("text/html")
    assert "error" in (await send("errorobject")).json()
    assert (await send("nochoices")).json()["choices"] == []
    assert (await send("empty")).json()["choices"][0]["message"]["content"] == ""
    assert (await send("null")).json()["choices"][0]["message"]["content"] is None
    assert len((await send("huge")).json()["choices"][0]["message"]["content"]) == 1_000_000


async def test_a_fault_in_a_stream_arrives_as_a_stream() -> None:
    reply = await send("empty", stream=True)
    events = [line.removeprefix("data: ") for line in reply.text.splitlines() if line.startswith("data: ")]
    assert events[-1] == "[DONE]"
    said = [choice["delta"].get("content", "") for event in events[:-1] for choice in json.loads(event)["choices"]]
    assert "".join(said) == ""


async def test_a_retry_can_succeed_and_the_reply_is_the_undisturbed_one() -> None:
    async with rehearsal(Script(faults={"500": 1.0}, relent=2)) as server, httpx.AsyncClient() as http:
        replies = [await http.post(f"{server.url}/chat/completions", json=BODY) for _ in range(3)]
        assert [(request.attempt, request.fault) for request in server.requests] == [(0, "500"), (1, "500"), (2, None)]
    async with rehearsal() as calm, httpx.AsyncClient() as http:
        undisturbed = await http.post(f"{calm.url}/chat/completions", json=BODY)
    assert [reply.status_code for reply in replies] == [500, 500, 200]
    assert replies[2].json() == undisturbed.json()


def test_faults_come_as_often_as_asked_and_differ_between_attempts() -> None:
    script = Script(faults={"429": 0.2, "reset": 0.1})
    drawn = Counter(script.fault(f"request {i}", attempt) for i in range(2000) for attempt in range(2))
    assert drawn["429"] / 4000 == pytest.approx(0.2, abs=0.025)
    assert drawn["reset"] / 4000 == pytest.approx(0.1, abs=0.02)
    first = [script.fault(f"request {i}", 0) for i in range(200)]
    assert first == [script.fault(f"request {i}", 0) for i in range(200)]
    assert first != [script.fault(f"request {i}", 1) for i in range(200)]


def test_latency_is_log_normal_and_belongs_to_the_request() -> None:
    script = Script(latency=0.5, sigma=0.5)
    drawn = sorted(script.seconds(f"request {i}") for i in range(2001))
    assert drawn[1000] == pytest.approx(0.5, rel=0.06)
    assert drawn[1683] / drawn[1000] == pytest.approx(1.65, rel=0.1)  # one sigma above: exp(0.5)
    assert script.seconds("request 1") == script.seconds("request 1")
    assert Script(latency=0.5, sigma=0).seconds("x") == 0.5


def test_faults_are_read_from_words() -> None:
    assert read_faults("429=0.05, 500=0.02") == {"429": 0.05, "500": 0.02}
    with pytest.raises(ConfigError, match="NAME=PROBABILITY"):
        read_faults("429")
    with pytest.raises(ConfigError, match="no fault 418"):
        Script(faults=read_faults("418=1"))
    with pytest.raises(ConfigError, match="sum"):
        Script(faults=dict.fromkeys(FAULTS, 0.5))
