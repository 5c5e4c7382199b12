"""One live server: its client, its limits, its circuit; every request passes here and is paid for here."""

from __future__ import annotations

import asyncio
import functools
import ssl
import time
from collections.abc import AsyncIterator, Callable
from contextlib import nullcontext
from dataclasses import dataclass
from typing import Any, TypeVar, cast

import httpx2
from openai import AsyncOpenAI, AsyncStream, DefaultAioHttpClient, DefaultAsyncHttpxClient

from wunderkammer.core.errors import BadReply, ModelError, ServerDown, ServerFault
from wunderkammer.core.serving import Passing
from wunderkammer.core.settings import Price, ServerSettings
from wunderkammer.models import faults, stream, wire
from wunderkammer.models.address import Address
from wunderkammer.models.breaker import Breaker
from wunderkammer.models.budget import Budget, Hold
from wunderkammer.models.pace import Pace
from wunderkammer.models.patience import Patience

CONNECT_S = 10.0
"""An address that takes longer to connect to is down."""
KEEP_S = 4.0
"""Idle connections are dropped before common servers drop them (5 s): else a request is sent into a closing one."""
LIST_BYTES = 16 * 2**20
"""Limit of replies that hold no words: vectors and lists of models."""
ERROR_BYTES = 16 * 2**10
"""What is read of an error's body."""

FRAMING = 64
"""How much longer than its words a streamed reply may be: servers send a JSON object for every token."""

B = TypeVar("B", bound=wire.Body)
Fields = dict[str, object]
"""The JSON object of a request."""
Gather = Callable[[], stream.Gathering]
"""Makes the gathering of one try."""


@dataclass(slots=True)
class Bill:
    """What one question has used so far, over all its tries."""

    price: Price | None = None
    attempts: int = 0
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    estimated: bool = False
    """Whether a server sent no usage, so that tokens were guessed from the words."""

    def money(self, prompt: int, completion: int) -> float:
        price = self.price
        return (prompt * price.input + completion * price.output) / 1e6 if price is not None else 0.0

    def add(self, prompt: int, completion: int, *, estimated: bool) -> float:
        """Put down one reply's tokens; returns what they cost."""
        cost = self.money(prompt, completion)
        self.prompt_tokens += prompt
        self.completion_tokens += completion
        self.cost += cost
        self.estimated |= estimated
        return cost


@dataclass(frozen=True, slots=True)
class Load:
    """What a request is expected to take, in tokens."""

    prompt: int = 0
    completion: int = 0


class Server:
    """A server and everything that is shared by those who talk to it.

    Raises from every request, after its retries: ServerDown, ServerFault, RateLimited, Declined, BadReply (too long),
    BudgetExceeded.
    """

    def __init__(
        self,
        settings: ServerSettings,
        address: Address,
        budget: Budget,
        patience: Patience,
        clock: Callable[[], float] = time.time,
        passing: Passing = nullcontext,
    ) -> None:
        """passing: a block in which the server is awake; only servers of ours ever sleep."""
        self.address = address
        self.settings = settings
        self.in_flight = 0
        self._budget = budget
        self._patience = patience
        self._clock = clock
        self._passing = passing
        self._slots = asyncio.Semaphore(settings.concurrency)
        self._pace = Pace(settings.requests_per_minute, settings.tokens_per_minute)
        self._breaker = Breaker(patience)
        self._client = _client(settings, address)

    async def post(self, kind: type[B], path: str, body: Fields, bill: Bill, load: Load = Load()) -> B:
        """The reply to one request, tried again while the server is at fault."""
        return await self._patience.retrying(self.settings.attempts)(self._once, kind, path, body, bill, load)

    async def listen(self, path: str, body: Fields, bill: Bill, load: Load, gathering: Gather) -> wire.Completion:
        """`post`, streamed: what comes is gathered as it comes. Every try begins a gathering of its own, and what a
        try had brought before it broke off, or before it was cancelled, is paid for by a guess."""
        tried = self._patience.retrying(self.settings.attempts)
        return await tried(self._once, wire.Completion, path, body, bill, load, gathering)

    async def get(self, kind: type[B], path: str) -> B:
        """A question about the server itself: it costs no budget."""
        return await self._patience.retrying(self.settings.attempts)(self._once, kind, path, None, Bill(), None)

    async def text(self, path: str, body: Fields | None) -> str:
        """The body of one request as it came, tried once: for finding out what a server can do."""
        return (await self._send(path, body)).decode("utf-8", "replace")

    async def models(self) -> tuple[str, ...]:
        """The names of the models that the server lists."""
        return tuple(m.id for m in (await self.get(wire.Models, "/models")).data or ())

    async def close(self) -> None:
        await self._client.close()

    async def _once(
        self,
        kind: type[B],
        path: str,
        body: Fields | None,
        bill: Bill,
        load: Load | None,
        gathering: Gather | None = None,
    ) -> B:
        probe = await self._enter()
        told = False
        try:
            if load is not None and not self._pace.free:
                await self._pace.wait(load.prompt + load.completion)
            reply = await self._paid(kind, path, body, bill, load, gathering() if gathering else None)
            told = True
            self._breaker.success()
            return reply
        except (ServerDown, ServerFault) as fault:
            told = True
            self._breaker.failure(fault, probe=probe)
            raise
        except ModelError:
            told = True
            self._breaker.success()  # it answered, if only to refuse
            raise
        finally:
            self._slots.release()
            if probe and not told:
                self._breaker.abandon()

    async def _enter(self) -> bool:
        """Take a slot while the circuit is closed, or as its probe; waiting for the circuit holds no slot."""
        while True:
            probe = await self._breaker.admit()
            try:
                await self._slots.acquire()
            except asyncio.CancelledError:
                if probe:
                    self._breaker.abandon()
                raise
            if probe or self._breaker.closed:
                return probe
            self._slots.release()

    async def _paid(
        self,
        kind: type[B],
        path: str,
        body: Fields | None,
        bill: Bill,
        load: Load | None,
        gathered: stream.Gathering | None,
    ) -> B:
        hold: Hold | None = None
        if load is not None:
            hold = await self._budget.reserve(load.prompt + load.completion, bill.money(load.prompt, load.completion))
        bill.attempts += 1
        try:
            raw = await self._send(path, body, gathered)
            reply = wire.read(kind, raw, self.address.url) if raw or gathered is None else cast(B, gathered.whole())
            if reply.error:
                raise faults.of_error_object(
                    reply.error, self.address, key_env=self.settings.key_env, model=_model(body)
                )
            if hold is not None and load is not None:
                prompt, completion, estimated = _used(reply, load)
                cost = bill.add(prompt, completion, estimated=estimated)
                hold.settle(prompt, completion, cost)
            return reply
        except BadReply:
            if hold is not None and load is not None:  # too long to keep, and yet it was written: take it at its limit
                hold.settle(load.prompt, load.completion, bill.add(load.prompt, load.completion, estimated=True))
            raise
        finally:
            if hold is not None and not hold.settled:
                if load is not None and gathered is not None and gathered.written:
                    words = tokens_of(gathered.written)
                    hold.settle(load.prompt, words, bill.add(load.prompt, words, estimated=True))
                hold.settle()  # else a call that brought no answer

    async def _send(self, path: str, body: Fields | None, gathered: stream.Gathering | None = None) -> bytes:
        """The body of the reply; nothing where it came in pieces, which `gathered` has."""
        async with self._passing():
            return await self._sent(path, body, gathered)

    async def _sent(self, path: str, body: Fields | None, gathered: stream.Gathering | None) -> bytes:
        self.in_flight += 1
        try:
            async with asyncio.timeout(self.settings.timeout_s):
                if gathered is not None:
                    return await self._gather(path, body, gathered)
                if body is None:
                    response = await self._client.get(path, cast_to=httpx2.Response)
                else:
                    # an absolute url: the SDK joins a relative one to its base by taking both apart, at every request
                    response = await self._client.post(self.address.url + path, cast_to=httpx2.Response, body=body)
                return response.content
        except TimeoutError:
            fault: ModelError = ServerFault(
                f"{self.address.url}: no whole reply within {self.settings.timeout_s:g} s (timeout_s)"
            )
        except faults.WIRE_FAULTS as broken:
            fault = faults.of_exception(
                broken, self.address, key_env=self.settings.key_env, model=_model(body), now=self._clock()
            )
        finally:
            self.in_flight -= 1
        # Raised out here so that it does not drag along the library's exception, whose request holds the key.
        raise fault

    async def _gather(self, path: str, body: Fields | None, gathered: stream.Gathering) -> bytes:
        answer = await self._client.post(
            self.address.url + path, cast_to=httpx2.Response, body=body, stream=True, stream_cls=AsyncStream[Any]
        )
        response = cast(httpx2.Response, answer)  # the SDK hands out the response itself where it is asked to
        try:
            if not _is_stream(response):
                return await response.aread()  # it was not asked for pieces, or paid no heed
            async for data in stream.events(response.aiter_lines()):
                gathered.take(data)
            return b""
        finally:
            await response.aclose()


def tokens_of(text: str) -> int:
    """A guess at how many tokens a text has, for limits and where a server does not count."""
    return len(text) // 4 + 1


def _used(reply: wire.Body, load: Load) -> tuple[int, int, bool]:
    usage = reply.usage
    if usage is not None and usage.prompt_tokens is not None:
        return usage.prompt_tokens, usage.completion_tokens or 0, False
    words = 0
    if isinstance(reply, wire.Completion):
        words = sum(tokens_of(choice.text) for choice in reply.choices or ())
    return load.prompt, words, True


def _is_stream(response: httpx2.Response) -> bool:
    return str(response.headers.get("content-type", "")).startswith("text/event-stream")


def _model(body: Fields | None) -> str:
    return str(body.get("model", "")) if body else ""


def _client(settings: ServerSettings, address: Address) -> AsyncOpenAI:
    limits = httpx2.Limits(
        max_connections=settings.concurrency, max_keepalive_connections=settings.concurrency, keepalive_expiry=KEEP_S
    )
    hook = functools.partial(_bound, address, settings.max_reply_bytes)
    http = (DefaultAioHttpClient if faults.AIOHTTP else DefaultAsyncHttpxClient)(
        verify=_certificates(),
        limits=limits,
        timeout=httpx2.Timeout(None, connect=CONNECT_S),  # the whole attempt is timed in _send
        event_hooks={"response": [hook]},
    )
    client = AsyncOpenAI(
        base_url=address.url,
        api_key="none",  # the header below is what is sent
        max_retries=0,
        http_client=http,
        # identity: a compressed body could be a thousand times larger than what was counted
        default_headers={"Authorization": address.authorization, "Accept-Encoding": "identity"},
    )
    # Else the SDK takes them from OPENAI_ORG_ID and OPENAI_PROJECT_ID and shows them to every server.
    client.organization = client.project = None
    return client


@functools.cache
def _certificates() -> ssl.SSLContext:
    # Reading them takes 80 ms of CPU, too much to do again for each server.
    return httpx2.create_ssl_context()


async def _bound(address: Address, limit: int, response: httpx2.Response) -> None:
    """Count a reply's bytes as they come, before they are kept."""
    if response.headers.get("content-encoding", "identity") != "identity":
        await response.aclose()
        raise ServerFault(f"{address.url}: sends a compressed body, which it was asked not to")
    refused = response.status_code >= 400
    if not response.request.url.path.endswith("/completions"):
        limit = LIST_BYTES
    elif _is_stream(response):
        limit *= FRAMING
    stream = response.stream
    assert isinstance(stream, httpx2.AsyncByteStream)
    response.stream = _Counted(stream, address, ERROR_BYTES if refused else limit, cut=refused)


class _Counted(httpx2.AsyncByteStream):
    """A body that ends (`cut`) or raises where it grows beyond its limit."""

    def __init__(self, inner: httpx2.AsyncByteStream, address: Address, limit: int, *, cut: bool) -> None:
        self._inner = inner
        self._address = address
        self._limit = limit
        self._cut = cut

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = self._limit
        async for chunk in self._inner:
            left -= len(chunk)
            if left < 0:
                if self._cut:
                    yield chunk[:left]
                    return
                raise BadReply(f"{self._address.url}: its reply is longer than {self._limit} bytes (max_reply_bytes)")
            yield chunk

    async def aclose(self) -> None:
        await self._inner.aclose()
