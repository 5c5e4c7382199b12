"""Who may start beside whom: by cores, memory and GPUs, and in which order."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from wunderkammer.core.work import Job, Resources
from wunderkammer.jobs.admission import Limits, Room, machine
from wunderkammer.jobs.devices import Device
from wunderkammer.jobs.folder import Need

LIMITS = Limits(cores=4, memory_gib=16)


def gpu(index: int, free: float = 24, memory: float = 24) -> Device:
    return Device(f"GPU-{index}", index, "a GPU", memory, free)


def test_a_job_fits_until_cores_and_memory_are_used_up():
    room = Room.beside(LIMITS, [Need(cores=2, memory_gib=8)])

    assert room.why_not(Need(cores=2, memory_gib=8)) == ""
    room.take(Need(cores=2, memory_gib=6))
    assert room.why_not(Need(memory_gib=1)) == "waits for 1 core: 0 free"
    assert room.full


def test_sums_of_memory_are_not_spoilt_by_rounding():
    room = Room.beside(Limits(cores=100, memory_gib=0.3), [])
    for _ in range(3):
        assert room.why_not(Need(memory_gib=0.1)) == ""
        room.take(Need(memory_gib=0.1))
    assert room.why_not(Need(memory_gib=0.1)).startswith("waits for 0.1 GiB of memory")


def test_nobody_overtakes_one_who_waits_for_memory():
    room = Room.beside(LIMITS, [Need(memory_gib=10)])

    assert room.why_not(Need(memory_gib=8)) == "waits for 8 GiB of memory: 6 free"
    assert room.full


def test_who_waits_for_a_gpu_holds_up_those_who_need_one_too_and_nobody_else():
    room = Room.beside(LIMITS, [], lambda: [gpu(0, free=3)])

    assert room.why_not(Need(gpus=1, gpu_memory_gib=10)) == (
        "waits for 10 GiB on a GPU: GPU 0 has 3 of 24 GiB free, the rest is taken by somebody else"
    )
    assert room.why_not(Need(gpus=1, gpu_memory_gib=1)).startswith("waits for those before it")
    assert room.why_not(Need()) == ""
    assert not room.full


def test_gpus_with_the_most_free_memory_are_given_first():
    room = Room.beside(LIMITS, [], lambda: [gpu(0, free=5), gpu(1, free=20), gpu(2, free=9)])
    need = Need(gpus=2, gpu_memory_gib=8)

    assert room.why_not(need) == ""
    assert [one.index for one in room.take(need)] == [1, 2]
    assert room.why_not(need) == "waits for 2 GPUs: 1 free"


@pytest.mark.parametrize(
    ("need", "words"),
    [
        (Need(cores=4, memory_gib=16), ""),
        (Need(cores=5), "it needs 5 cores; jobs have 4"),
        (Need(memory_gib=17), "it needs 17 GiB of memory; jobs have 16"),
        (Need(gpus=1, gpu_memory_gib=24), ""),
        (Need(gpus=3), "it needs 3 GPUs; jobs have 2"),
        (Need(gpus=2, gpu_memory_gib=20), "it needs 20 GiB on 2 GPUs; they have 24, 12"),
    ],
)
def test_what_never_fits_is_known_beforehand(tmp_path, need, words):
    limits = Limits(4, 16, gpus=(0, 2), devices=listed(tmp_path, gpu(0, free=0), gpu(1), gpu(2, memory=12)))

    assert limits.never(need) == words


def test_a_machine_has_something():
    found = machine()

    assert found.cores >= 1
    assert found.memory_gib > 0.1


def listed(tmp_path: Path, *gpus: Device) -> str:
    file = tmp_path / "gpus.json"
    file.write_text(json.dumps([asdict(one) for one in gpus]))
    return str(file)


# ---- with processes --------------------------------------------------------------------------------------------------


def note(tally: Path, name: str, seconds: float = 0, **needs) -> Job:
    args = {"what": "note", "tally": str(tally), "name": name, "seconds": seconds}
    return Job(module="stage.errands", args=args, needs=Resources(**needs))


def told(tally: Path) -> list[str]:
    return [line.split()[0] for line in tally.read_text().splitlines()]


async def test_jobs_start_in_order_and_never_take_more_than_there_is(local, tmp_path):
    here, tally = local(cores=2), tmp_path / "tally"
    jobs = [note(tally, "a", 0.5), note(tally, "big", 0.2, cores=2), note(tally, "b"), note(tally, "c")]
    waiting = [await here.submit(one) for one in jobs]
    await here.wait([one.id for one in jobs])

    assert [one.status for one in waiting] == ["running", "queued", "queued", "queued"]
    assert waiting[1].reason == "waits for 2 cores: 1 free"
    assert told(tally)[:4] == ["a", "/a", "big", "/big"]
    assert sorted(told(tally)[4:]) == ["/b", "/c", "b", "c"]


async def test_memory_is_given_out_once(local, tmp_path):
    here, tally = local(memory_gib=10), tmp_path / "tally"
    jobs = [note(tally, "a", 0.3, memory_gib=6), note(tally, "b", 0, memory_gib=6)]
    for one in jobs:
        await here.submit(one)
    await here.wait([one.id for one in jobs])

    assert told(tally) == ["a", "/a", "b", "/b"]


async def test_a_gpu_that_somebody_else_uses_is_waited_for(local, tmp_path):
    devices = Path(listed(tmp_path, gpu(0, free=2), gpu(1, free=3)))
    here = local(devices=devices)
    one = Job(module="stage.errands", args={"what": "environment"}, needs=Resources(gpus=1, gpu_memory_gib=10))
    waiting = await here.submit(one)
    assert waiting.status == "queued"
    assert "taken by somebody else" in waiting.reason

    fresh = tmp_path / "fresh.json"
    fresh.write_text(json.dumps([asdict(gpu(0, free=2)), asdict(gpu(1, free=22))]))
    fresh.replace(devices)
    found = (await here.wait([one.id]))[one.id]

    assert (found.status, found.gpus) == ("done", ("GPU-1",))
    seen = json.loads((here.artifacts(one.id) / "result.json").read_text())["environment"]
    assert seen["CUDA_VISIBLE_DEVICES"] == "GPU-1"


async def test_a_gpu_has_one_job_at_a_time(local, tmp_path):
    here = local(devices=Path(listed(tmp_path, gpu(0), gpu(1))))
    needs = Resources(gpus=1, gpu_memory_gib=10)
    rest = {"what": "count", "rest": True}
    jobs = [Job(module="stage.errands", args=rest, seed=seed, needs=needs) for seed in range(3)]
    first, second, third = [await here.submit(one) for one in jobs]

    assert {first.gpus, second.gpus} == {("GPU-0",), ("GPU-1",)}
    assert (third.status, third.reason) == ("queued", "waits for 1 GPU: 0 free")
    await here.cancel(second.job.id)
    assert (await here.standing(third.job.id)).gpus == second.gpus
