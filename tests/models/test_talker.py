"""Conversations with tools at a server: streamed, broken off, refused, too long, cancelled; always paid for."""

from __future__ import annotations

import asyncio
import json
from typing import Any

import pytest
from aiohttp import web

from wunderkammer.core.errors import BadReply, BudgetExceeded
from wunderkammer.core.settings import BudgetSettings
from wunderkammer.models.stream import Veil, unveiled
from wunderkammer.models.talk import Talk, ToolForm, Turn
from wunderkammer.models.talker import NoTools

TOOL = ToolForm(name="look", says="Looks.", parameters={"type": "object", "properties": {}})
HELLO = (Turn(role="user", content="Hello?"),)


class Listener:
    """What was heard; `anew` empties it and is counted."""

    def __init__(self) -> None:
        self.heard: list[str] = []
        self.again = 0

    def words(self, piece: str) -> None:
        self.heard.append(piece)

    def anew(self) -> None:
        self.heard.clear()
        self.again += 1


def talk(*, tools: bool = False, **more: Any) -> Talk:
    return Talk("guide", HELLO, (TOOL,) if tools else (), **more)


def streaming(*deltas: dict[str, Any], end: bool = True, usage: bool = True, hold: asyncio.Event | None = None):
    """A server-sent stream of deltas; not `end`: it breaks off. hold: waits before the last of them."""

    async def answer(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        for place, delta in enumerate(deltas):
            if hold is not None and place == len(deltas) - 1:
                await hold.wait()
            await response.write(_event({"choices": [{"index": 0, "delta": delta}]}))
        if end:
            await response.write(_event({"choices": [{"index": 0, "delta": {}, "finish_reason": "stop"}]}))
            if usage:
                await response.write(_event({"choices": [], "usage": {"prompt_tokens": 11, "completion_tokens": 7}}))
            await response.write(b"data: [DONE]\n\n")
        return response

    return answer


def _event(body: dict[str, Any]) -> bytes:
    return f"data: {json.dumps(body)}\n\n".encode()


def words(*pieces: str) -> list[dict[str, Any]]:
    return [{"content": piece} for piece in pieces]


async def test_words_are_heard_as_they_come(house, server) -> None:
    ear = Listener()
    server.always = streaming(*words("Good ", "day", "."))
    spoken = await house.gateway().converse(talk(), ear)

    assert (spoken.text, ear.heard) == ("Good day.", ["Good ", "day", "."])
    (call,) = house.calls
    assert (call.texts, call.prompt_tokens, call.completion_tokens, call.role) == (("Good day.",), 11, 7, "guide")
    assert server.seen[0]["stream"] is True


async def test_tools_are_gathered_from_their_pieces(house, server) -> None:
    def piece(**more: Any) -> dict[str, Any]:
        return {"tool_calls": [{"index": 0, **more}]}

    server.always = streaming(
        piece(id="a1", function={"name": "look", "arguments": ""}),
        piece(function={"arguments": '{"pla'}),
        piece(function={"arguments": 'ce": 1}'}),
    )
    spoken = await house.gateway().converse(talk(tools=True), Listener())

    assert [(call.name, call.arguments) for call in spoken.calls] == [("look", '{"place": 1}')]
    assert house.calls[0].detail["tools"][0]["name"] == "look"


async def test_a_stream_that_breaks_off_is_heard_anew_and_paid_for(house, server) -> None:
    ear = Listener()
    server.script = [streaming(*words("Half a ", "word"), end=False)]
    server.always = streaming(*words("Whole."))
    spoken = await house.gateway().converse(talk(), ear)

    assert (spoken.text, ear.heard, ear.again) == ("Whole.", ["Whole."], 1)
    (call,) = house.calls
    assert call.attempts == 2
    assert call.completion_tokens > 7  # what was written before it broke off has been paid for, too


async def test_whoever_stops_listening_pays_for_what_was_said(house, server) -> None:
    ear, never = Listener(), asyncio.Event()
    server.always = streaming(*words("A long answer that ", "goes on", "."), hold=never)
    gateway = house.gateway()
    work = asyncio.create_task(gateway.converse(talk(), ear))
    while len(ear.heard) < 2:
        await asyncio.sleep(0.005)
    work.cancel()
    with pytest.raises(asyncio.CancelledError):
        await work

    assert house.budget.spent.completion_tokens > 0
    assert house.calls[0].status == "error"
    assert gateway.in_flight == 0


async def test_a_server_that_pays_no_heed_to_streaming_is_heard_at_once(house, server) -> None:
    ear = Listener()
    server.always = server.say("All at once.")
    spoken = await house.gateway().converse(talk(), ear)

    assert (spoken.text, ear.heard) == ("All at once.", ["All at once."])


async def test_a_server_without_streams_is_asked_without_from_then_on(house, server) -> None:
    server.script = [server.fail(400, "streaming is not supported by this server", "stream")]
    server.always = server.say("Fine.")
    gateway = house.gateway()
    await gateway.converse(talk(), Listener())
    await gateway.converse(talk(), Listener())

    assert ["stream" in body for body in server.seen] == [True, False, False]


@pytest.mark.parametrize(
    "refusal", ['"auto" tool choice requires --enable-auto-tool-choice', "tools param requires --jinja flag"]
)
async def test_a_server_that_refuses_tools_is_remembered(house, server, refusal) -> None:
    server.always = server.fail(400, refusal)
    gateway = house.gateway()
    for _ in range(2):
        with pytest.raises(NoTools):
            await gateway.converse(talk(tools=True), Listener())

    assert len(server.seen) == 1
    assert await gateway.calls_tools("guide") is False


async def test_whether_tools_are_called_is_found_out_once(house, server) -> None:
    server.always = server.say("I would rather talk.")
    gateway = house.gateway()

    assert await gateway.calls_tools("guide") is False
    assert await gateway.calls_tools("guide") is False
    assert len(server.seen) == 1
    assert server.seen[0]["tool_choice"] == "required"


async def test_a_reply_that_never_ends_is_cut(house, server) -> None:
    server.always = streaming(*words(*["much too long " * 40] * 4))
    with pytest.raises(BadReply, match="longer than 1024 bytes"):
        await house.gateway(max_reply_bytes=1024).converse(talk(), Listener())


async def test_an_empty_reply_is_asked_for_again(house, server) -> None:
    server.script = [streaming(*words(""))]
    server.always = streaming(*words("Here I am."))

    assert (await house.gateway().converse(talk(), Listener())).text == "Here I am."


async def test_a_spent_budget_sends_nothing(house, server) -> None:
    gateway = house.gateway(limits=BudgetSettings(calls=1))
    server.always = streaming(*words("Once."))
    await gateway.converse(talk(), Listener())
    with pytest.raises(BudgetExceeded):
        await gateway.converse(talk(), Listener())

    assert len(server.seen) == 1


async def test_the_same_question_of_a_run_is_answered_from_memory(house, server) -> None:
    server.always = streaming(*words("Once ", "only."))
    ear, gateway = Listener(), house.gateway()
    await gateway.converse(talk(run="chat-t", slot=1, nonce=0), Listener())
    spoken = await gateway.converse(talk(run="chat-t", slot=1, nonce=0), ear)

    assert (spoken.text, "".join(ear.heard), len(server.seen)) == ("Once only.", "Once only.", 1)


@pytest.mark.parametrize(
    ("pieces", "heard"),
    [
        (["<think>hm", "m</th", "ink>\n", "Yes."], "Yes."),
        (["<thin", "ly veiled"], "<thinly veiled"),
        (["No thought."], "No thought."),
        (["<think>never ends"], ""),
    ],
)
def test_what_is_thought_aloud_is_kept_back(pieces, heard) -> None:
    ear = Listener()
    veil = Veil(ear)
    for piece in pieces:
        veil.words(piece)

    assert "".join(ear.heard).strip() == heard
    assert unveiled("".join(pieces)).strip() == heard
