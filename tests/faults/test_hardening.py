"""kill -9 at any moment of a hardening, then resume: the same adapters, registered once, and nothing trained twice."""

from __future__ import annotations

import asyncio
import json
import os
import random
import shutil
import signal
import time
from contextlib import suppress
from dataclasses import asdict, replace
from pathlib import Path

import pytest
from sqlalchemy import select

from stage.archives import plan_of, search_all, seats, settings_at
from stage.lives import Cure, Nursery
from stage.mending import STAGE, Mended, landscape
from wunderkammer.apps.hardening.course import new_hardening
from wunderkammer.core.adapters import everything, versions
from wunderkammer.memory import hardenings
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.slots import archive_of
from wunderkammer.memory.tables import outcomes
from wunderkammer.models.rehearsal import Script, rehearsal
from wunderkammer.models.rehearsal.planted import DOMAIN_AXES

NAME = "h0123456789a"


@pytest.fixture(scope="session")
def shelf(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("shelf")


async def archives(shelf: Path, home: Path) -> None:
    """A copy of three planted archives."""
    if not (shelf / "ledger.db").exists():
        await search_all(shelf)
    shutil.copytree(shelf, home)


def cure(home: Path, url: str, training_s: float = 0.0) -> Cure:
    plan = plan_of(**{"exam.travel": False})
    row = replace(new_hardening(plan, settings_at(home, url)), id=NAME)
    settings = {"embedder": "hashed", "servers": {STAGE: {"url": url}}, "roles": seats()}
    return Cure(home, asdict(row), settings, training_s)


def story(home: Path) -> dict:
    """What came of it, without times, job by job and elite by elite."""
    with opened(address_of(home)) as ledger:
        stages = {(kept.round, kept.name): dict(kept.body) for kept in hardenings.stages_of(ledger, NAME)}
        run = find_run(ledger, f"{NAME}-1")
        elites = {cell: one.candidate for cell, one in archive_of(ledger, run, DOMAIN_AXES).elites.items()}
        rows = ledger.rows(select(outcomes.c.slot).where(outcomes.c.run == run.id))
    for body in stages.values():
        body.pop("seconds")
    return {"stages": stages, "elites": elites, "slots": sorted(row.slot for row in rows)}


async def test_killed_at_any_moment_it_ends_with_the_same_adapter_registered_once(lives: Nursery, tmp_path, shelf):
    calm, wild = tmp_path / "calm", tmp_path / "wild"
    for home in (calm, wild):
        await archives(shelf, home)
    async with rehearsal(Script(seed=3, player=Mended(landscape(), calm)), keep=0) as server:
        death = await lives.whole(cure(calm, server.url))
        assert death.status == "finished", (death.ended, death.said)
    rng, killed = random.Random(5), 0
    async with rehearsal(Script(seed=3, latency=0.01, player=Mended(landscape(), wild)), keep=0) as server:
        told = cure(wild, server.url, training_s=4.0)  # so long that three lives end before it does, on any machine
        while killed < 8:
            life = await lives.begin(told)
            await asyncio.sleep(rng.uniform(0.2, 1.2))
            life.signal(signal.SIGKILL)
            death = await life.death()
            if death.status == "finished":
                break
            killed += death.code == -signal.SIGKILL
        while death.status != "finished":
            death = await asyncio.wait_for(lives.whole(told), 240)
            assert death.code == 0, (death.ended, death.said)
    assert killed >= 3
    assert comparable(story(wild)) == comparable(story(calm))
    (adapter,) = everything(wild)
    assert adapter.hash == everything(calm)[0].hash
    assert len(versions(wild, adapter.name)) == 1
    attempts = [json.loads(file.read_text())["attempt"] for file in wild.glob("jobs/*/standing.json")]
    assert set(attempts) == {1}  # a job outlives whoever began it: none was begun again
    assert list((wild / "adapters" / ".versions").glob(".draft-*")) == []


def comparable(told: dict) -> dict:
    """Without what names the home's server or the trainer's arguments."""
    stages = {at: dict(body) for at, body in told["stages"].items()}
    stages[1, "train"].pop("jobs")
    return {**told, "stages": stages}


async def test_a_trainer_that_is_killed_is_started_again_by_itself(lives: Nursery, tmp_path, shelf):
    home = tmp_path / "h"
    await archives(shelf, home)
    async with rehearsal(Script(seed=3, player=Mended(landscape(), home)), keep=0) as server:
        life = await lives.begin(cure(home, server.url, training_s=2.0))
        pid = await trainer_of(home)
        os.kill(pid, signal.SIGKILL)
        death = await asyncio.wait_for(life.death(), 240)
    assert death.status == "finished", (death.ended, death.said)
    assert len(everything(home)) == 1


async def trainer_of(home: Path) -> int:
    """The process of the training job, once it is at work."""
    deadline = time.monotonic() + 120
    while time.monotonic() < deadline:
        if (found := training(home)) is not None:
            return found
        await asyncio.sleep(0.02)
    raise AssertionError("no training job was seen")


def training(home: Path) -> int | None:
    """The process that has told of a loss."""
    jobs = [str(file.parent) for file in home.glob("jobs/*/progress.jsonl") if b'"loss"' in file.read_bytes()]
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):  # gone meanwhile
            words = (folder / "cmdline").read_bytes().decode().split("\0")
            if "wunderkammer.jobs.child" in words and set(jobs) & set(words):
                return int(folder.name)
    return None
