"""Expeditions in processes of their own, against a rehearsal server in this one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from stage.lives import ROLES, Nursery, Voyage, nursery
from stage.story import Story, story
from wunderkammer.core.plan import SearchPlan
from wunderkammer.models.rehearsal import Planted, Script, rehearsal
from wunderkammer.models.rehearsal.planted import DOMAIN_AXES
from wunderkammer.models.rehearsal.server import Server

Stage = Callable[..., AbstractAsyncContextManager[Server]]

MODELS = tuple(f"planted-{role}" for role in ROLES)
PLAYER = Planted.scattered(DOMAIN_AXES, 15, seed=2)


@pytest.fixture(scope="session")
def lives() -> Iterator[Nursery]:
    """Where processes come from."""
    with nursery() as found:
        yield found


@pytest.fixture
def stage() -> Stage:
    """Opens a server that plays all roles of a search; keywords go into its script."""

    @asynccontextmanager
    async def opened(port: int = 0, **script: Any) -> AsyncIterator[Server]:
        script = {"models": MODELS, "player": PLAYER, **script}
        async with rehearsal(Script(**script), port=port, keep=100_000) as server:
            yield server

    return opened


@pytest.fixture
def plan() -> SearchPlan:
    """A short search."""
    return SearchPlan(domain="rainbow-safety", steps=6, batch=8, lag=2, seed=4)


@pytest.fixture(scope="session")
def _shelf(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Story]]:
    return tmp_path_factory.mktemp("calm"), {}


@pytest.fixture
async def calm(lives: Nursery, stage: Stage, plan: SearchPlan, _shelf: tuple[Path, dict[str, Story]]) -> Story:
    """What the short search comes to when nobody disturbs it."""
    folder, stories = _shelf
    if plan.id not in stories:
        async with stage() as server:
            voyage = Voyage(folder / plan.id, plan, server.url)
            assert (await lives.whole(voyage)).status == "finished"
        stories[plan.id] = story(voyage.home)
    return stories[plan.id]
