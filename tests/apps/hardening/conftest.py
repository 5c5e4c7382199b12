"""A home with planted archives, and courses of hardening over them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from langgraph.runtime import RunControl

from stage.archives import plan_of, search_all, settings_at
from stage.mending import Mended, landscape, stage_forge
from wunderkammer.apps.hardening.course import Course, new_hardening
from wunderkammer.apps.hardening.plan import HardenPlan
from wunderkammer.core.settings import Settings
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.models.rehearsal import Script, rehearsal


@pytest.fixture(scope="session")
def _shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


@pytest.fixture
async def home(_shelf: Path, tmp_path: Path) -> Path:
    """Three finished searches of different seeds, made once."""
    if not (_shelf / "ledger.db").exists():
        await search_all(_shelf)
    return Path(shutil.copytree(_shelf, tmp_path / "home"))


@pytest.fixture
async def settings(home: Path) -> AsyncIterator[Settings]:
    """Settings whose server is up."""
    async with rehearsal(Script(seed=3, player=Mended(landscape(), home)), keep=0) as server:
        yield settings_at(home, server.url)


@pytest.fixture
def course(settings: Settings) -> Callable[..., Course]:
    """Makes a course over the archives."""

    def make(
        plan: HardenPlan | None = None, *, of: Hardening | None = None, forge: Any = None, tell: Any = None
    ) -> Course:
        hardening = of or new_hardening(plan or plan_of(), settings)
        return Course(hardening, settings, forge or stage_forge(), tell or (lambda said: None), RunControl())

    return make
