"""Finding out what a model at a server can do, by small questions that change nothing there."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from http import HTTPStatus
from typing import Literal
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from wunderkammer.core.errors import BadReply, Refused, ServerFault
from wunderkammer.core.settings import BudgetSettings, Settings
from wunderkammer.models import wire
from wunderkammer.models.abilities import Abilities, Notebook
from wunderkammer.models.budget import Budget
from wunderkammer.models.faults import Declined
from wunderkammer.models.ladder import FEW_LOGPROBS
from wunderkammer.models.patience import Patience
from wunderkammer.models.seats import DEFAULT, OpenEmbedded, Seat, Seats
from wunderkammer.models.server import Fields
from wunderkammer.models.speaker import MOST_LOGPROBS
from wunderkammer.models.structure import OffSchema, form, parse

TRIES = 2
"""Of each question: a server that answers 500 to what it cannot do is not asked for long."""

_CANNOT = (Refused, BadReply, ServerFault)


class Colour(BaseModel):
    """What the probe wants a structured reply to be."""

    model_config = ConfigDict(extra="forbid")

    colour: Literal["red", "green"]
    count: int


async def probe(
    settings: Settings,
    server_name: str,
    model: str = DEFAULT,
    *,
    open_embedded: OpenEmbedded | None = None,
    patience: Patience = Patience(),
) -> Abilities:
    """Ask some fifteen short questions, remember what was found in `settings.home`, and return it.

    Raises:
        ModelError: the server does not answer even a plain question.
        ConfigError: there is no such server, or its key is missing.
    """
    seats = Seats(settings, Budget(BudgetSettings()), patience, open_embedded=open_embedded)
    try:
        seat = await seats.at(server_name, model)
        asked = _Questions(seat, patience)
        await asked.chat()
        found: dict[str, object] = {name: await _can(check) for name, check in asked.checks().items()}
        found["logprobs"] = await asked.most_logprobs()
        # A parameter that was refused before may be taken by now.
        found |= dict.fromkeys(("temperature", "top_p", "stop", "max_completion_tokens"))
        return Notebook(settings.home).learn(seat.name, seat.model, found)
    finally:
        await seats.close()


async def _can(check: Callable[[], Awaitable[bool]]) -> bool:
    try:
        return await check()
    except _CANNOT:
        return False


class _Questions:
    """The questions to one seat. Each answers whether it went as it does where the ability is there."""

    def __init__(self, seat: Seat, patience: Patience) -> None:
        self._seat = seat
        self._patience = patience

    def checks(self) -> dict[str, Callable[[], Awaitable[bool]]]:
        return {
            "json_schema": self.json_schema,
            "json_object": self.json_object,
            "prompt_logprobs": self.prompt_logprobs,
            "tools": self.tools,
            "streaming": self.streaming,
            "n": self.n,
            "seed": self.seed,
            "embeddings": self.embeddings,
            "lora": self.lora,
        }

    async def chat(self, words: str = "Say hello.", **more: object) -> wire.Completion:
        limit = {} if "max_tokens" in more else {"max_tokens": 16}
        turns = [{"role": "user", "content": words}]
        body: Fields = {"model": self._seat.model, "messages": turns, **limit, **more}
        return wire.read(wire.Completion, (await self._text("/chat/completions", body)).encode(), self._seat.name)

    async def json_schema(self) -> bool:
        wanted = form(Colour)
        described = {"name": wanted.name, "schema": wanted.schema, "strict": True}
        shape = {"type": "json_schema", "json_schema": described}
        # Nothing in the words asks for JSON: what comes is the schema's doing.
        reply = await self.chat("Name a colour and a number.", max_tokens=64, response_format=shape)
        try:
            parse(Colour, _words(reply))
        except OffSchema:
            return False
        return True

    async def json_object(self) -> bool:
        reply = await self.chat(
            "Give your favourite colour as JSON.", max_tokens=64, response_format={"type": "json_object"}
        )
        return _words(reply).lstrip().startswith("{")

    async def most_logprobs(self) -> int:
        """How many alternatives per token it shows."""
        for most in (MOST_LOGPROBS, FEW_LOGPROBS):
            try:
                reply = await self.chat("Is water wet? yes or no?", max_tokens=1, logprobs=True, top_logprobs=most)
            except _CANNOT:
                continue
            if reply.choices and reply.choices[0].first_token:
                return most
        return 0

    async def prompt_logprobs(self) -> bool:
        body: Fields = {"prompt": "The capital of France is Paris", "max_tokens": 1, "echo": True, "logprobs": 1}
        text = await self._text("/completions", {"model": self._seat.model, **body})
        choices = wire.read(wire.Echo, text.encode(), self._seat.name).choices
        given = choices[0].logprobs.token_logprobs if choices and choices[0].logprobs else None
        return given is not None and sum(value is not None for value in given) > 2  # more than the token it added

    async def tools(self) -> bool:
        described = {"name": "look", "description": "Look at a place.", "parameters": _PLACE}
        tools = [{"type": "function", "function": described}]
        reply = await self.chat("Look at Paris.", max_tokens=64, tools=tools, tool_choice="required")
        return bool(reply.choices and reply.choices[0].message.tool_calls)

    async def streaming(self) -> bool:
        turns = [{"role": "user", "content": "Say hello."}]
        body: Fields = {"model": self._seat.model, "messages": turns, "max_tokens": 4, "stream": True}
        text = await self._text("/chat/completions", body)
        return text.lstrip().startswith("data:") and "[DONE]" in text

    async def n(self) -> bool:
        return len((await self.chat(n=2, max_tokens=4, temperature=1.0)).choices or ()) == 2

    async def seed(self) -> bool:
        words = "Write a few random words."
        drawn = [_words(await self.chat(words, seed=7, temperature=1.0)) for _ in range(2)]
        return bool(drawn[0]) and drawn[0] == drawn[1]

    async def embeddings(self) -> bool:
        body: Fields = {"model": self._seat.model, "input": ["hello"], "encoding_format": "float"}
        text = await self._text("/embeddings", body)
        return bool(wire.read(wire.Vectors, text.encode(), self._seat.name).data)

    async def lora(self) -> bool:
        """Either a list of adapters beside /v1, or an endpoint that misses the fields of an empty request."""
        parts = urlsplit(self._seat.server.address.url)
        listing = urlunsplit((parts.scheme, parts.netloc, parts.path.removesuffix("/v1") + "/lora-adapters", "", ""))
        try:
            _LIST.validate_json(await self._text(listing, None))
            return True
        except (*_CANNOT, ValidationError):
            pass
        try:
            await self._text("/load_lora_adapter", {})
        except Declined as fault:
            return fault.status in (HTTPStatus.BAD_REQUEST, HTTPStatus.UNPROCESSABLE_ENTITY)
        return False  # it took an empty request: it takes anything

    async def _text(self, path: str, body: Fields | None) -> str:
        return await self._patience.retrying(TRIES)(self._seat.server.text, path, body)


def _words(reply: wire.Completion) -> str:
    return reply.choices[0].text if reply.choices else ""


_PLACE = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
_LIST: TypeAdapter[list[object]] = TypeAdapter(list[object])
