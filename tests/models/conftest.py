"""A scripted OpenAI-compatible server with every fault we know of, a recorder in memory, and sleep without time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest
from aiohttp import web

from wunderkammer.core.calls import Call
from wunderkammer.core.contract import Message
from wunderkammer.core.settings import BudgetSettings, RoleSettings, ServerSettings, Settings
from wunderkammer.models.ask import Ask
from wunderkammer.models.budget import Budget, Spent
from wunderkammer.models.gateway import Gateway
from wunderkammer.models.patience import Patience

Behaviour = Callable[[web.Request], Awaitable[web.StreamResponse]]


class Scripted:
    """Answers POSTs by the script, one entry each, then by `always`. Remembers what it saw."""

    def __init__(self) -> None:
        self.url = ""
        self.script: list[Behaviour] = []
        self.always: Behaviour = self.say("fine")
        self.listed = ["tiny"]
        self.listing: Behaviour | None = None
        self.lists = 0
        self.seen: list[dict[str, Any]] = []
        self.headers: list[dict[str, str]] = []
        self.paths: list[str] = []
        self.busy = 0
        self.most_busy = 0
        self._arrival = asyncio.Event()

    async def post(self, request: web.Request) -> web.StreamResponse:
        self.seen.append(await request.json())
        self.headers.append(dict(request.headers))
        self.paths.append(request.path)
        return await self._busily(self.script.pop(0) if self.script else self.always, request)

    async def _busily(self, behaviour: Behaviour, request: web.Request) -> web.StreamResponse:
        self.busy += 1
        self.most_busy = max(self.most_busy, self.busy)
        self._arrival.set()
        try:
            return await behaviour(request)
        finally:
            self.busy -= 1

    async def get(self, request: web.Request) -> web.StreamResponse:
        self.lists += 1
        self.headers.append(dict(request.headers))
        if self.listing is not None:
            return await self._busily(self.listing, request)
        return web.json_response({"data": [{"id": name} for name in self.listed]})

    async def holds(self, requests: int) -> None:
        """Return when so many requests are being answered."""
        while self.busy < requests:
            self._arrival.clear()
            await self._arrival.wait()

    def completion(
        self, *texts: str | None, finish: str = "stop", usage: bool = True, top: Any = None
    ) -> dict[str, Any]:
        shown = None if top is None else {"content": [_position(top)] if top else []}
        choices = [
            {
                "index": place,
                "message": {"role": "assistant", "content": text},
                "finish_reason": finish,
                "logprobs": shown,
            }
            for place, text in enumerate(texts)
        ]
        counted = {"usage": {"prompt_tokens": 10, "completion_tokens": 5 * len(texts)}} if usage else {}
        return {"id": "x", "object": "chat.completion", "model": "tiny", "choices": choices, **counted}

    def say(self, *texts: str | None, finish: str = "stop", usage: bool = True, top: Any = None) -> Behaviour:
        return self.json(self.completion(*texts, finish=finish, usage=usage, top=top))

    def json(self, body: Any, status: int = 200, **headers: str) -> Behaviour:
        return self.raw(json.dumps(body).encode(), status, **headers)

    def fail(self, status: int, message: str = "no", param: str | None = None, **headers: str) -> Behaviour:
        return self.json({"error": {"message": message, "param": param}}, status, **headers)

    def raw(self, body: bytes, status: int = 200, **headers: str) -> Behaviour:
        named = {name.replace("_", "-"): value for name, value in headers.items()}

        async def answer(_: web.Request) -> web.StreamResponse:
            return web.Response(body=body, status=status, content_type="application/json", headers=named)

        return answer

    def half(self, *, declared: bool) -> Behaviour:
        """Half a body, then silence: with its full length declared, or ended as if that were all."""
        whole = json.dumps(self.completion("never whole")).encode()

        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(headers={"Content-Type": "application/json"})
            if declared:
                response.content_length = len(whole)
            else:
                response.force_close()
            await response.prepare(request)
            await response.write(whole[: len(whole) // 2])
            assert request.transport is not None
            if declared:
                request.transport.close()
            return response

        return answer

    def reset(self) -> Behaviour:
        async def answer(request: web.Request) -> web.StreamResponse:
            assert request.transport is not None
            request.transport.abort()
            return web.Response()

        return answer

    def huge(self, size: int, status: int = 200) -> Behaviour:
        """A body of `size` bytes in pieces, its length not declared."""

        async def answer(request: web.Request) -> web.StreamResponse:
            response = web.StreamResponse(status=status, headers={"Content-Type": "application/json"})
            await response.prepare(request)
            piece = b"x" * 4096
            try:
                for _ in range(size // len(piece)):
                    await response.write(piece)
            except ConnectionError:
                pass  # the other side has had enough: what the test wants
            return response

        return answer

    def wait(self, until: asyncio.Event | float, then: Behaviour | None = None) -> Behaviour:
        async def answer(request: web.Request) -> web.StreamResponse:
            await (asyncio.sleep(until) if isinstance(until, float) else until.wait())
            return await (then or self.say("late"))(request)

        return answer


class Written:
    """A recorder in memory."""

    def __init__(self) -> None:
        self.calls: list[Call] = []

    def record(self, call: Call) -> None:
        if all(known.id != call.id for known in self.calls):
            self.calls.append(call)

    def recall(self, call_id: str) -> Call | None:
        return next((call for call in self.calls if call.id == call_id), None)

    async def cached(self, request: str) -> Call | None:
        return next((call for call in self.calls if call.request == request and call.status == "ok"), None)


class Naps:
    """Sleep that is noted instead of slept."""

    def __init__(self) -> None:
        self.taken: list[float] = []

    async def sleep(self, seconds: float) -> None:
        self.taken.append(seconds)
        await asyncio.sleep(0)


class House:
    """Makes gateways to the scripted server."""

    def __init__(self, server: Scripted, home: Path, naps: Naps) -> None:
        self.server = server
        self.home = home
        self.written = Written()
        self.patience = Patience(sleep=naps.sleep, rng=Random(0))
        self.budget = Budget(BudgetSettings())
        self.open: list[Gateway] = []

    def settings(self, role: RoleSettings | None = None, **more: Any) -> Settings:
        prices = more.pop("prices", {})
        server = ServerSettings(**{"url": self.server.url, **more})
        return Settings(
            home=self.home,
            servers={"here": server},
            roles={"default": role or RoleSettings(server="here", model="tiny")},
            prices=prices,
        )

    def gateway(
        self,
        *,
        role: RoleSettings | None = None,
        limits: BudgetSettings = BudgetSettings(),
        spent: Spent = Spent(),
        clock: Callable[[], float] | None = None,
        patience: Patience | None = None,
        **more: Any,
    ) -> Gateway:
        self.budget = Budget(limits, spent)
        timed = {} if clock is None else {"clock": clock}
        made = Gateway(
            self.settings(role, **more), self.written, self.budget, patience=patience or self.patience, **timed
        )
        self.open.append(made)
        return made

    def ask(self, words: str = "Hello?", **more: Any) -> Ask:
        return Ask(**{"role": "target", "messages": (Message(role="user", content=words),), **more})

    @property
    def calls(self) -> list[Call]:
        return self.written.calls


def _position(top: dict[str, float]) -> dict[str, Any]:
    shown = [{"token": token, "logprob": logprob} for token, logprob in top.items()]
    return {**shown[0], "top_logprobs": shown}


@pytest.fixture
async def server() -> AsyncIterator[Scripted]:
    scripted = Scripted()
    app = web.Application()
    app.router.add_post("/{path:.*}", scripted.post)
    app.router.add_get("/{path:.*}", scripted.get)
    runner = web.AppRunner(app, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    scripted.url = f"http://127.0.0.1:{runner.addresses[0][1]}/v1"
    yield scripted
    await runner.cleanup()


@pytest.fixture
def written() -> Written:
    return Written()


@pytest.fixture
def naps() -> Naps:
    return Naps()


@pytest.fixture
async def house(server: Scripted, tmp_path: Path, naps: Naps) -> AsyncIterator[House]:
    made = House(server, tmp_path, naps)
    yield made
    for gateway in made.open:
        await gateway.close()
