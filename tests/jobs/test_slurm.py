"""Jobs through submitit: handed in once, found again by their number, gone on with after a death, and ended."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from wunderkammer.core import locks
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.core.work import Job
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.folder import Folder

pytest.importorskip("submitit", reason='needs submitit: pip install "wunderkammer[ray]"')

from wunderkammer.jobs.slurm import SlurmDispatcher, fate


def settings(tmp_path: Path, **slurm: Any) -> Settings:
    return Settings(home=tmp_path / "home", jobs=JobSettings(dispatcher="slurm", slurm={"executor": "local", **slurm}))


@pytest.fixture
async def slurm(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Callable[..., SlurmDispatcher]]:
    """Opens dispatchers over submitit's local executor, whose jobs all end with the test."""
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join(p for p in sys.path if p))
    made: list[SlurmDispatcher] = []

    def opened() -> SlurmDispatcher:
        made.append(SlurmDispatcher(settings(tmp_path), grace_s=0.3))
        return made[-1]

    yield opened
    for standing in await made[-1].all() if made else ():
        await made[-1].cancel(standing.job.id)
    for one in made:
        for job in one.scheduler._children.values():
            await asyncio.to_thread(job._process.wait, 30)


def job(what: str = "note", **fields: Any) -> Job:
    return Job(module="stage.errands", args={"what": what, **fields.pop("args", {})}, **fields)


async def until(true: Callable[[], bool], patience_s: float = 30.0) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.05)


async def test_a_job_runs_once_and_leaves_its_artifacts(slurm, tmp_path):
    here, tally = slurm(), tmp_path / "tally"
    one = job(seed=3, args={"tally": str(tally)}, title="a title")
    await asyncio.gather(*(here.submit(one) for _ in range(3)))
    standing = (await here.wait([one.id]))[one.id]

    assert (standing.status, standing.reason, standing.attempt) == ("done", "", 1)
    assert standing.where.startswith("slurm ")
    assert json.loads((here.artifacts(one.id) / "result.json").read_text())["seed"] == 3
    assert (await here.submit(one)).status == "done"
    assert len(tally.read_text().splitlines()) == 2  # in and out, once


async def test_another_process_finds_the_job_by_its_number_and_cancels_it(slurm):
    first, one = slurm(), job("count", args={"rest": True})
    await first.submit(one)
    folder = Folder(first.jobs / one.id)
    await until(lambda: folder.checkpoint.joinpath("step").exists() and (folder.last_progress() or {}).get("step") == 3)

    second = slurm()
    seen = await second.standing(one.id)
    assert (seen.status, seen.attempt, seen.where) == ("running", 1, (await first.standing(one.id)).where)
    assert (await second.cancel(one.id)).status == "cancelled"
    assert not locks.held(folder.lock)


async def test_a_job_whose_keeper_was_killed_goes_on_from_its_checkpoint(slurm):
    here, one = slurm(), job("count", args={"rest": True})
    await here.submit(one)
    folder = Folder(here.jobs / one.id)
    await until(lambda: (folder.last_progress() or {}).get("step") == 3)
    await asyncio.to_thread(end_keeper, folder, signal.SIGKILL)
    standing = (await here.wait([one.id]))[one.id]

    assert (standing.status, standing.attempt) == ("done", 2)
    assert json.loads((here.artifacts(one.id) / "result.json").read_text()) == {"attempt": 2, "first": 3, "last": 10}


async def test_a_keeper_that_has_to_leave_leaves_the_job_to_the_next(slurm):
    here, one = slurm(), job("count", args={"rest": True})
    await here.submit(one)
    folder = Folder(here.jobs / one.id)
    await until(lambda: (folder.last_progress() or {}).get("step") == 3)
    await asyncio.to_thread(end_keeper, folder, signal.SIGTERM)

    assert (await here.wait([one.id]))[one.id].status == "done"


async def test_a_job_that_never_begins_is_given_up(slurm, monkeypatch):
    here, one = slurm(), job()
    monkeypatch.setattr("sys.executable", "/bin/false")
    await here.submit(one)
    standing = (await here.wait([one.id]))[one.id]

    assert standing.status == "failed"
    assert standing.reason.startswith("it could not be started: Slurm ended it 3 times before it began")
    assert standing.attempt == 0


async def test_a_late_keeper_of_a_cancelled_job_touches_nothing(slurm, monkeypatch):
    here, one = slurm(), job("count")
    with monkeypatch.context() as patch:
        patch.setattr(here.queue.place.scheduler, "submit", lambda folder, name: "4711")
        await here.submit(one)
    folder = Folder(here.jobs / one.id)
    await asyncio.to_thread(here.queue.withdraw, folder)
    before = folder.record()
    command = [sys.executable, "-m", "wunderkammer.jobs.keeper", str(folder.path), "--stay=slurm 4711"]
    late = await asyncio.to_thread(subprocess.run, command, check=False)

    assert late.returncode == 0
    assert before is not None
    assert before.status == "cancelled"
    assert folder.record() == before
    assert not folder.draft.exists()


@pytest.mark.parametrize(
    ("state", "age_s", "expected"),
    [
        ("PENDING", 0, "waits"),
        ("REQUEUED", 0, "waits"),
        ("RUNNING", 0, "runs"),
        ("COMPLETING", 0, "runs"),
        ("COMPLETED", 0, "ended"),
        ("NODE_FAIL", 0, "ended"),
        ("PREEMPTED", 0, "ended"),
        ("TIMEOUT", 0, "ended"),
        ("OUT_OF_MEMORY", 0, "ended"),
        ("CANCELLED BY 1000", 0, "stopped"),
        ("CANCELLED+", 0, "stopped"),
        ("UNKNOWN", 10, "waits"),
        ("UNKNOWN", 6000, "gone"),
    ],
)
def test_states_of_sacct(state, age_s, expected):
    assert fate(state, age_s).fate == expected


async def test_settings_that_submitit_does_not_know_are_refused_in_one_line(tmp_path):
    for wrong, words in (({"executor": "moon"}, "executor 'moon'"), ({"partition_": 3}, r"\[jobs.slurm\]")):
        with pytest.raises(ConfigError, match=words) as told:
            await dispatcher(settings(tmp_path, **wrong)).submit(job())
        assert "\n" not in str(told.value)


async def test_without_slurm_here_one_line_says_so(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ConfigError, match="no sbatch here: use a login node"):
        await dispatcher(settings(tmp_path, executor="slurm")).submit(job())


def end_keeper(folder: Folder, how: signal.Signals) -> None:
    """Signal the process that holds a job's lock."""
    words = f"wunderkammer.jobs.keeper\0{folder.path}\0--stay=".encode()
    keepers = [p for p in Path("/proc").glob("[0-9]*/cmdline") if words in reading(p)]
    assert len(keepers) == 1
    os.kill(int(keepers[0].parent.name), how)


def reading(file: Path) -> bytes:
    try:
        return file.read_bytes()
    except OSError:
        return b""
