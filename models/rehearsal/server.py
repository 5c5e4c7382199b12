"""The HTTP side of a rehearsal: routes, latency, faults and counting, over aiohttp.web."""

from __future__ import annotations

import asyncio
import json
from collections import Counter, deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from time import monotonic
from typing import Any

from aiohttp import web

from wunderkammer.core.errors import ConfigError
from wunderkammer.models.rehearsal import replies, words
from wunderkammer.models.rehearsal.ask import BadRequest, read_chat, request_id
from wunderkammer.models.rehearsal.load import Load
from wunderkammer.models.rehearsal.script import Ability, Fault, Script

_HUGE = 1_000_000
_STATUS: Mapping[Fault, tuple[int, str, str]] = {
    "429": (429, "rate_limit_error", "too many requests"),
    "500": (500, "server_error", "the engine stumbled"),
    "503": (503, "server_error", "no worker is free"),
    "401": (401, "authentication_error", "this key is not valid"),
    "errorobject": (200, "server_error", "an error with the status of a success"),
}


@dataclass(frozen=True)
class Request:
    """One request that was received."""

    path: str
    body: Mapping[str, Any]
    id: str
    attempt: int
    """How often an equal request came before, since the server started."""
    fault: Fault | None
    at: float
    """Seconds of the monotonic clock."""


@dataclass
class Server:
    """A rehearsal that is being played: its address, what it received, how busy it was."""

    script: Script
    keep: int = 10_000
    """Requests that are remembered, the newest."""
    url: str = ""
    """Base address ending in /v1."""
    load: Load = field(default_factory=Load)
    requests: deque[Request] = field(init=False)
    _attempts: Counter[str] = field(default_factory=Counter)
    _runner: web.AppRunner | None = None

    def __post_init__(self) -> None:
        self.requests = deque(maxlen=self.keep)

    @property
    def in_flight_log(self) -> deque[tuple[float, int]]:
        """(monotonic seconds, requests in flight from then on)."""
        return self.load.log

    async def start(self, host: str = "127.0.0.1", port: int = 0) -> None:
        """Listen; port 0 takes a free one. `ConfigError` where the address cannot be had."""
        app = web.Application(client_max_size=64 * 2**20)
        app.router.add_get("/health", self._health)
        app.router.add_get("/stats", self._stats)
        app.router.add_post("/stats/reset", self._reset)
        app.router.add_get("/v1/models", self._models)
        app.router.add_post("/v1/chat/completions", self._chat)
        app.router.add_post("/v1/completions", self._completion)
        app.router.add_post("/v1/embeddings", self._embeddings)
        self._runner = web.AppRunner(app, access_log=None, handler_cancellation=True, shutdown_timeout=0.1)
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, host, port, backlog=4096).start()
        except OSError as fault:
            await self._runner.cleanup()
            raise ConfigError(f"cannot listen on {host}:{port}: {fault.strerror or fault}") from None
        self.url = f"http://{host}:{self._runner.addresses[0][1]}/v1"

    async def stop(self) -> None:
        """Stop listening and drop what is in flight."""
        if self._runner is not None:
            await self._runner.cleanup()
            self._runner = None

    async def _health(self, _: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    async def _stats(self, _: web.Request) -> web.Response:
        return web.json_response(self.load.summary())

    async def _reset(self, _: web.Request) -> web.Response:
        self.load.reset()
        return web.json_response({"status": "ok"})

    async def _models(self, request: web.Request) -> web.Response:
        if not self._admitted(request):
            return self._failure(*_STATUS["401"])
        data = [{"id": m, "object": "model", "created": 0, "owned_by": "rehearsal"} for m in self.script.models]
        return web.json_response({"object": "list", "data": data})

    async def _chat(self, request: web.Request) -> web.StreamResponse:
        def reply(body: Mapping[str, Any], _: str) -> replies.Body:
            ask = read_chat(body)
            wanted: dict[Ability, bool] = {
                "schema": ask.schema is not None,
                "json": ask.json,
                "logprobs": ask.logprobs,
                "n": ask.n > 1,
                "stream": ask.stream,
                "tools": bool(ask.tools),
            }
            self._refuse(wanted)
            return replies.chat(self.script, ask)

        return await self._serve(request, reply)

    async def _completion(self, request: web.Request) -> web.StreamResponse:
        def reply(body: Mapping[str, Any], key: str) -> replies.Body:
            self._refuse({"echo": bool(body.get("echo")), "logprobs": body.get("logprobs") is not None})
            return replies.completion(self.script, key, body)

        return await self._serve(request, reply)

    async def _embeddings(self, request: web.Request) -> web.StreamResponse:
        if "embeddings" in self.script.lacks:
            return self._failure(404, "not_found_error", "this server has no embeddings")
        return await self._serve(request, lambda body, _: replies.embeddings(self.script, body))

    async def _serve(
        self, request: web.Request, reply: Callable[[Mapping[str, Any], str], replies.Body]
    ) -> web.StreamResponse:
        """Receive, count, wait, and answer with a reply or with a fault."""
        self.load.total += 1
        if not self._admitted(request):
            return self._failure(*_STATUS["401"])
        try:
            body = await _body(request)
        except BadRequest as wrong:
            return self._failure(400, "invalid_request_error", str(wrong))
        if self.script.strict and body.get("model") not in self.script.models:
            return self._failure(404, "not_found_error", f"the model {body.get('model')!r} does not exist")
        if self.script.concurrency is not None and self.load.in_flight >= self.script.concurrency:
            return self._failure(*_STATUS["429"])
        key = request_id(request.path, body)
        attempt = self._attempts[key]
        if self.script.faults or self.keep:  # else nobody asks, and a long run would fill the memory with counts
            self._attempts[key] += 1
        fault = self.script.fault(key, attempt)
        self.requests.append(Request(request.path, body, key, attempt, fault, monotonic()))
        self.load.enter()
        try:
            return await self._answer(request, body, key, fault, reply)
        except BadRequest as wrong:
            return self._failure(400, "invalid_request_error", str(wrong))
        finally:
            self.load.leave()

    async def _answer(
        self,
        request: web.Request,
        body: Mapping[str, Any],
        key: str,
        fault: Fault | None,
        reply: Callable[[Mapping[str, Any], str], replies.Body],
    ) -> web.StreamResponse:
        seconds = self.script.seconds(key)
        streamed = bool(body.get("stream")) and "stream" not in self.script.ignores
        if fault is not None:
            self.load.faults[fault] += 1
        if fault == "slow":
            await asyncio.sleep(self.script.hang)
        if not streamed or fault is not None:
            await asyncio.sleep(seconds)
        if fault is not None and fault in _STATUS:
            return self._failure(*_STATUS[fault])
        if fault == "reset":
            return _cut(request)
        if fault == "html":
            page = "<!doctype html><title>Gateway</title><h1>Be right back</h1>"
            return web.Response(text=page, content_type="text/html")
        whole = reply(body, key)
        if fault in ("empty", "null", "nochoices", "huge"):
            _spoil(whole, fault)
        if streamed:
            return await self._stream(request, whole, 0.0 if fault else seconds, half=fault == "half")
        data = json.dumps(whole).encode()
        if fault == "half":
            response = web.StreamResponse(headers={"Content-Type": "application/json"})
            response.content_length = len(data)
            await response.prepare(request)
            await response.write(data[: len(data) // 2])
            return _cut(request, response)
        self.load.statuses[200] += 1
        return web.Response(body=data, content_type="application/json")

    async def _stream(
        self, request: web.Request, body: replies.Body, seconds: float, *, half: bool
    ) -> web.StreamResponse:
        """Server-sent events: half of the latency before the first one, the rest spread over the others."""
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await asyncio.sleep(seconds / 2)
        await response.prepare(request)
        events = list(replies.stream(body)) if "choices" in body else [f"data: {json.dumps(body)}\n\n"]
        shown = events[: len(events) // 2] if half else events
        for event in shown:
            await response.write(event.encode())
            if seconds:
                await asyncio.sleep(seconds / 2 / len(events))
        if half:
            return _cut(request, response)
        await response.write_eof()
        self.load.statuses[200] += 1
        return response

    def _failure(self, status: int, kind: str, message: str) -> web.Response:
        self.load.statuses[status] += 1
        wait = {"Retry-After": f"{self.script.retry_after:g}"} if status == 429 else {}
        return web.json_response(replies.error(message, kind, status), status=status, headers=wait)

    def _admitted(self, request: web.Request) -> bool:
        return self.script.key is None or request.headers.get("Authorization") == f"Bearer {self.script.key}"

    def _refuse(self, wanted: Mapping[Ability, bool]) -> None:
        missing = [ability for ability, asked in wanted.items() if asked and ability in self.script.lacks]
        if missing:
            raise BadRequest(f"this server has no {', '.join(missing)}")


async def _body(request: web.Request) -> dict[str, Any]:
    try:
        body = json.loads(await request.read())
    except ValueError:
        raise BadRequest("the body is no JSON") from None
    if not isinstance(body, dict):
        raise BadRequest("the body is no JSON object")
    return body


def _spoil(body: replies.Body, fault: Fault) -> None:
    """Damage a good reply in place."""
    if fault == "nochoices":
        body["choices"] = []
    for choice in body.get("choices", ()):
        text = {"empty": "", "null": None, "huge": (words.TEN * (_HUGE // len(words.TEN) + 1))[:_HUGE]}[fault]
        choice["logprobs"] = None
        if "message" in choice:
            choice["message"]["content"] = text
        else:
            choice["text"] = text


def _cut(request: web.Request, response: web.StreamResponse | None = None) -> web.StreamResponse:
    """Close the connection under the client's feet."""
    if request.transport is not None:
        request.transport.abort() if response is None else request.transport.close()
    return response or web.Response(status=500)
