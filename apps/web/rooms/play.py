"""Games: worlds that were learnt, played in the browser frame by frame, each by a process of its own."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import partial
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI
from fastapi import Path as InPath
from pydantic import Base64UrlBytes, Field
from starlette.requests import HTTPConnection
from starlette.responses import Response

from wunderkammer.apps.play import shelf
from wunderkammer.apps.play.arcade import Arcade
from wunderkammer.apps.play.child import Child, begin
from wunderkammer.apps.web.context import Here
from wunderkammer.apps.web.faults import Refused, looked_up
from wunderkammer.apps.web.pictures import PICTURE, shown
from wunderkammer.core.abilities import Picture
from wunderkammer.core.contract import Frozen
from wunderkammer.core.play import MOST_PROMPT, Rules, Scene, checked_png


@asynccontextmanager
async def life(app: FastAPI) -> AsyncIterator[None]:
    """Games live as long as the application at most."""
    app.state.arcade = Arcade(partial(begin, settings=app.state.web.settings))
    try:
        yield
    finally:
        await app.state.arcade.close()


router = APIRouter(prefix="/api/play", tags=["play"], lifespan=life, responses=Refused)


def arcade(request: HTTPConnection) -> Arcade:
    """The games of this application."""
    found: Arcade = request.app.state.arcade
    return found


Games = Annotated[Arcade, Depends(arcade)]


def game(session: Annotated[str, InPath(max_length=40)], games: Games) -> Child:
    """The game that an address names."""
    with looked_up():
        return games.game(session)


Played = Annotated[Child, Depends(game)]


class Title(Frozen):
    """A game that can be begun."""

    id: str
    title: str


class Opening(Frozen):
    game: Annotated[str, Field(max_length=200)]


class Opened(Frozen):
    """A game that has begun; it is reached at `/api/play/{session}/…`."""

    session: str
    rules: Rules


class Prompt(Frozen):
    """What to begin from: a picture, as base64 of a PNG in the alphabet for addresses, or a frame of the data."""

    picture: Annotated[Base64UrlBytes, Field(max_length=2 * MOST_PROMPT)] | None = None
    example: Annotated[int, Field(ge=0, le=2**31)] = 0


class Step(Frozen):
    action: Annotated[int, Field(ge=0, le=63)]


@router.get("")
async def list_games(here: Here) -> list[Title]:
    """What finished jobs left to play, the newest first."""
    return [Title(id=one.id, title=one.title) for one in await shelf.games(here.settings)]


@router.post("")
async def open_game(here: Here, games: Games, wanted: Opening) -> Opened:
    """Begin a game: its process is started, and ends when nobody plays it for a while, or with the server."""
    with looked_up():
        cartridge = await shelf.find(here.settings, wanted.game)
    session, opened = await games.open(cartridge)
    return Opened(session=session, rules=opened.rules)


@router.get("/{session}/examples/{number}", response_class=Response, responses={**Refused, **PICTURE})
async def show_example(played: Played, number: Annotated[int, InPath(ge=0, le=2**31)]) -> Response:
    """A frame of the data, to begin from."""
    data = checked_png(await played.example(number))
    return shown(Picture(media="image/png", data=data, caption=f"Frame {number} of the data"))


@router.post("/{session}/start")
async def start(played: Played, prompt: Prompt) -> Scene:
    """Begin anew."""
    picture = None if prompt.picture is None else checked_png(prompt.picture)
    return _safe(await played.start(picture, prompt.example))


@router.post("/{session}/step")
async def step(played: Played, wanted: Step) -> Scene:
    """One action, and what is to be seen after it."""
    return _safe(await played.step(wanted.action))


@router.post("/{session}/undo")
async def undo(played: Played) -> Scene:
    """Take the last action back."""
    return _safe(await played.undo())


@router.get("/{session}/clip", response_class=Response, responses={**Refused, **PICTURE})
async def save(played: Played) -> Response:
    """What was played, as a clip to keep."""
    clip = await played.save()
    suffix = {"image/gif": "gif", "video/mp4": "mp4"}[clip.media]
    answer = shown(Picture(media=clip.media, data=clip.data, caption="What was played"))
    answer.headers["content-disposition"] = f'attachment; filename="played.{suffix}"'
    return answer


@router.post("/{session}/end")
async def end(games: Games, session: Annotated[str, InPath(max_length=40)]) -> None:
    """End a game; one that is over stays so."""
    await asyncio.shield(games.end(session))


def _safe(scene: Scene) -> Scene:
    """A scene whose pictures are pictures."""
    for picture in (scene.frame, scene.truth):
        if picture is not None:
            checked_png(picture)
    return scene
