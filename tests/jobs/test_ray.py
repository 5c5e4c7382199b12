"""Jobs on a real Ray cluster: once, on machines that can hold them, to their end whoever dies."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import AsyncIterator, Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from stage import rays
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.core.work import Job, Resources
from wunderkammer.jobs import tree
from wunderkammer.jobs.choice import dispatcher
from wunderkammer.jobs.folder import Folder, tail
from wunderkammer.jobs.ray import RayDispatcher
from wunderkammer.jobs.ray.dashboard import Dashboard, Handed, Node
from wunderkammer.jobs.ray.dispatcher import never

real = [
    pytest.mark.slow,
    pytest.mark.skipif(bool(rays.lacks()), reason=rays.lacks()),
]


def real_ray(test: Any) -> Any:
    for mark in real:
        test = mark(test)
    return test


@pytest.fixture(scope="module")
def cluster() -> Iterator[rays.Cluster]:
    with rays.cluster() as found:
        yield found


@pytest.fixture
async def ray(cluster: rays.Cluster, tmp_path: Path) -> AsyncIterator[RayDispatcher]:
    """A dispatcher in HOME = tmp_path/home, whose jobs all end with the test."""
    made = RayDispatcher(settings(tmp_path, cluster.url), grace_s=0.3)
    yield made
    for standing in await made.all():
        await made.cancel(standing.job.id)
    made.dashboard.close()


def settings(tmp_path: Path, url: str) -> Settings:
    return Settings(home=tmp_path / "home", jobs=JobSettings(dispatcher="ray", ray_url=url))


def job(what: str = "note", **fields: Any) -> Job:
    needs = fields.pop("needs", Resources(memory_gib=0.2))
    return Job(module="stage.errands", args={"what": what, **fields.pop("args", {})}, needs=needs, **fields)


async def until(true: Callable[[], bool], patience_s: float = 60.0) -> None:
    deadline = time.monotonic() + patience_s
    while not true():
        assert time.monotonic() < deadline, "it never came"
        await asyncio.sleep(0.05)


@real_ray
def test_the_cluster_of_these_tests_listens_to_this_machine_alone(cluster):
    assert cluster.strangers() == []


@real_ray
async def test_a_job_runs_once_whoever_hands_it_in(ray, cluster, tmp_path):
    tally = tmp_path / "tally"
    one = job(seed=3, args={"tally": str(tally)})
    other = RayDispatcher(settings(tmp_path, cluster.url))
    await asyncio.gather(ray.submit(one), other.submit(one), ray.submit(one))
    other.dashboard.close()
    standing = (await ray.wait([one.id]))[one.id]

    assert (standing.status, standing.reason, standing.attempt) == ("done", "", 1)
    assert standing.where.startswith(f"ray wunder-{one.id}-")
    assert json.loads((ray.artifacts(one.id) / "result.json").read_text())["seed"] == 3
    assert len(tally.read_text().splitlines()) == 2  # in and out, once
    name = standing.where.partition(" ")[2]
    await until(lambda: ray.dashboard.find(name).status == "SUCCEEDED")
    ray.dashboard.submit(name, ["/bin/false"], {})  # the same name again: Ray keeps the first
    assert ray.dashboard.find(name).status == "SUCCEEDED"


@real_ray
async def test_what_a_job_says_is_in_its_log_while_it_runs_and_cancel_ends_its_family(ray, tmp_path):
    pids = tmp_path / "pids"
    one = job("family", args={"pids": str(pids)})
    await ray.submit(one)
    await until(pids.exists)
    assert "--- attempt 1" in tail(Folder(ray.jobs / one.id).log)
    family = json.loads(pids.read_text())

    assert (await ray.cancel(one.id)).status == "cancelled"
    assert tree.below(1).isdisjoint(family)


@real_ray
async def test_a_job_that_waits_in_rays_queue_is_cancelled_at_once(ray):
    busy = job("count", args={"rest": True}, needs=Resources(cores=2, memory_gib=0.2))
    behind = job(seed=1, needs=Resources(cores=2, memory_gib=0.2))
    await ray.submit(busy)
    await until(lambda: Folder(ray.jobs / busy.id).record().status == "running")
    await ray.submit(behind)
    found = await ray.standing(behind.id)
    assert (found.status, found.attempt) == ("queued", 0)
    assert "waiting for resources" in found.reason

    cancelled = await ray.cancel(behind.id)
    assert (cancelled.status, cancelled.reason) == ("cancelled", "cancelled before it began")
    await ray.submit(behind)  # and comes back under another name
    await ray.cancel(busy.id)
    assert (await ray.wait([behind.id]))[behind.id].status == "done"


@real_ray
async def test_stopped_by_rays_own_means_is_cancelled(ray):
    one = job("count", args={"rest": True})
    await ray.submit(one)
    await until(lambda: Folder(ray.jobs / one.id).record().status == "running")
    ray.dashboard.stop((await ray.standing(one.id)).where.partition(" ")[2])

    assert (await ray.wait([one.id]))[one.id].status == "cancelled"


@real_ray
async def test_when_its_machine_dies_a_job_goes_on_from_its_checkpoint_on_another(ray, cluster):
    first = cluster.add(cores=4)
    one = job("count", args={"rest": True}, needs=Resources(cores=3, memory_gib=0.2))
    await ray.submit(one)
    folder = Folder(ray.jobs / one.id)
    await until(lambda: (folder.last_progress() or {}).get("step") == 3)
    await asyncio.to_thread(rays.kill, first)
    await asyncio.to_thread(cluster.add, 4)
    standing = (await ray.wait([one.id]))[one.id]

    assert (standing.status, standing.attempt) == ("done", 2)
    assert json.loads((ray.artifacts(one.id) / "result.json").read_text()) == {"attempt": 2, "first": 3, "last": 10}
    assert cluster.strangers() == []


@real_ray
async def test_what_no_machine_could_hold_is_refused_in_one_line(ray):
    for needs, words in (
        (Resources(gpus=1), "it needs 1 GPUs on one machine; the largest of Ray's"),
        (Resources(cores=50), "it needs 50 cores on one machine"),
        (Resources(memory_gib=5000), "it needs 5e[+]03 GiB of memory on one machine"),
    ):
        with pytest.raises(ConfigError, match=words) as told:
            await ray.submit(job(needs=needs))
        assert "\n" not in str(told.value)
    assert list(await ray.all()) == []


@real_ray
async def test_a_machine_that_does_not_see_the_home_or_our_python_is_named_in_one_line(ray, cluster, monkeypatch):
    monkeypatch.setattr("sys.executable", "/nowhere/python")
    with pytest.raises(ConfigError, match=r"machine 127.0.0.1 of Ray does not see .*, or has not our Python") as told:
        await ray.submit(job())
    assert "\n" not in str(told.value)
    monkeypatch.undo()
    await ray.submit(job())
    known = json.loads((ray.jobs / "ray-machines.json").read_text())
    assert set(known) <= set(cluster.nodes())
    assert known
    monkeypatch.setattr("wunderkammer.jobs.ray.sight.secrets", None)  # a second look would need it
    await ray.submit(job(seed=1))


async def test_a_head_that_does_not_answer_is_one_clear_line(tmp_path):
    port = rays.free_ports(1)[0]
    with pytest.raises(ConfigError) as told:
        await dispatcher(settings(tmp_path, f"http://127.0.0.1:{port}")).submit(job())
    assert str(told.value).startswith(f"Ray at http://127.0.0.1:{port} does not answer (")
    assert "\n" not in str(told.value)


async def test_a_head_that_falls_silent_is_no_death(tmp_path):
    """A job that was handed in stays, with the reason, until Ray can be asked again."""
    here = RayDispatcher(settings(tmp_path, f"http://127.0.0.1:{rays.free_ports(1)[0]}"))
    here.fits = lambda job: None  # it answered then
    one = job()
    await here.submit(one)
    standing = await here.standing(one.id)

    assert standing.status == "queued"
    assert "does not answer" in standing.reason
    assert (await here.cancel(one.id)).status == "cancelled"
    here.dashboard.close()


@pytest.mark.parametrize(
    ("needs", "words"),
    [
        (Resources(cores=8, memory_gib=30), ""),
        (Resources(cores=2, gpus=2), ""),
        (Resources(cores=9), "it needs 9 cores on one machine; the largest of Ray's 2 has 8"),
        (Resources(gpus=4), "it needs 4 GPUs on one machine; the largest of Ray's 2 has 2"),
        (Resources(cores=8, gpus=1), "it needs 8 cores, 1 GPUs, 1 GiB of memory on one machine; Ray has none such"),
    ],
)
def test_a_job_runs_on_one_machine(needs, words):
    def node(**has: float) -> Node:
        return Node(node_id="x", node_ip="10.0.0.1", state="ALIVE", resources_total=has)

    nodes = [node(CPU=8, memory=32 * 2**30), node(CPU=4, GPU=2, memory=16 * 2**30)]
    assert never(needs, nodes) == words
    assert never(needs, []) == "Ray has no machine"


@pytest.mark.parametrize(
    ("status", "error", "fate"),
    [
        ("PENDING", None, "waits"),
        ("RUNNING", None, "runs"),
        ("SUCCEEDED", None, "ended"),
        ("FAILED", "JOB_SUPERVISOR_ACTOR_DIED", "ended"),
        ("FAILED", "JOB_SUPERVISOR_ACTOR_START_TIMEOUT", "expired"),
        ("STOPPED", None, "stopped"),
    ],
)
def test_states_of_ray_jobs(status, error, fate):
    assert Handed(status=status, error_type=error).news().fate == fate


def test_an_address_that_is_none_is_refused():
    with pytest.raises(ConfigError, match="does not answer|is no address"):
        Dashboard("moon:8265").check()
