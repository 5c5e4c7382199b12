"""What Open WebUI and LibreChat send, replayed: listing, streaming, titles, extra fields.

After the public source of the first, and the client library of the second.
"""

from __future__ import annotations

import json
from typing import Any

import pytest
from starlette.testclient import TestClient

from wunderkammer.apps.web.application import application
from wunderkammer.apps.web.door import Door

KEY = "a token of sixteen letters"
# backend/open_webui/routers/openai.py: send_get_request and get_headers_and_cookies
OPEN_WEBUI = {
    "authorization": f"Bearer {KEY}",
    "content-type": "application/json",
    "x-openwebui-user-name": "Ada%20L",
    "x-openwebui-user-id": "5c1f",
    "x-openwebui-user-email": "ada@example.org",
    "x-openwebui-user-role": "admin",
    "x-openwebui-chat-id": "8a2e",
    "user-agent": "Python/3.11 aiohttp/3.12",
}
# openai-node, by which LibreChat speaks to custom endpoints
LIBRECHAT = {
    "authorization": f"Bearer {KEY}",
    "content-type": "application/json",
    "accept": "application/json",
    "user-agent": "OpenAI/JS 5.12.2",
    "x-stainless-lang": "js",
    "x-stainless-retry-count": "0",
}
CLIENTS = [pytest.param(OPEN_WEBUI, id="Open WebUI"), pytest.param(LIBRECHAT, id="LibreChat")]
TOOL = {"type": "function", "function": {"name": "get_time", "parameters": {"type": "object", "properties": {}}}}
EXTRAS: dict[str, Any] = {
    "temperature": 0.8, "top_p": 1, "seed": 7, "max_completion_tokens": 1000, "presence_penalty": 0, "stop": None,
    "frequency_penalty": 0, "logit_bias": {}, "user": "5c1f", "tools": [TOOL], "tool_choice": "auto",
    "metadata": {"task": "title_generation", "chat_id": "8a2e"}, "reasoning_effort": "low", "n": 1,
    "response_format": {"type": "text"}, "parallel_tool_calls": True, "store": False, "service_tier": "auto",
}  # fmt: skip


@pytest.fixture
def asks(settings, config):
    """Asks a server with a token as another program does: without a header of ours."""
    app = application(settings, Door(host="0.0.0.0", token=KEY), config)
    with TestClient(app, base_url="http://127.0.0.1:8700", raise_server_exceptions=False) as found:
        yield found


def body(*words: str, **more: Any) -> dict[str, Any]:
    said = [{"role": ("user", "assistant")[at % 2], "content": one} for at, one in enumerate(words)]
    return {"model": "wunderkammer", "messages": said, **more}


@pytest.mark.parametrize("headers", CLIENTS)
def test_models_are_listed_and_shown(asks, headers) -> None:
    listed = asks.get("/v1/models", headers=headers)
    shown = asks.get("/v1/models/wunderkammer", headers=headers)

    assert [one["id"] for one in listed.json()["data"]] == ["wunderkammer"]
    assert listed.json()["object"] == "list"
    assert shown.json() == listed.json()["data"][0]
    assert asks.get("/v1/models/gpt-4o", headers=headers).status_code == 404
    assert asks.get("/v1/models").status_code == 401


@pytest.mark.parametrize("headers", CLIENTS)
def test_a_stream_with_usage_and_every_extra_field(asks, headers) -> None:
    told = body("/runs", stream=True, stream_options={"include_usage": True}, **EXTRAS)
    told["messages"].insert(0, {"role": "system", "content": "You are a helpful assistant."})
    answer = asks.post("/v1/chat/completions", json=told, headers=headers)
    lines = [line.removeprefix("data: ") for line in answer.text.splitlines() if line.startswith("data: ")]
    chunks = [json.loads(line) for line in lines[:-1]]

    assert answer.headers["content-type"].startswith("text/event-stream")
    assert lines[-1] == "[DONE]"
    assert {chunk["object"] for chunk in chunks} == {"chat.completion.chunk"}
    assert "1 run" in "".join(chunk["choices"][0]["delta"].get("content", "") for chunk in chunks if chunk["choices"])
    assert [one["choices"][0]["finish_reason"] for one in chunks if one["choices"]][-1] == "stop"
    assert (chunks[-1]["choices"], set(chunks[-1]["usage"])) == (
        [], {"prompt_tokens", "completion_tokens", "total_tokens"},
    )  # fmt: skip


@pytest.mark.parametrize("headers", CLIENTS)
def test_a_title_is_asked_for_beside_a_conversation_that_goes_on(asks, headers) -> None:
    """A title is a request of its own, of one message, not streamed; the conversation stays where it was."""
    first = asks.post("/v1/chat/completions", json=body("/runs"), headers=headers)
    words = first.json()["choices"][0]["message"]["content"]
    task = (
        f"### Task:\nGenerate a concise title summarizing the chat history.\n<chat_history>\n{words}\n</chat_history>"
    )
    title = asks.post("/v1/chat/completions", json=body(task, stream=False, **EXTRAS), headers=headers)
    second = asks.post("/v1/chat/completions", json=body("/runs", words, "/spend"), headers=headers)

    assert title.status_code == 200
    assert isinstance(title.json()["choices"][0]["message"]["content"], str)
    assert title.headers["x-wunder-thread"] != first.headers["x-wunder-thread"] == second.headers["x-wunder-thread"]


def test_a_picture_is_refused_in_words_and_does_not_end_the_conversation(asks) -> None:
    picture = {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0KGgo=", "detail": "auto"}}
    parts = [{"type": "text", "text": "What is this?"}, picture]
    shown = {"model": "wunderkammer", "messages": [{"role": "user", "content": parts}]}
    refused = asks.post("/v1/chat/completions", json=shown, headers=LIBRECHAT)
    later = {**shown, "messages": [*shown["messages"], {"role": "user", "content": "/runs"}]}
    answered = asks.post("/v1/chat/completions", json=later, headers=LIBRECHAT)

    assert refused.status_code == 400
    assert refused.json()["error"]["message"].endswith("holds a part of type image_url")
    assert "1 run" in answered.json()["choices"][0]["message"]["content"]


def test_a_history_with_tools_of_others_is_passed_over(asks) -> None:
    call = {"id": "c1", "type": "function", "function": {"name": "get_time", "arguments": "{}"}}
    said = [
        {"role": "user", "content": "What time is it?"},
        {"role": "assistant", "content": None, "tool_calls": [call]},
        {"role": "tool", "tool_call_id": "c1", "content": "noon"},
        {"role": "assistant", "content": "Noon."},
        {"role": "user", "content": "/runs"},
    ]
    answer = asks.post("/v1/chat/completions", json={"model": "wunderkammer", "messages": said}, headers=OPEN_WEBUI)

    assert "1 run" in answer.json()["choices"][0]["message"]["content"]


def test_a_page_of_another_site_gets_nothing_even_with_the_key(asks) -> None:
    """As Open WebUI's direct connections ask: from the browser, after a preflight. They have no place here."""
    origin = {**OPEN_WEBUI, "origin": "http://webui.example:3000"}
    preflight = asks.options(
        "/v1/chat/completions", headers={"origin": origin["origin"], "access-control-request-method": "POST"}
    )
    asked = asks.post("/v1/chat/completions", json=body("/runs"), headers=origin)

    assert "access-control-allow-origin" not in preflight.headers
    assert preflight.status_code in (401, 405)
    assert asked.status_code == 403
