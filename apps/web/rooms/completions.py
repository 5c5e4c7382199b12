"""The guide as a model: `/v1/models` and `/v1/chat/completions`, for whatever speaks OpenAI's protocol."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections.abc import AsyncIterator, Sequence
from typing import Any

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from wunderkammer.apps.chat import sayings as says
from wunderkammer.apps.chat.conversation import Conversation
from wunderkammer.apps.chat.markdown import in_markdown
from wunderkammer.apps.chat.reminding import remember, reminded
from wunderkammer.apps.chat.session import spent_by
from wunderkammer.apps.chat.threads import Threads
from wunderkammer.apps.web import faults
from wunderkammer.apps.web.completion import MODEL, Completion, Usage, Wanted, Wrong, read, refusal, status_of, told
from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.lasting import lasting
from wunderkammer.apps.web.rooms.chat import MOST_WORDS, Talks
from wunderkammer.core.errors import WunderError
from wunderkammer.models.budget import Spent

THREAD = "x-wunder-thread"
"""Header that names the thread of the conversation, in requests and in answers."""
YES_OR_NO = "Answer yes or no."
_BODY = {"requestBody": {"required": True, "content": {"application/json": {"schema": Wanted.model_json_schema()}}}}

router = APIRouter(prefix="/v1", tags=["completions"])


@router.get("/models")
async def list_models() -> dict[str, Any]:
    """The one model that there is."""
    return {"object": "list", "data": [_card()]}


@router.get("/models/{model}")
async def show_model(model: str) -> Response:
    """The same by its name."""
    if model != MODEL:
        return refusal(Wrong(f"there is no model {model[:60]!r}; there is: {MODEL}", code="model_not_found"), 404)
    return JSONResponse(_card())


@router.post("/chat/completions", openapi_extra=_BODY)
async def complete(here: Here, request: Request, talks: Talks) -> Response:
    """The guide's reply, whole or as server-sent events.

    The thread is named by the header `X-Wunder-Thread`; else it is found by what was said before, as the messages have
    it. A question of the guide is answered by the next message: yes or no.
    """
    try:
        wanted = read(await _json(request))
        talk, record = await _meant(talks, request.headers.get(THREAD), wanted)
        reply = Reply(talk, record)
        await reply.begin()
    except Wrong as fault:
        return refusal(fault, fault.status)
    except WunderError as fault:
        return refusal(fault, _status(fault))
    headers = {THREAD: talk.thread}
    if wanted.stream:
        options = wanted.stream_options
        chunks = reply.chunks(billed=bool(options and options.include_usage))
        return lasting(here, chunks, headers)
    try:
        return JSONResponse(await reply.whole(), headers=headers)
    except WunderError as fault:
        answer = refusal(fault, _status(fault))
        answer.headers.update(headers)
        return answer


class Reply:
    """One turn of a conversation, told as a completion."""

    def __init__(self, talk: Conversation, record: Sequence[tuple[str, str]]) -> None:
        self.talk = talk
        self.record = record
        self.form = Completion(f"chatcmpl-{uuid.uuid4().hex}", int(time.time()))
        self._said: list[str] = []

    async def begin(self) -> None:
        """Begin the turn; returns when something comes of it. Raises what it came to grief by before that."""
        self._before = await self._spent()
        self._turn = self.talk.say(self.record[-1][1])
        async for _, saying in self.talk.follow():
            if not isinstance(saying, (says.Heard, says.Answered)):
                break
        self._raise()

    async def whole(self) -> dict[str, Any]:
        """The body of a reply."""
        async for _ in self._pieces():
            pass
        return self.form.whole("".join(self._said), await self._end())

    async def chunks(self, *, billed: bool) -> AsyncIterator[str]:
        """The data of each event. Who stops listening ends the turn."""
        try:
            yield _line(self.form.chunk({"role": "assistant", "content": ""}))
            async for piece in self._pieces():
                yield _line(self.form.chunk({"content": piece}))
            usage = await self._end()
            yield _line(self.form.chunk({}, "stop"))
            if billed:
                yield _line(self.form.bill(usage))
            yield "[DONE]"
        except WunderError as fault:
            yield _line({"error": told(fault, _status(fault))})
        finally:
            if self.talk.turn == self._turn:
                self.talk.cut()

    async def _pieces(self) -> AsyncIterator[str]:
        """What is said, as it comes. Tools are seen only where nobody speaks of what they found: after a command."""
        seen: list[str] = []
        async for _, saying in self.talk.follow():
            match saying:
                case says.Piece():
                    yield self._say(saying.piece)
                case says.Anew():
                    yield self._say("\n\n… the model's server broke off; once more:\n\n")
                case says.Using() if self._said:
                    yield self._say("\n\n")
                case says.Used():
                    seen.append(in_markdown(saying.sheet))
                case says.Failed():
                    seen.append(f"It was not done: {saying.why}.")
                case says.Asked():
                    yield self._say("\n\n" * bool(self._said) + f"{saying.question} {YES_OR_NO}")
        self._raise()
        if not "".join(self._said).strip():
            yield self._say("\n\n".join(seen) or "There is nothing to say.")

    def _say(self, words: str) -> str:
        self._said.append(words)
        return words

    def _raise(self) -> None:
        if self.talk.fault is not None:
            raise self.talk.fault

    async def _end(self) -> Usage:
        """Note where the conversation stands now, for a client that repeats it; what the turn took."""
        await self.talk.wait()
        if self.talk.turn == self._turn:
            await remember(self.talk, [*self.record, ("assistant", "".join(self._said))])
        after = await self._spent()
        return Usage(
            after.prompt_tokens - self._before.prompt_tokens, after.completion_tokens - self._before.completion_tokens
        )

    async def _spent(self) -> Spent:
        return await asyncio.to_thread(spent_by, self.talk.session.office.ledger, self.talk.thread)


async def _meant(talks: Threads, name: str | None, wanted: Wanted) -> tuple[Conversation, list[tuple[str, str]]]:
    """The conversation that a request goes on with, and all that was said in it, the new words included."""
    record = wanted.record
    if len(record[-1][1]) > MOST_WORDS:
        raise Wrong(f"messages: the last one is longer than {MOST_WORDS} characters", param="messages")
    return (await talks.open(name, "api") if name else await reminded(talks, record[:-1])), record


async def _json(request: Request) -> Any:
    try:
        return await request.json()
    except ValueError:
        raise Wrong("the body is no JSON") from None


def _status(fault: WunderError) -> int:
    return status_of(fault, faults.status_of(fault))


def _card() -> dict[str, Any]:
    return {"id": MODEL, "object": "model", "created": 0, "owned_by": "wunderkammer"}


def _line(value: dict[str, Any]) -> str:
    return json.dumps(value, ensure_ascii=False)
