"""Local jobs: run once whoever asks and however often, with what they asked for, and their artifacts whole."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from wunderkammer.core.errors import ConfigError, JobFailed
from wunderkammer.core.work import Job, Resources, Standing
from wunderkammer.jobs.folder import Folder

ERRANDS = "stage.errands"


def job(what: str = "note", **fields) -> Job:
    args = {"what": what, **fields.pop("args", {})}
    return Job(module=ERRANDS, args=args, **fields)


async def done(dispatcher, one: Job) -> dict:
    """The result of a job that is submitted and waited for."""
    await dispatcher.submit(one)
    standing = (await dispatcher.wait([one.id]))[one.id]
    assert (standing.status, standing.reason) == ("done", "")
    return json.loads((dispatcher.artifacts(one.id) / "result.json").read_text())


async def test_a_job_gets_what_it_asked_for_and_leaves_its_artifacts(local, tmp_path):
    artifact = "ab" + "0" * 22 + ".txt"
    (tmp_path / "home/artifacts/ab").mkdir(parents=True)
    (tmp_path / "home/artifacts/ab" / artifact).write_text("data")
    here = local()
    first = job(seed=1)
    await done(here, first)
    second = job(
        seed=7, inputs={"set": artifact}, after=(first.id,), args={"rate": 0.5, "deep": True}, places={"film": "/f"}
    )

    result = await done(here, second)

    assert result == {
        "seed": 7,
        "args": {"what": "note", "rate": 0.5, "deep": True, "film": "/f"},
        "inputs": {"set": "data"},
        "after": {first.id: ["below", "manifest.json", "result.json"]},
    }
    out = here.artifacts(second.id)
    manifest = json.loads((out / "manifest.json").read_text())
    assert [one["name"] for one in manifest["files"]] == ["below/words.txt", "result.json"]
    for one in manifest["files"]:
        data = (out / one["name"]).read_bytes()
        assert (one["size"], one["sha256"]) == (len(data), hashlib.sha256(data).hexdigest())


async def test_the_same_job_runs_once_whoever_submits_it(local, tmp_path):
    tally = tmp_path / "tally"
    one = job(args={"tally": str(tally), "seconds": 0.3})
    script = (
        "import asyncio, sys; from pathlib import Path;"
        "from wunderkammer.core.settings import Settings; from wunderkammer.core.work import Job;"
        "from wunderkammer.jobs.local import LocalDispatcher;"
        f"d = LocalDispatcher(Settings(home=Path({str(tmp_path / 'home')!r})));"
        "j = Job.model_validate_json(sys.argv[1]);"
        "go = lambda: d.submit(j);"
        "asyncio.run(go()); print(asyncio.run(d.wait([j.id]))[j.id].status)"
    )
    paths = {"PYTHONPATH": ":".join(p for p in sys.path if p)}
    command = [sys.executable, "-c", script, one.model_dump_json()]
    here = local()
    said = await asyncio.gather(
        *(asyncio.to_thread(subprocess.run, command, capture_output=True, text=True, env=paths) for _ in range(2)),
        *(here.submit(one) for _ in range(5)),
    )
    found = await here.wait([one.id])

    assert [other.stdout.strip() for other in said[:2]] == ["done", "done"]
    assert found[one.id].attempt == 1
    assert len(tally.read_text().splitlines()) == 2  # in and out, once
    again = await here.submit(one.model_copy(update={"title": "the same under another name"}))
    assert again.status == "done"
    assert len(tally.read_text().splitlines()) == 2


async def test_lost_artifacts_are_made_again(local, tmp_path):
    here, one = local(), job(args={"tally": str(tmp_path / "tally")})
    await done(here, one)
    (here.artifacts(one.id) / "manifest.json").unlink()

    with pytest.raises(JobFailed, match="lost its artifacts"):
        here.artifacts(one.id)
    await done(here, one)
    assert len((tmp_path / "tally").read_text().splitlines()) == 4


async def test_waiting_hears_of_every_change_and_of_progress(local):
    here, one, heard = local(), job(title="a title"), list[Standing]()
    await here.submit(one)
    await here.wait([one.id], heard.append)

    assert heard[-1].status == "done"
    assert {h.job.title for h in heard} == {"a title"}
    last = heard[-1].progress
    assert last is not None
    assert (last.step, last.of, last.words, last.figures) == (1, 2, "note", {"loss": 0.5})
    assert heard[-1].worked_s > 0
    assert heard[-1].where.startswith("local ")


async def test_to_stop_waiting_leaves_the_job_running(local):
    here, one = local(), job("count", args={"rest": True})
    await here.submit(one)
    waiting = asyncio.create_task(here.wait([one.id]))
    await asyncio.sleep(0.3)
    waiting.cancel()
    await asyncio.gather(waiting, return_exceptions=True)

    assert (await here.standing(one.id)).status == "running"


async def test_jobs_are_listed_in_the_order_of_submission(local):
    here = local()
    assert list(await here.all()) == []
    jobs = [job(seed=seed) for seed in (5, 3, 4)]
    for one in jobs:
        await here.submit(one)
    await here.wait([one.id for one in jobs])

    assert [standing.job.seed for standing in await here.all()] == [5, 3, 4]


async def test_a_failed_job_that_is_submitted_again_goes_on_from_its_checkpoint(local):
    here, one = local(), job("count", args={"dies": True}, attempts=1)
    await here.submit(one)
    failed = (await here.wait([one.id]))[one.id]
    assert (failed.status, failed.reason) == ("failed", "killed by signal 9; is memory short?")
    with pytest.raises(JobFailed, match="failed: killed by signal 9"):
        here.artifacts(one.id)

    for step in (6, 9):
        assert (await here.submit(one)).status in ("queued", "running")
        standing = (await here.wait([one.id]))[one.id]
        assert standing.progress is not None
        assert standing.progress.step == step
    assert await done(here, one) == {"attempt": 1, "first": 9, "last": 10}


async def test_a_job_waits_for_those_before_it_and_fails_with_them(local):
    here = local()
    slow = job(args={"seconds": 3.0})  # the others are submitted meanwhile
    bad = job("fail", args={"fault": "unable"})
    await here.submit(slow)
    waiting = await here.submit(job(seed=1, after=(slow.id,)))
    await here.submit(bad)
    doomed = await here.submit(job(seed=2, after=(slow.id, bad.id)))
    after_doomed = await here.submit(job(seed=3, after=(doomed.job.id,)))

    assert (waiting.status, waiting.reason) == ("queued", f"waits for job {slow.id}")
    ends = await here.wait([one.job.id for one in (waiting, doomed, after_doomed)])
    assert ends[waiting.job.id].status == "done"
    reason = f"job {bad.id} before it failed: the data set holds one class"
    assert (ends[doomed.job.id].status, ends[doomed.job.id].reason) == ("failed", reason)
    assert ends[after_doomed.job.id].reason == f"job {doomed.job.id} before it failed: {reason}"


async def test_a_queued_job_can_be_cancelled_and_queued_again(local):
    here = local(cores=1)
    busy, one = job("count", args={"rest": True}), job(seed=1)
    await here.submit(busy)
    await here.submit(one)
    cancelled = await here.cancel(one.id)

    assert (cancelled.status, cancelled.attempt) == ("cancelled", 0)
    assert (await here.cancel(one.id)).ended == cancelled.ended
    assert (await here.submit(one)).status == "queued"
    await here.cancel(busy.id)
    assert (await here.wait([one.id]))[one.id].status == "done"


async def test_who_asks_last_for_a_queued_job_says_where_its_data_lie(local):
    here = local(cores=1)
    busy = job("count", args={"rest": True})
    await here.submit(busy)
    await here.submit(job(seed=1, places={"film": "/old"}))
    again = job(seed=1, places={"film": "/new"})

    assert (await here.submit(again)).status == "queued"
    await here.cancel(busy.id)

    assert (await done(here, again))["args"]["film"] == "/new"


async def test_a_module_that_is_no_job_fails_in_one_line(local):
    here, wrong = local(), Job(module="json")
    await here.submit(wrong)
    ended = (await here.wait([wrong.id]))[wrong.id]

    assert ended.status == "failed"
    assert ended.reason == "json has no main(desk), so it is no job; name the module that has"


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        (Job(module="no.such.module"), "no module no.such.module"),
        (Job(module="stage.no_such"), "no module stage.no_such"),
        (Job(module="wunderkammer.jobs.no_such", environment="vllm"), "vllm"),
        (job(environment="nowhere"), "no environment 'nowhere'"),
        (job(inputs={"x": "../../etc/passwd"}), "is no name of an artifact"),
        (job(inputs={"x": "0" * 24 + ".json"}), "is not in"),
        (job(after=("0" * 24,)), "is unknown here"),
        (job(after=("../x",)), "is no id of a job"),
        (job(needs=Resources(cores=5)), "it needs 5 cores; jobs have 4"),
        (job(needs=Resources(memory_gib=65)), "it needs 65 GiB of memory; jobs have 64"),
        (job(needs=Resources(gpus=1)), "it needs 1 GPU; jobs have none"),
    ],
)
async def test_what_could_never_start_is_refused_in_one_line(local, tmp_path, wrong, words):
    nobody = tmp_path / "gpus.json"
    nobody.write_text("[]")
    here = local(devices=nobody)
    with pytest.raises(ConfigError) as fault:
        await here.submit(wrong)

    assert words in str(fault.value)
    assert "\n" not in str(fault.value)
    assert list(await here.all()) == []


@pytest.mark.parametrize("wrong", ["0" * 24, "../..", "", "x"])
async def test_an_unknown_id_is_refused(local, wrong):
    here = local()
    for ask in (here.standing, here.cancel, lambda one: here.wait([one])):
        with pytest.raises(ConfigError, match="job"):
            await ask(wrong)
    with pytest.raises(ConfigError, match="job"):
        here.artifacts(wrong)


async def test_damaged_papers_fail_their_job_and_no_other(local):
    here = local(cores=1)
    busy, hurt, well = job("count", args={"rest": True}), job(seed=1), job(seed=2)
    for one in (busy, hurt, well):
        await here.submit(one)
    Folder(here.jobs / hurt.id).path.joinpath("launch.json").write_text("{")
    await here.cancel(busy.id)
    ends = await here.wait([hurt.id, well.id])

    assert (ends[hurt.id].status, ends[well.id].status) == ("failed", "done")
    assert "launch.json cannot be read" in ends[hurt.id].reason
    assert (await here.submit(hurt)).status in ("queued", "running")
    assert (await here.wait([hurt.id]))[hurt.id].status == "done"


async def test_a_home_that_cannot_be_written_is_named(local, tmp_path):
    (tmp_path / "home").write_text("a file")
    with pytest.raises(ConfigError, match="not a directory; set `home`"):
        await local().submit(job())


def test_a_keeper_imports_nothing_heavy():
    """Every job pays for it."""
    script = "import sys, wunderkammer.jobs.keeper, wunderkammer.jobs.child; print(*sys.modules)"
    paths = {"PYTHONPATH": str(Path(__file__).parents[2] / "src")}
    said = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True, env=paths).stdout

    heavy = {
        "pydantic",
        "asyncio",
        "typer",
        "numpy",
        "filelock",
        "shutil",
        "importlib.metadata",
        "wunderkammer.core.work",
    }
    assert heavy & set(said.split()) == set()


async def test_a_queue_whose_folders_are_lost_is_made_anew(local):
    here = local(cores=1)
    busy, one = job("count", args={"rest": True}), job(seed=1)
    for each in (busy, one):
        await here.submit(each)
    for name in ("queue", "running"):
        shutil.rmtree(here.jobs / name)

    assert [found.status for found in await here.all()] == ["running", "queued"]
    await here.cancel(busy.id)
    assert (await here.wait([one.id]))[one.id].status == "done"
