"""Expeditions in processes of their own, against a rehearsal server in this one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from typing import Any

import pytest

from stage.lives import ROLES, Nursery, nursery
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
