"""A home with planted archives, and courses of hardening over them."""

from __future__ import annotations

import shutil
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest
from langgraph.runtime import RunControl

from stage.mending import STAGE, Mended, landscape, stage_forge
from wunderkammer.apps.expedition import Expedition
from wunderkammer.apps.hardening.course import Course, new_hardening
from wunderkammer.apps.hardening.plan import HardenPlan, make_harden_plan
from wunderkammer.core.events import Ended
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import ROLES, Settings, load
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.memory.runs import Run
from wunderkammer.models.rehearsal import Script, rehearsal

SEARCH = SearchPlan(domain="rainbow-safety", steps=5, batch=8, lag=1, evaluations=1)
ARCHIVES = ("a0", "a1", "a2")
PLANTED = ("mutator", "target", "judge", "classifier")


def settings_at(home: Path, url: str) -> Settings:
    """All roles at one server; who plays no part in the landscape says random words."""
    settings = load(start=home, home=home, embedder="hashed", servers={STAGE: {"url": url}})
    settings = settings.with_role("default", f"{STAGE}#rehearsal")
    for role in PLANTED:
        settings = settings.with_role(role, f"{STAGE}#planted-{role}")
    return settings


async def search(settings: Settings, name: str, seed: int) -> Ended:
    """An archive of this name."""
    roles = {role: settings.role(role).model_dump(mode="json") for role in ROLES}
    run = Run(name, SEARCH.domain, SEARCH.model_copy(update={"seed": seed}), roles, None, 0, float(seed))
    return await Expedition(run, settings, lambda event: None, RunControl()).conduct()


@pytest.fixture(scope="session")
def _shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("archives")


@pytest.fixture
async def home(_shelf: Path, tmp_path: Path) -> Path:
    """Three finished searches of different seeds, made once."""
    if not (_shelf / "ledger.db").exists():
        async with rehearsal(Script(seed=3, player=Mended(landscape(), _shelf))) as server:
            settings = settings_at(_shelf, server.url)
            for number, name in enumerate(ARCHIVES):
                assert (await search(settings, name, number + 1)).status == "finished"
    return Path(shutil.copytree(_shelf, tmp_path / "home"))


@pytest.fixture
async def settings(home: Path) -> AsyncIterator[Settings]:
    """Settings whose server is up."""
    async with rehearsal(Script(seed=3, player=Mended(landscape(), home)), keep=0) as server:
        yield settings_at(home, server.url)


def plan_of(**changes: Any) -> HardenPlan:
    """A short hardening of the three archives."""
    values = {"runs": ARCHIVES, "search": SEARCH.model_dump(mode="json"), "exam.benign": 6, "exam.samples": 2}
    return make_harden_plan("smoke", {**values, "lessons.most": 400, "exam.travel": True, **changes})


@pytest.fixture
def course(settings: Settings) -> Callable[..., Course]:
    """Makes a course over the archives."""

    def make(
        plan: HardenPlan | None = None, *, of: Hardening | None = None, forge: Any = None, tell: Any = None
    ) -> Course:
        hardening = of or new_hardening(plan or plan_of(), settings)
        return Course(hardening, settings, forge or stage_forge(), tell or (lambda said: None), RunControl())

    return make
