"""MCP over HTTP against a served application, through its door."""

from __future__ import annotations

import httpx2
import pytest
from mcp import Client, types
from mcp.client.streamable_http import streamable_http_client

from stage.site import served
from wunderkammer.apps.chat.operations import starting
from wunderkammer.apps.web.application import application
from wunderkammer.apps.web.door import Door
from wunderkammer.core.settings import Settings

BIG = {"domain": "rainbow-skills", "preset": "smoke", "steps": 500, "calls": 5000}
TOKEN = "open sesame"
PING = {"jsonrpc": "2.0", "id": 1, "method": "tools/list", "params": {}}
SPEAKS = {"accept": "application/json, text/event-stream", "content-type": "application/json"}


@pytest.fixture
def url(settings: Settings):
    """The address of a server that wants a token."""
    with served(lambda port: application(settings, Door(port=port, token=TOKEN))) as site:
        yield f"{site.url}/mcp"


@pytest.mark.parametrize("mode", ["auto", "legacy"])
async def test_a_client_with_the_token_works(url, mode, monkeypatch) -> None:
    begun, questions = [], []

    async def named(errand, look):
        return "abcdef123456"

    async def answer(context, params):
        questions.append(params.message)
        return types.ElicitResult(action="accept", content={"yes": True})

    monkeypatch.setattr(starting, "begin", lambda home, key, words: begun.append(words))
    monkeypatch.setattr(starting, "named", named)
    async with (
        httpx2.AsyncClient(headers={"authorization": f"Bearer {TOKEN}"}, timeout=60) as http,
        Client(streamable_http_client(url, http_client=http), mode=mode, elicitation_callback=answer) as client,
    ):
        tools = await client.list_tools()
        runs = await client.call_tool("list_runs", {})
        started = await client.call_tool("start_run", BIG)
        resource = await client.read_resource(f"wunder://runs/{runs.structured_content['rows'][0][0]}")

    assert len(tools.tools) > 20
    assert runs.structured_content["rows"][0][4] == "finished"
    assert "may take up to 5000 calls" in questions[0]
    assert (started.is_error, len(begun)) == (False, 1)
    assert resource.contents[0].mime_type == "application/json"


@pytest.mark.parametrize(
    ("headers", "status"),
    [
        ({}, 401),
        ({"authorization": "Bearer wrong"}, 401),
        ({"authorization": f"Bearer {TOKEN}", "host": "evil.example"}, 421),
        ({"authorization": f"Bearer {TOKEN}", "origin": "http://evil.example"}, 403),
    ],
)
async def test_the_door_stands_before_it(url, headers, status) -> None:
    async with httpx2.AsyncClient(headers={**SPEAKS, **headers}, timeout=60) as asks:
        answer = await asks.post(url, json=PING)

    assert answer.status_code == status


async def test_what_is_no_mcp_is_refused(url) -> None:
    headers = {**SPEAKS, "authorization": f"Bearer {TOKEN}"}
    async with httpx2.AsyncClient(headers=headers, timeout=60) as asks:
        answers = [
            await asks.post(url, content=body) for body in (b"{", b"[]", b'{"jsonrpc": "1.0"}', b"x" * 2_000_000)
        ]

    assert [400 <= answer.status_code < 500 for answer in answers] == [True] * 4
