"""A vLLM that we start: shared, ended with its last user, mended when killed, its GPU leased while it is awake."""

from __future__ import annotations

import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.meeting import Folder
from wunderkammer.jobs.leases import Leases
from wunderkammer.jobs.vllm import server as module
from wunderkammer.jobs.vllm.server import Vllm

USER = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[3])
from stage.vllm import installation
from wunderkammer.jobs.vllm.server import Vllm
async def use():
    vllm = Vllm(installation(Path(sys.argv[1]), int(sys.argv[2]), model="tiny", gpus=()), "ours", linger=0.5)
    print(await vllm.open(), flush=True)
    await asyncio.sleep(600)
asyncio.run(use())
"""


@pytest.fixture(autouse=True)
def watch_often(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "WATCH", 0.1)


async def until(true: Callable[[], bool], seconds: float = 120) -> None:
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come to pass"
        await asyncio.sleep(0.05)


def folder(vllm: Vllm) -> Folder:
    return vllm._host.folder


def lives(vllm: Vllm) -> bool:
    return vllm._host.kept()


def keeper(vllm: Vllm) -> int:
    state = folder(vllm).state()
    assert state is not None
    return state.pid


def engine(vllm: Vllm) -> int:
    """The process behind the server, which outlives it."""
    return int((folder(vllm).path / "engine.pid").read_text())


def exists(pid: int) -> bool:
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except OSError:
        return False
    return state not in "ZX"


async def test_users_share_one_and_the_last_one_ends_it_and_all_it_started(hold, model) -> None:
    one, two = hold(model=str(model)), hold(model=str(model))
    urls = await asyncio.gather(one.open(), two.open())
    assert urls[0] == urls[1] == one.url
    pid, behind = keeper(one), engine(one)
    await one.close()
    await asyncio.sleep(1.2)
    assert lives(two)
    assert keeper(two) == pid
    await two.close()
    await until(lambda: not lives(two))
    await until(lambda: not exists(behind))


async def test_a_killed_user_does_not_keep_it(hold, model, tmp_path: Path, port: int) -> None:
    command = [sys.executable, "-c", USER, str(tmp_path), str(port), str(Path(__file__).parents[2])]
    user = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert user.stdout is not None
    url = (await user.stdout.readline()).decode().strip()
    vllm = hold(model="tiny", gpus=())
    assert url == vllm.url
    assert lives(vllm)
    user.kill()
    await user.wait()
    await until(lambda: not lives(vllm))


@pytest.mark.parametrize("victim", ["keeper", "server"])
async def test_a_killed_server_comes_back_with_its_adapters(hold, model, adapters, victim: str) -> None:
    vllm = hold(model=str(model))
    await vllm.open()
    adapter = adapters("polite", 1)
    await vllm.load(adapter)
    before, behind = keeper(vllm), engine(vllm)
    os.kill(before if victim == "keeper" else _child(before, behind), signal.SIGKILL)
    await until(lambda: (folder(vllm).state() or None) is not None and keeper(vllm) != before)
    assert await vllm.open() == vllm.url
    assert await vllm.loaded() == ("polite",)
    await until(lambda: not exists(behind))  # its GPU would be full otherwise


def _child(parent: int, but: int) -> int:
    """The server among the children of its keeper."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return next(int(pid) for pid in children if int(pid) != but)


async def test_its_gpu_is_leased_while_it_is_awake(hold, model, tmp_path: Path) -> None:
    leases = Leases(tmp_path / "home" / "jobs" / "leases")
    vllm = hold(model=str(model))
    await vllm.open()
    assert leases.holder("GPU-0") == "vLLM tiny"
    await vllm.sleep()
    await until(lambda: leases.holder("GPU-0") is None)
    lease = leases.grant("GPU-0", "a-job")
    assert lease is not None
    waking = asyncio.create_task(vllm.wake())
    await asyncio.sleep(0.6)
    assert not waking.done()  # the job trains
    os.close(lease.handle)
    await asyncio.wait_for(waking, 60)
    assert leases.holder("GPU-0") == "vLLM tiny"
    await vllm.close()
    await until(lambda: leases.holder("GPU-0") is None)


async def test_a_gpu_that_a_job_has_is_named(hold, model, tmp_path: Path) -> None:
    lease = Leases(tmp_path / "home" / "jobs" / "leases").grant("GPU-0", "a-job")
    assert lease is not None
    with pytest.raises(ConfigError, match=r"tiny did not start: GPU GPU-0 is leased by a-job; wait for it"):
        await hold(model=str(model)).open()
    os.close(lease.handle)


async def test_a_server_killed_in_its_sleep_is_started_by_wake_and_not_before(hold, model, adapters) -> None:
    vllm = hold(model=str(model))
    await vllm.open()
    await vllm.load(adapters("polite", 1))
    await vllm.sleep()
    os.kill(keeper(vllm), signal.SIGKILL)
    await asyncio.sleep(0.5)
    assert not lives(vllm)  # its GPU trains
    await vllm.wake()
    assert lives(vllm)
    assert await vllm.loaded() == ("polite",)


async def test_why_it_did_not_start_is_said_in_one_line(hold, model) -> None:
    said = "INFO loading\nOSError: a/modle is not a local folder and is not a valid model identifier listed on a hub"
    with pytest.raises(ConfigError, match=r"did not start: no model a/modle: .* \(see .*log\.txt\)$") as caught:
        await hold(model=str(model), args=("--die-saying", said)).open()
    assert "\n" not in str(caught.value)


async def test_what_can_be_known_before_is_said_before(hold, model, tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="max_lora_rank = 12: vLLM takes 1, 8, 16"):
        await hold(model=str(model), max_lora_rank=12).open()
    assert not (tmp_path / "home" / "servers").exists() or not list((tmp_path / "home").glob("servers/*/log.txt"))
