"""A stand-in for vLLM 0.32: its answers about adapters and sleep, as a server in this process or a program of its own.

    python tests/stage/vllm.py --model NAME --port PORT --enable-lora …

What it is faithful to was seen on the real one: a duplicate is 400, a missing path or name 404, a rank too high 500, an
adapter of any shape is taken, /v1/models answers in its sleep, and a request to a sleeping engine hangs until it wakes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from aiohttp import web

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings


class Engine:
    """The state of one server, and what happened to it."""

    def __init__(
        self, model: str, root: str, *, max_rank: int = 16, sleeps: bool = True, dev: bool = True, load_s: float = 0.0
    ) -> None:
        self.model = model
        self.root = root
        self.max_rank = max_rank
        self.sleeps = sleeps
        self.dev = dev
        self.load_s = load_s
        self.takes_adapters = True
        self.adapters: dict[str, str] = {}
        self.awake = asyncio.Event()
        self.awake.set()
        self.running = 0
        self.asked: list[str] = []
        """Models of all questions, in their order."""
        self.hung = 0
        """Questions that came while it slept."""
        self.loads: list[tuple[str, bool]] = []
        self.naps: list[int] = []
        self.answer_s = 0.0

    def app(self) -> web.Application:
        app = web.Application()
        add = app.router.add_route
        add("GET", "/health", self.health)
        add("GET", "/v1/models", self.models)
        add("GET", "/seen", self.seen)
        add("POST", "/v1/chat/completions", self.chat)
        if self.takes_adapters:
            add("POST", "/v1/load_lora_adapter", self.load)
            add("POST", "/v1/unload_lora_adapter", self.unload)
        if self.dev:
            add("GET", "/server_info", self.info)
            add("GET", "/is_sleeping", self.is_sleeping)
            add("POST", "/sleep", self.sleep)
            add("POST", "/wake_up", self.wake_up)
            add("POST", "/collective_rpc", self.rpc)
        return app

    async def health(self, request: web.Request) -> web.Response:
        return web.Response()

    async def seen(self, request: web.Request) -> web.Response:
        return web.json_response({"hung": self.hung, "asked": self.asked, "naps": self.naps, "loads": self.loads})

    async def models(self, request: web.Request) -> web.Response:
        base = {"id": self.model, "root": self.root, "parent": None, "max_model_len": 2048}
        adapters = [{"id": name, "root": path, "parent": self.model} for name, path in self.adapters.items()]
        return web.json_response({"object": "list", "data": [base, *adapters]})

    async def chat(self, request: web.Request) -> web.Response:
        body = await request.json()
        name = body["model"]
        if name != self.model and name not in self.adapters:
            return _error(404, f"The model `{name}` does not exist.")
        self.asked.append(name)
        if not self.awake.is_set():
            self.hung += 1
            await self.awake.wait()
        self.running += 1
        try:
            await asyncio.sleep(self.answer_s)
        finally:
            self.running -= 1
        message = {"role": "assistant", "content": f"{name} says so"}
        choice = {"index": 0, "message": message, "finish_reason": "stop", "logprobs": None}
        used = {"prompt_tokens": 3, "completion_tokens": 3, "total_tokens": 6}
        return web.json_response({"id": "x", "object": "chat.completion", "choices": [choice], "usage": used})

    async def load(self, request: web.Request) -> web.Response:
        body = await request.json()
        if "lora_name" not in body:
            return _error(422, "lora_name: field required")
        name, path, in_place = body["lora_name"], body["lora_path"], body.get("load_inplace", False)
        self.loads.append((name, in_place))
        if name == self.model:
            return _error(400, f"The lora adapter '{name}' conflicts with a served base model.")
        if name in self.adapters and not in_place:
            said = "has already been loaded. If you want to load the adapter in place, set 'load_inplace' to True."
            return _error(400, f"The lora adapter '{name}' {said}")
        await asyncio.sleep(self.load_s)
        config = Path(path) / "adapter_config.json"
        if not config.is_file():
            return _error(404, f"Loading lora {name} failed: No adapter found for {path}")
        rank = json.loads(config.read_text())["r"]
        if rank > self.max_rank:
            said = f"Worker failed with error 'LoRA rank {rank} is greater than max_lora_rank {self.max_rank}.'"
            return _error(500, f"Call to add_lora method failed: {said}")
        self.adapters[name] = path
        return web.Response(text=f"Success: LoRA adapter '{name}' added successfully.")

    async def unload(self, request: web.Request) -> web.Response:
        name = (await request.json())["lora_name"]
        if self.adapters.pop(name, None) is None:
            return _error(404, f"The lora adapter '{name}' cannot be found.")
        return web.Response(text=f"Success: LoRA adapter '{name}' removed successfully.")

    async def info(self, request: web.Request) -> web.Response:
        return web.json_response({"vllm_config": {"model_config": {"enable_sleep_mode": self.sleeps}}})

    async def is_sleeping(self, request: web.Request) -> web.Response:
        return web.json_response({"is_sleeping": not self.awake.is_set()})

    async def sleep(self, request: web.Request) -> web.Response:
        self.naps.append(int(request.query.get("level", 1)))
        self.awake.clear()
        return web.json_response({"status": "sleeping"})

    async def wake_up(self, request: web.Request) -> web.Response:
        if request.query.get("tags") != "weights":
            self.awake.set()
        return web.json_response({"status": "awake"})

    async def rpc(self, request: web.Request) -> web.Response:
        self.loads.append(((await request.json())["method"], False))
        return web.json_response({"results": []})


def _error(status: int, message: str) -> web.Response:
    return web.json_response({"error": {"message": message, "type": "x", "code": status}}, status=status)


def installation(home: Path, port: int, **vllm: object) -> Settings:
    """Settings with one vLLM, `ours`, whose environment is this stand-in. vllm: its [servers.ours.vllm]."""
    from wunderkammer.core.settings import load  # as a program this file needs none of it

    python = home / "bin" / "python"
    if not python.exists():
        python.parent.mkdir(parents=True, exist_ok=True)
        python.write_text(f'#!/bin/sh\nshift 2\nexec "{sys.executable}" "{__file__}" "$@"\n')
        python.chmod(0o755)
    place = {"port": port} if "model" in vllm else {}
    url = {} if "model" in vllm else {"url": f"http://127.0.0.1:{port}/v1"}
    return load(
        start=home,
        home=home / "home",
        jobs={"environments": {"vllm": python}},
        servers={"ours": {**url, "vllm": {**place, **vllm}}},
    )


def main(words: list[str]) -> None:
    """Serve as vLLM would be started."""
    parser = argparse.ArgumentParser()
    for name in ("--model", "--served-model-name", "--host", "--port"):
        parser.add_argument(name)
    parser.add_argument("--max-lora-rank", type=int, default=16)
    parser.add_argument("--enable-sleep-mode", action="store_true")
    parser.add_argument("--die-saying")
    parser.add_argument("--start-s", type=float, default=0.0)
    told, _ = parser.parse_known_args(words)
    if told.die_saying:
        sys.exit(told.die_saying)
    # vLLM's engine is a process of its own, and outlives the server when that is killed.
    child = subprocess.Popen(["sleep", "600"])
    Path("engine.pid").write_text(str(child.pid))

    async def serve() -> None:
        await asyncio.sleep(told.start_s)
        engine = Engine(told.served_model_name, told.model, max_rank=told.max_lora_rank, sleeps=told.enable_sleep_mode)
        runner = web.AppRunner(engine.app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, told.host, int(told.port)).start()
        await asyncio.Event().wait()

    asyncio.run(serve())


if __name__ == "__main__":
    main(sys.argv[1:])
