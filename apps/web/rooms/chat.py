"""Chat with the guide: threads, a stream of what happens, confirmations."""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from typing import Annotated, Literal

from fastapi import APIRouter, Depends, FastAPI, Header, HTTPException, Query
from fastapi import Path as InPath
from pydantic import Field
from sse_starlette import EventSourceResponse, ServerSentEvent
from starlette.requests import HTTPConnection
from starlette.responses import FileResponse

from wunderkammer import domains
from wunderkammer.agents.guide.examination import too_small
from wunderkammer.apps.chat.commands import COMMANDS
from wunderkammer.apps.chat.conversation import Conversation
from wunderkammer.apps.chat.salon import Salon, salon
from wunderkammer.apps.chat.sayings import Ended, Saying, read_saying
from wunderkammer.apps.chat.session import Parlour, parlour
from wunderkammer.apps.chat.threads import Threads
from wunderkammer.apps.web.context import Here, Web
from wunderkammer.apps.web.faults import Refused
from wunderkammer.apps.web.lasting import lasting
from wunderkammer.core.contract import Frozen
from wunderkammer.core.settings import Settings
from wunderkammer.memory import sayings

MOST_WORDS = 8000
"""Characters of one message of the user."""
SHOWN_SAYINGS = 400
SHOWN_THREADS = 60
OPENING_CHARS = 80
"""Of a thread's first words, in the list."""
PICTURE_POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
"""A picture that somebody opens by itself runs nothing and loads nothing."""


@asynccontextmanager
async def life(app: FastAPI) -> AsyncIterator[None]:
    """All threads share one gateway and one store of checkpoints, as long as the settings stay what they are."""
    here: Web = app.state.web

    def opens(settings: Settings) -> AbstractAsyncContextManager[Parlour]:
        return parlour(replace(here.office, settings=settings), bounds=here.bounds)

    async with salon(opens, here.settings) as app.state.salon:
        yield


router = APIRouter(prefix="/api/chat", tags=["chat"], lifespan=life, responses=Refused)


def threads(request: HTTPConnection) -> Threads:
    """The conversations of this application."""
    found: Salon = request.app.state.salon
    return found.threads


Talks = Annotated[Threads, Depends(threads)]


async def conversation(thread: Annotated[str, InPath(max_length=60)], talks: Talks) -> Conversation:
    """The conversation that an address names."""
    return await talks.open(thread)


Talk = Annotated[Conversation, Depends(conversation)]


class Words(Frozen):
    """What the user says: words for the guide, or a command."""

    words: str = Field(min_length=1, max_length=MOST_WORDS, pattern=r"\S")


class Answer(Frozen):
    """Yes or no to the question that stands in the way."""

    yes: bool


class Begun(Frozen):
    """The turn that is in hand now; `…/follow` tells of it."""

    turn: str


class ListedThread(Frozen):
    name: str
    opening: str
    turns: int
    at: float


class Way(Frozen):
    """A command: how it is written, and what it does."""

    name: str
    written: str
    says: str


class Front(Frozen):
    """What the page needs before anything is said. weak: why the guide has no mind, where that is known."""

    threads: tuple[ListedThread, ...]
    commands: tuple[Way, ...]
    names: tuple[str, ...]
    """Domains and runs, for completion."""
    weak: str


class Entry(Frozen):
    """Something that was said, and when."""

    turn: str
    at: float
    saying: Saying


class Told(Frozen):
    """A thread as it stands. entries: what was said, but for the turn in hand; that one is told by `…/follow`."""

    thread: str
    standing: Literal["idle", "working", "asking", "left"]
    question: str
    turn: str
    entries: tuple[Entry, ...]


@router.get("")
async def front(here: Here, talks: Talks) -> Front:
    """Threads, the latest first; commands; names that can be completed."""
    known = await asyncio.to_thread(here.office.everything)
    listed = await asyncio.to_thread(sayings.threads, here.ledger, SHOWN_THREADS)
    return Front(
        threads=tuple(
            ListedThread(name=one.name, opening=one.opening[:OPENING_CHARS], turns=one.turns, at=one.at)
            for one in listed
        ),
        commands=tuple(Way(name=one.name, written=one.written, says=one.says) for one in COMMANDS),
        names=(*domains.installed(), *(one.id for one in known[:50])),
        weak="the embedded model is too small to choose tools" if too_small(talks.parlour.office.settings) else "",
    )


@router.get("/threads/{thread}")
async def show_thread(talk: Talk) -> Told:
    """What was said in a thread, and whether it waits for an answer."""
    kept = await talk.said(SHOWN_SAYINGS)  # nothing is awaited from here on: how it stands belongs to it
    entries = tuple(Entry(turn=one.turn, at=one.at, saying=read_saying(one.kind, one.body)) for one in kept)
    standing: Literal["idle", "working", "asking", "left"] = (
        "working" if talk.working else "asking" if talk.question else "left" if talk.left else "idle"
    )
    return Told(thread=talk.thread, standing=standing, question=talk.question, turn=talk.turn, entries=entries)


@router.post("/threads/{thread}/say", status_code=202)
async def say(talk: Talk, said: Words) -> Begun:
    """Say something. It goes on whether anybody listens or not."""
    return Begun(turn=talk.say(said.words))


@router.post("/threads/{thread}/answer", status_code=202)
async def answer(talk: Talk, said: Answer) -> Begun:
    """Answer the question that stands in the way."""
    return Begun(turn=talk.answer(said.yes))


@router.post("/threads/{thread}/resume", status_code=202)
async def go_on(talk: Talk) -> Begun:
    """Go on where the thread was left in the middle of a turn."""
    return Begun(turn=talk.go_on())


@router.post("/threads/{thread}/stop")
async def stop(talk: Talk) -> Begun:
    """End the turn in hand."""
    await talk.stop()
    return Begun(turn=talk.turn)


@router.get("/threads/{thread}/follow", response_class=EventSourceResponse)
async def follow(
    here: Here,
    talk: Talk,
    after: Annotated[str, Query(max_length=40)] = "",
    last_event_id: Annotated[str, Header(max_length=40)] = "",
) -> EventSourceResponse:
    """What is said in the turn in hand, from its beginning, as server-sent events named `saying`."""
    turn, _, number = (last_event_id or after).rpartition(":")
    seen = int(number) if turn == talk.turn and number.isdecimal() else 0

    async def events() -> AsyncIterator[ServerSentEvent]:
        name, over = talk.turn, False
        async for place, saying in talk.follow(seen):
            over = isinstance(saying, Ended)
            yield ServerSentEvent(saying.model_dump_json(), event="saying", id=f"{name}:{place}")
        if not over:  # nothing is in hand, or all of it was seen
            yield ServerSentEvent(Ended(asking=bool(talk.question), left=talk.left).model_dump_json(), event="saying")

    return lasting(here, events())


@router.get("/plots/{name}", response_class=FileResponse)
async def plot(here: Here, name: Annotated[str, InPath(max_length=240)]) -> FileResponse:
    """A picture that `draw_plot` made."""
    file = here.office.home / "plots" / name
    if not re.fullmatch(r"[\w-]{1,220}\.svg", name) or file.is_symlink() or not file.is_file():
        raise HTTPException(404, "there is no such plot")
    headers = {"content-security-policy": PICTURE_POLICY, "x-content-type-options": "nosniff"}
    return FileResponse(file, media_type="image/svg+xml", headers=headers)
