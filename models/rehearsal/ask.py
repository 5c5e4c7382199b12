"""One request to a model, read from the body that a client sent, and what a player says to it."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from random import Random
from typing import Any

from wunderkammer.core.ids import content_id

_TRANSPORT = frozenset({"stream", "stream_options", "user"})
"""Fields that change how a reply travels, never what it says."""


class BadRequest(ValueError):
    """The body is no request; its text goes back to the client with a 400."""


@dataclass(frozen=True)
class Said:
    """A reply. `yes`: the probability of its first word, where the question was a choice between two."""

    text: str
    yes: float | None = None
    other: str = ""
    """The word that has the rest of the probability."""
    calls: tuple[tuple[str, str], ...] = ()
    """Tools that it calls, each with its arguments as they stand in the reply."""


@dataclass(frozen=True)
class Ask:
    """A chat request."""

    id: str
    """Hash of everything that decides the reply: equal requests have equal ids in every process."""
    model: str
    turns: tuple[tuple[str, str], ...]
    """(speaker, words) in order."""
    schema: Mapping[str, Any] | None
    """The JSON schema that the reply has to fit."""
    json: bool
    """Any JSON object will do."""
    n: int
    max_tokens: int | None
    logprobs: bool
    top_logprobs: int
    stream: bool
    tools: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    """JSON schema of the arguments, by name."""
    must_call: bool = False
    """Whether it was told to call a tool."""
    pictures: tuple[str, ...] = ()
    """Addresses of what it was shown, mostly `data:image/png;base64,…`, in order."""

    @property
    def last(self) -> str:
        """The words of the last user turn."""
        return next((words for who, words in reversed(self.turns) if who == "user"), "")

    @property
    def words(self) -> str:
        """All turns, one after the other."""
        return "\n".join(words for _, words in self.turns)


Player = Callable[[Ask, Random], Said | None]
"""Whoever makes up the replies: a pure function of the request and of a generator seeded by it (and by the index of
the reply where several are asked for). None leaves the reply to the house's random words."""


def request_id(path: str, body: Mapping[str, Any]) -> str:
    """The hash of a request without the fields that only change its transport."""
    return content_id(path, {k: v for k, v in body.items() if k not in _TRANSPORT})


def read_chat(body: Mapping[str, Any], path: str = "/v1/chat/completions") -> Ask:
    """A chat request; `BadRequest` says what is wrong with it."""
    messages = body.get("messages")
    if not isinstance(messages, list) or not messages or not all(isinstance(m, dict) for m in messages):
        raise BadRequest("messages: a non-empty list of objects is required")
    form = body.get("response_format") or {}
    schema = form.get("json_schema", {}).get("schema") if form.get("type") == "json_schema" else None
    if form.get("type") == "json_schema" and not isinstance(schema, dict):
        raise BadRequest("response_format.json_schema.schema: an object is required")
    limit = body.get("max_completion_tokens", body.get("max_tokens"))
    return Ask(
        id=request_id(path, body),
        model=str(body.get("model", "")),
        turns=tuple((str(m.get("role", "")), _text(m.get("content"))) for m in messages),
        schema=schema,
        json=form.get("type") == "json_object",
        n=_count(body, "n", 1),
        max_tokens=None if limit is None else max(1, int(limit)),
        logprobs=bool(body.get("logprobs")),
        top_logprobs=_count(body, "top_logprobs", 0),
        stream=bool(body.get("stream")),
        tools=_tools(body.get("tools")),
        must_call=body.get("tool_choice") == "required",
        pictures=tuple(picture for m in messages for picture in _pictures(m.get("content"))),
    )


def schema_in(text: str) -> Mapping[str, Any] | None:
    """The last JSON schema of an object that stands in running text: how one asks a server that has no schemas."""
    decoder, found, at = json.JSONDecoder(), None, text.find("{")
    while at >= 0:
        try:
            value, end = decoder.raw_decode(text, at)
        except ValueError:
            end = at + 1
        else:
            if isinstance(value, dict) and isinstance(value.get("properties"), dict):
                found = value
        at = text.find("{", end)
    return found


def _tools(given: object) -> dict[str, Mapping[str, Any]]:
    if given is None:
        return {}
    functions = [tool.get("function") for tool in given if isinstance(tool, dict)] if isinstance(given, list) else []
    if not functions or not all(isinstance(one, dict) and one.get("name") for one in functions):
        raise BadRequest("tools: a non-empty list of functions is required")
    return {str(one["name"]): one.get("parameters") or {} for one in functions if one}


def _pictures(content: object) -> list[str]:
    parts = [part for part in content if isinstance(part, dict)] if isinstance(content, list) else []
    shown = [part.get("image_url") for part in parts if part.get("type") == "image_url"]
    if not all(isinstance(one, dict) and isinstance(one.get("url"), str) for one in shown):
        raise BadRequest("messages.content.image_url.url: a text is required")
    return [one["url"] for one in shown if isinstance(one, dict)]


def _text(content: object) -> str:
    if isinstance(content, list):
        return "".join(str(part.get("text", "")) for part in content if isinstance(part, dict))
    return "" if content is None else str(content)


def _count(body: Mapping[str, Any], field: str, default: int) -> int:
    value = body.get(field)
    if value is None:
        return default
    if not isinstance(value, int) or not 0 <= value <= 128:
        raise BadRequest(f"{field}: a whole number from 0 to 128 is required")
    return value
