"""A server that plays all roles, a run that was made with it, and a way to type commands."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from langgraph.runtime import RunControl

from wunderkammer.apps.chat.operations import starting
from wunderkammer.apps.cli import main
from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import Settings, load
from wunderkammer.memory.embedders import MiniLM
from wunderkammer.models.rehearsal.process import rehearsal_process

PLANTED = {role: f"planted-{role}" for role in ("mutator", "target", "judge", "classifier")}


@dataclass(frozen=True)
class Typed:
    """What came of a command."""

    code: int
    out: str
    err: str


@pytest.fixture
def started(monkeypatch) -> list[list[str]]:
    """Commands that would have been started as processes."""
    found: list[list[str]] = []

    async def named(errand, look):
        return "abcdef123456"

    monkeypatch.setattr(starting, "begin", lambda home, key, words: found.append(list(words)))
    monkeypatch.setattr(starting, "named", named)
    return found


@pytest.fixture
def wunder(monkeypatch, capsys, tmp_path) -> Callable[..., Typed]:
    """Types a command in an empty folder, as the shell would: through `main`, to exit code and streams."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("WUNDER_CONFIG", raising=False)
    monkeypatch.setenv("WUNDER_EMBEDDER", "hashed")
    monkeypatch.setattr(MiniLM, "installed", staticmethod(lambda: False))  # a report embeds with it, which takes long

    def type_it(*words: object) -> Typed:
        monkeypatch.setattr("sys.argv", ["wunder", *map(str, words)])
        capsys.readouterr()
        try:
            main()
            code = 0
        except SystemExit as end:
            code = end.code if isinstance(end.code, int) else int(end.code is not None)
        said = capsys.readouterr()
        return Typed(code, said.out, said.err)

    return type_it


@pytest.fixture(scope="session")
def planted() -> Iterator[str]:
    """The address of a server that plays a search with 60 weaknesses in 100 cells."""
    with rehearsal_process("--planted", "60", "--seed", "3") as url:
        yield url


def cast(settings: Settings, url: str) -> Settings:
    """Settings in which the rehearsal plays every role."""
    for role, model in PLANTED.items():
        settings = settings.with_role(role, f"{url}#{model}")
    return settings.with_role("default", f"{url}#rehearsal")


@pytest.fixture(scope="session")
def searched(planted, tmp_path_factory) -> Path:
    """A home in which one run of rainbow-safety has finished: 6 steps of 8 slots."""
    home = tmp_path_factory.mktemp("searched")
    settings = cast(load(start=home, home=home, embedder="hashed"), planted)
    plan = make_plan({"domain": "rainbow-safety", "steps": 6, "batch": 8, "lag": 1, "evaluations": 1, "seed": 1})
    expedition = Expedition(new_run(plan, settings), settings, lambda event: None, RunControl())
    ended = asyncio.run(expedition.conduct())
    assert ended.status == "finished", ended.reason
    return home


@pytest.fixture
def home(searched, tmp_path) -> Path:
    """A copy of that home for one test."""
    return Path(shutil.copytree(searched, tmp_path / "home"))
