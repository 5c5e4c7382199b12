"""Sessions with a guide that is played by the rehearsal."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path

import pytest

from stage.guided import Guided
from wunderkammer.agents.guide.happenings import Happening
from wunderkammer.agents.guide.tool import Bounds
from wunderkammer.apps.chat.operations import starting
from wunderkammer.apps.chat.session import Session, session
from wunderkammer.core.settings import Settings, load
from wunderkammer.models.rehearsal import Script, rehearsal

Talks = Callable[..., AbstractAsyncContextManager[Session]]


@pytest.fixture
def happened() -> list[Happening]:
    """What was told while the guide answered."""
    return []


@pytest.fixture
def talks(home: Path, happened: list[Happening], monkeypatch) -> Talks:
    """Opens a session over a home with one finished run; `player` or `plan` say how the guide's model behaves."""
    monkeypatch.delenv("WUNDER_CONFIG", raising=False)

    @asynccontextmanager
    async def talking(plan=None, *, player=None, thread="", script=None, passes=True, **more) -> AsyncIterator[Session]:
        played = script or Script(player=player or Guided(plan or {}, passes))
        async with rehearsal(played) as server:
            settings = settings_for(home, server.url)
            opened = session(settings, happened.append, thread=thread, bounds=Bounds(calls=10, minutes=1), **more)
            async with opened as talk:
                talk.server = server  # for tests that look at requests
                yield talk

    return talking


def settings_for(home: Path, url: str) -> Settings:
    """Settings in which the rehearsal plays the guide."""
    return load(start=home, home=home, embedder="hashed").with_role("guide", f"{url}#rehearsal")


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """Commands that would have been started as processes, each with its key before it."""
    found: list[list[str]] = []

    def begin(home, key, words):
        if all(key != known[0] for known in found):
            found.append([key, *words])

    async def named(errand, look):
        return "abcdef123456"

    monkeypatch.setattr(starting, "begin", begin)
    monkeypatch.setattr(starting, "named", named)
    return found
