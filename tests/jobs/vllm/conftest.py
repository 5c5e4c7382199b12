"""A stand-in for vLLM at an address of its own, holds on it, and adapters for it."""

from __future__ import annotations

import socket
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest
from aiohttp import web

from stage import vllm as stage
from stage.lora import write_peft
from wunderkammer.core.fingerprint import weights_hash
from wunderkammer.core.serving import Adapter
from wunderkammer.jobs.adapters import Registry
from wunderkammer.jobs.devices import Device
from wunderkammer.jobs.vllm.server import Vllm

GPU = Device(id="GPU-0", index=0, name="a GPU", memory_gib=80.0, free_gib=80.0)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    """A folder that passes for a model: vLLM's stand-in does not look into it, and its hash is its weights'."""
    folder = tmp_path / "tiny"
    folder.mkdir()
    (folder / "model.safetensors").write_bytes(b"weights of a tiny model")
    return folder


class Joined:
    """A server that somebody else started, and may start again."""

    def __init__(self, engine: stage.Engine, port: int) -> None:
        self.engine = engine
        self.port = port
        self._runner: web.AppRunner | None = None

    async def start(self) -> None:
        self._runner = web.AppRunner(self.engine.app(), access_log=None, shutdown_timeout=0.05)
        await self._runner.setup()
        await web.TCPSite(self._runner, "127.0.0.1", self.port).start()

    async def stop(self) -> None:
        """It loses what it had loaded."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None
            self.engine.adapters.clear()
            self.engine.awake.set()


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def joined(model: Path, port: int) -> AsyncIterator[Joined]:
    server = Joined(stage.Engine("tiny", str(model)), port)
    await server.start()
    yield server
    await server.stop()


Hold = Callable[..., Vllm]


@pytest.fixture
async def hold(tmp_path: Path, port: int) -> AsyncIterator[Hold]:
    """Makes holds on the server at `port`; keywords are its [servers.ours.vllm]. They are given up at the end."""
    made: list[Vllm] = []

    def hold(*, base: str | None = None, said: list[str] | None = None, **vllm: object) -> Vllm:
        told = (said if said is not None else []).append
        one = Vllm(
            stage.installation(tmp_path, port, **vllm), "ours", base=base, tell=told, linger=0.5, machine=lambda: [GPU]
        )
        made.append(one)
        return one

    yield hold
    for one in made:
        await one.close()


@pytest.fixture
def adapters(tmp_path: Path, model: Path) -> Callable[..., Adapter]:
    """Registers adapters of the model in the home."""
    registry = Registry(tmp_path / "home")

    def register(name: str, seed: int, *, base: str | None = None, rank: int = 4) -> Adapter:
        source = write_peft(tmp_path / f"{name}-{seed}-{rank}", seed, rank=rank)
        return registry.register(name, source, base=base or weights_hash(model))

    return register
