"""A reply that comes in pieces: server-sent events, gathered into the completion that they add up to."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any, Protocol

from pydantic import ValidationError

from wunderkammer.core.errors import BadReply, ServerFault
from wunderkammer.models.wire import Body, Choice, Completion, Usage, Wire, Words

_END = "[DONE]"
_OPEN, _CLOSE = "<think>", "</think>"


class Function(Wire):
    name: str | None = None
    arguments: str | None = None


class CallPiece(Wire):
    index: int = 0
    id: str | None = None
    function: Function | None = None


class Delta(Wire):
    content: str | None = None
    refusal: str | None = None
    tool_calls: tuple[CallPiece, ...] | None = None


class Part(Wire):
    delta: Delta = Delta()
    finish_reason: str | None = None


class Chunk(Body):
    choices: tuple[Part, ...] | None = None


class Ear(Protocol):
    """Who is told of words as they come."""

    def words(self, piece: str) -> None: ...


class Gathering:
    """The pieces of one reply, in order. most: bytes of words beyond which it is too long to keep."""

    def __init__(self, ear: Ear, where: str, most: int) -> None:
        self._ear = ear
        self._where = where
        self._left = most
        self._most = most
        self._words: list[str] = []
        self._calls: dict[int, dict[str, str]] = {}
        self._finish: str | None = None
        self._usage: Usage | None = None
        self._error: Any = None
        self._ended = False

    @property
    def text(self) -> str:
        """The words so far."""
        return "".join(self._words)

    @property
    def written(self) -> str:
        """All that the model has written so far, arguments of tools included."""
        return self.text + "".join(call["arguments"] for call in self._calls.values())

    def take(self, data: str) -> None:
        """One event's data. ServerFault where it has another form, BadReply beyond the limit."""
        if data == _END:
            self._ended = True
            return
        try:
            chunk = Chunk.model_validate_json(data)
        except ValidationError:
            raise ServerFault(f"{self._where}: a piece of its streamed reply has another form") from None
        self._usage = chunk.usage or self._usage
        self._error = chunk.error or self._error
        for part in chunk.choices or ():
            self._add(part)

    def whole(self) -> Completion:
        """What the pieces add up to; ServerFault where the stream broke off."""
        if not self._ended and self._finish is None and self._error is None:
            raise ServerFault(f"{self._where}: its streamed reply broke off")
        calls = tuple(
            {"id": call["id"], "function": {"name": call["name"], "arguments": call["arguments"]}}
            for _, call in sorted(self._calls.items())
        )
        choice = Choice(message=Words(content=self.text, tool_calls=calls or None), finish_reason=self._finish)
        return Completion(choices=(choice,), usage=self._usage, error=self._error)

    def _add(self, part: Part) -> None:
        delta = part.delta
        if piece := (delta.content or delta.refusal or ""):
            self._count(piece)
            self._words.append(piece)
            self._ear.words(piece)
        for one in delta.tool_calls or ():
            held = self._calls.setdefault(one.index, {"id": "", "name": "", "arguments": ""})
            function = one.function or Function()
            self._count((function.name or "") + (function.arguments or ""))
            held["id"] = held["id"] or one.id or ""
            held["name"] += function.name or ""
            held["arguments"] += function.arguments or ""
        self._finish = part.finish_reason or self._finish

    def _count(self, piece: str) -> None:
        self._left -= len(piece.encode("utf-8", "replace"))
        if self._left < 0:
            raise BadReply(f"{self._where}: its reply is longer than {self._most} bytes (max_reply_bytes)")


async def events(lines: AsyncIterator[str]) -> AsyncIterator[str]:
    """The data of each server-sent event."""
    held: list[str] = []
    async for line in lines:
        if not line and held:
            yield "\n".join(held)
            held = []
        elif line.startswith("data:"):
            held.append(line[5:].removeprefix(" "))
    if held:
        yield "\n".join(held)


class Veil:
    """Keeps back what a reasoning model thinks aloud before it speaks: `<think> … </think>` at the very beginning."""

    def __init__(self, ear: Ear) -> None:
        self._ear = ear
        self._held: str | None = ""

    def words(self, piece: str) -> None:
        if self._held is None:
            self._ear.words(piece)
            return
        self._held += piece
        begun = self._held.lstrip()
        if begun.startswith(_OPEN):
            _, closed, rest = begun.partition(_CLOSE)
            if closed:
                self._pass(rest.lstrip())
        elif not _OPEN.startswith(begun):
            self._pass(self._held)

    def _pass(self, words: str) -> None:
        self._held = None
        if words:
            self._ear.words(words)


def unveiled(text: str) -> str:
    """A whole reply without the thoughts at its beginning; an unfinished thought is no reply."""
    begun = text.lstrip()
    if not begun.startswith(_OPEN):
        return text
    _, closed, rest = begun.partition(_CLOSE)
    return rest.lstrip() if closed else ""
