"""Jobs under attack: whatever is killed, nothing is left running, nothing is half there, and the work is done once."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Callable
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.core.work import Job, Resources, Standing
from wunderkammer.jobs.devices import Device
from wunderkammer.jobs.folder import Folder
from wunderkammer.jobs.leases import Leases
from wunderkammer.jobs.local import LocalDispatcher

GPU = Device("GPU-0", 0, "a GPU", 24.0, 24.0)


@pytest.fixture
async def here(tmp_path) -> AsyncIterator[LocalDispatcher]:
    """A dispatcher on a machine with one GPU; its jobs end with the test."""
    gpus = tmp_path / "gpus.json"
    gpus.write_text(json.dumps([asdict(GPU)]))
    settings = Settings(home=tmp_path / "home", jobs=JobSettings(cores=4, memory_gib=64))
    dispatcher = LocalDispatcher(settings, devices=gpus, grace_s=0.3)
    yield dispatcher
    for standing in await dispatcher.all():
        await dispatcher.cancel(standing.job.id)


def job(what: str, needs: Resources = Resources(), limit_s: float | None = None, attempts: int = 2, **args) -> Job:
    return Job(
        module="stage.errands", args={"what": what, **args}, needs=needs, limit_s=limit_s, attempts=attempts
    )  # fmt: skip


async def end(here: LocalDispatcher, one: Job) -> Standing:
    return (await here.wait([one.id]))[one.id]


async def until(ask: Callable[[], Any]) -> Any:
    """What a question is answered with, once that is something."""
    deadline = time.monotonic() + 120
    while not (found := ask()):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)
    return found


def alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] not in "ZX"
    except FileNotFoundError:
        return False


def keeper(here: LocalDispatcher, one: Job) -> int:
    """The keeper's process id, once the program runs."""
    record = Folder(here.jobs / one.id).record()
    return int(record.where.split()[1]) if record and record.attempt and record.where else 0


async def kill(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    await until(lambda: not alive(pid))


async def family(here: LocalDispatcher, one: Job, pids: Path) -> list[int]:
    """The processes of a job that has a family."""
    await here.submit(one)
    return json.loads(await until(lambda: pids.exists() and pids.read_text()))


async def test_cancelling_ends_the_whole_tree_sessions_or_not(here, tmp_path):
    one = job("family", pids=str(tmp_path / "pids"))
    pids = await family(here, one, tmp_path / "pids")
    assert all(map(alive, pids))
    cancelled = await here.cancel(one.id)

    assert cancelled.status == "cancelled"
    assert not any(map(alive, pids))
    assert not (here.jobs / one.id / "out").exists()


async def test_the_time_limit_ends_the_whole_tree(here, tmp_path):
    one = job("family", pids=str(tmp_path / "pids"), limit_s=1.5, attempts=3)
    pids = await family(here, one, tmp_path / "pids")
    found = await end(here, one)

    assert (found.status, found.reason, found.attempt) == ("failed", "ended after its limit of 1.5 s", 1)
    assert not any(map(alive, pids))


async def test_what_a_finished_program_leaves_running_is_ended_and_its_work_kept(here, tmp_path):
    one = job("family", pids=str(tmp_path / "pids"), leaves=True)
    pids = await family(here, one, tmp_path / "pids")
    found = await end(here, one)

    assert found.status == "done"
    assert not any(map(alive, pids))
    assert here.artifacts(one.id).is_dir()


async def test_sigterm_to_the_keeper_cancels(here):
    one = job("count", rest=True)
    await here.submit(one)
    os.kill(await until(lambda: keeper(here, one)), signal.SIGTERM)

    assert (await end(here, one)).status == "cancelled"


async def test_a_killed_program_goes_on_from_its_checkpoint(here):
    one = job("count", dies=True, attempts=4)
    await here.submit(one)
    found = await end(here, one)

    assert (found.status, found.attempt) == ("done", 4)
    result = json.loads((here.artifacts(one.id) / "result.json").read_text())
    assert result == {"attempt": 4, "first": 9, "last": 10}


async def test_attempts_are_used_up_and_nothing_half_is_there(here):
    one = job("half")
    await here.submit(one)
    found = await end(here, one)

    assert (found.status, found.attempt) == ("failed", 2)
    assert found.reason == "killed by signal 9; is memory short?"
    assert not (here.jobs / one.id / "out").exists()


async def test_a_killed_keeper_takes_its_tree_along_and_the_job_goes_on(here, tmp_path):
    one = job("family", pids=str(tmp_path / "pids"))
    first = await family(here, one, tmp_path / "pids")
    (tmp_path / "pids").unlink()
    await kill(keeper(here, one))
    second = await family(here, one, tmp_path / "pids")

    assert not any(map(alive, first))
    assert set(first).isdisjoint(second)
    assert (await here.standing(one.id)).attempt == 2
    await kill(keeper(here, one))
    found = await end(here, one)
    assert (found.status, found.reason) == ("failed", "its keeper was killed in attempt 2 of 2")
    assert not any(map(alive, second))


async def test_an_adopted_job_keeps_its_checkpoint_and_counts_its_time(here):
    one = job("count", rest=True)
    await here.submit(one)
    step = here.jobs / one.id / "checkpoint/step"
    await until(lambda: step.exists() and step.read_text() == "3")
    await kill(keeper(here, one))
    found = await here.standing(one.id)
    assert found.status in ("queued", "running")
    found = await end(here, one)

    assert (found.status, found.attempt) == ("done", 2)
    assert json.loads((here.artifacts(one.id) / "result.json").read_text())["first"] == 3


async def test_a_job_outlives_whoever_submitted_it(here, tmp_path):
    script = (
        "import asyncio, os, signal, sys; from pathlib import Path;"
        "from wunderkammer.core.settings import Settings; from wunderkammer.core.work import Job;"
        "from wunderkammer.jobs.local import LocalDispatcher;"
        f"d = LocalDispatcher(Settings(home=Path({str(tmp_path / 'home')!r})));"
        "asyncio.run(d.submit(Job.model_validate_json(sys.argv[1]))); os.killpg(0, signal.SIGKILL)"
    )
    one = job("note", seconds=0.5)
    parent = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-c", script, one.model_dump_json()],
        env={"PYTHONPATH": os.pathsep.join(sys.path)},
        start_new_session=True,
    )
    assert parent.returncode == -signal.SIGKILL

    # Nobody looks: the folder alone.
    folder = Folder(here.jobs / one.id)
    await until(lambda: (found := folder.record()) and found.over)
    assert folder.whole()


async def test_the_queue_moves_on_although_nobody_looks(here):
    jobs = [job("note", needs=Resources(cores=4), seconds=0.2, name=name) for name in "abc"]
    for one in jobs:
        await here.submit(one)
    last = Folder(here.jobs / jobs[-1].id)

    await until(lambda: (found := last.record()) and found.over)
    assert last.whole()


async def test_a_lease_is_free_once_the_tree_is_dead_and_its_token_is_spent(here, tmp_path):
    leases, needs = Leases(here.jobs / "leases"), Resources(gpus=1, gpu_memory_gib=20)
    one = job("family", needs, pids=str(tmp_path / "pids"), attempts=1)
    await family(here, one, tmp_path / "pids")
    assert leases.holder(GPU.id) == one.id
    token = json.loads((here.jobs / "leases/GPU-0.lease").read_text())["token"]
    other = job("note", needs)
    assert (await here.submit(other)).reason == "waits for 1 GPU: 0 free"

    await kill(keeper(here, one))
    found = await end(here, other)
    assert (found.status, found.gpus) == ("done", (GPU.id,))
    assert not leases.known(GPU.id, token).current
    assert leases.known(GPU.id, token + 1).current


async def test_a_holder_whose_lease_was_given_away_publishes_nothing(here, tmp_path):
    one = job("note", Resources(gpus=1), seconds=0.5, attempts=1)
    await here.submit(one)
    lease = here.jobs / "leases/GPU-0.lease"
    words = json.loads(lease.read_text())
    lease.write_text(json.dumps({"token": words["token"] + 1, "job": "another"}))
    found = await end(here, one)

    assert (found.status, found.reason) == ("failed", "its GPU was given to another job meanwhile")
    assert not (here.jobs / one.id / "out").exists()


@pytest.mark.parametrize(
    ("fault", "attempts", "reason"),
    [
        ("unable", 1, "the data set holds one class"),
        ("memory", 1, "out of memory: give it more, or less to do (a smaller batch, a shorter length)"),
        ("gpu memory", 1, "out of GPU memory: give it more, or a smaller batch (CUDA out of memory. Tried to "),
        ("jax memory", 1, "out of GPU memory: give it more, or a smaller batch (RESOURCE_EXHAUSTED"),
        ("disk", 1, "disk full: checkpoint/weights"),
        ("nan", 1, "not a number: loss is nan at step 7; a lower learning rate may help"),
        ("import", 1, "No module named 'peft': our own Python lacks it"),
        ("bug", 2, "KeyError: 'x'"),
    ],
)
async def test_a_fault_is_named_in_one_line(here, fault, attempts, reason):
    one = job("fail", fault=fault)
    await here.submit(one)
    found = await end(here, one)

    assert (found.status, found.attempt) == ("failed", attempts)
    assert found.reason.startswith(reason)
    assert "\n" not in found.reason
    assert ("Traceback" in (here.jobs / one.id / "log.txt").read_text()) is (fault != "unable")


@pytest.mark.parametrize(
    ("what", "args", "reason"),
    [
        ("large", {}, "disk full"),
        ("answer", {"which": "nan"}, "not a number: result.json holds a figure that is none"),
        ("answer", {"which": "list"}, "stage.errands.main returned list; a job returns a dict or None"),
        ("answer", {"which": "path"}, "result.json: Object of type PosixPath is not JSON serializable"),
        ("leave", {"code": 0}, "its program ended in the middle, without a word"),
        ("leave", {"code": 7}, "its program ended with exit code 7"),
        ("leave", {"code": 28}, "disk full: not even the reason could be written"),
    ],
)
async def test_a_program_that_goes_wrong_leaves_nothing_half(here, what, args, reason):
    one = job(what, **args, attempts=1)
    await here.submit(one)
    found = await end(here, one)

    assert found.status == "failed"
    assert found.reason.startswith(reason)
    assert not (here.jobs / one.id / "out").exists()


async def test_killed_at_random_everything_is_done_once(here):
    """Keepers and programs die at random moments; all jobs end, and each lease is free."""
    jobs = [job("count", Resources(gpus=n % 2), seed=n, attempts=20) for n in range(4)]
    for one in jobs:
        await here.submit(one)
    waiting = asyncio.create_task(here.wait([one.id for one in jobs]))
    for n in range(8):
        await asyncio.sleep(0.07)
        if pid := keeper(here, jobs[n % 4]):
            try:
                os.kill(pid, signal.SIGKILL)
            except ProcessLookupError:
                continue
    ends = await waiting

    assert {(one.status, one.reason) for one in ends.values()} == {("done", "")}
    assert Leases(here.jobs / "leases").grant(GPU.id, "x") is not None


async def test_a_keeper_that_somebody_else_started_stays_and_leaves_place_and_gpus_to_him(here):
    """As Ray and Slurm start it."""
    one = job("environment", Resources(cores=4, gpus=1))
    blocker = job("count", Resources(cores=4), rest=True)
    await here.submit(blocker)
    await here.submit(one)
    folder = Folder(here.jobs / one.id)
    folder.change(where="ray raysubmit_x")
    paths = os.pathsep.join(sys.path)
    keeper = await asyncio.to_thread(
        subprocess.run,
        [sys.executable, "-m", "wunderkammer.jobs.keeper", str(folder.path), "--stay", "ray raysubmit_x"],
        env={"PYTHONPATH": paths, "CUDA_VISIBLE_DEVICES": "3,5"},
    )
    found = await here.standing(one.id)

    assert keeper.returncode == 0
    assert (found.status, found.where, found.gpus) == ("done", "ray raysubmit_x", ("3", "5"))
    seen = json.loads((here.artifacts(one.id) / "result.json").read_text())["environment"]
    assert seen["CUDA_VISIBLE_DEVICES"] == "3,5"


async def test_a_keeper_lets_go_before_it_says_that_its_job_is_over(here):
    """Whoever reads the standing, without the gate, finds lock and GPUs free the moment that it says so."""
    one, blocker = job("note", Resources(cores=4)), job("count", Resources(cores=4), rest=True)
    await here.submit(blocker)
    await here.submit(one)
    folder = Folder(here.jobs / one.id)
    folder.change(where="ray raysubmit_x")
    watched = """
import sys
from wunderkammer.core import locks
from wunderkammer.jobs import keeper

class Watched(keeper.Folder):
    def end(self, *word):
        print(locks.held(self.lock), *word)
        return super().end(*word)

keeper.Folder = Watched
sys.exit(keeper.main(sys.argv[1:]))
"""
    command = [sys.executable, "-c", watched, str(folder.path), "--stay", "ray raysubmit_x"]
    paths = {"PYTHONPATH": os.pathsep.join(sys.path)}
    said = await asyncio.to_thread(subprocess.run, command, env=paths, capture_output=True, text=True)

    assert said.stdout.split() == ["False", "done"], said.stderr
