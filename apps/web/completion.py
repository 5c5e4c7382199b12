"""The form of OpenAI's chat completions: what is asked, what is answered, how a fault is put."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, StrictBool, StrictInt, StrictStr, ValidationError
from starlette.responses import JSONResponse

from wunderkammer.core.errors import BudgetExceeded, ConfigError, RateLimited, WunderError
from wunderkammer.core.settings import explain

MODEL = "wunderkammer"
MOST_MESSAGES = 2000
MOST_CHARS = 200_000
"""Of one message."""


class Lenient(BaseModel):
    """What others send: fields that we do not know are none of our business."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Part(Lenient):
    """A part of a message: words, or a picture, a sound, a file, whose kind alone is looked at."""

    type: Annotated[str, Field(max_length=60)]
    text: Annotated[str, Field(max_length=MOST_CHARS)] | None = None


class Said(Lenient):
    role: Literal["system", "developer", "user", "assistant", "tool", "function"]
    content: Annotated[StrictStr, Field(max_length=MOST_CHARS)] | tuple[Part, ...] | None = None

    @property
    def words(self) -> str:
        """Its text."""
        if isinstance(self.content, tuple):
            return "\n".join(part.text for part in self.content if part.type == "text" and part.text)
        return self.content or ""

    @property
    def unread(self) -> str:
        """The kind of its first part that is no words; empty: there is none."""
        parts = self.content if isinstance(self.content, tuple) else ()
        return next((part.type for part in parts if part.type != "text"), "")


class StreamOptions(Lenient):
    include_usage: StrictBool | None = None


class Wanted(Lenient):
    """The body of a request."""

    model: StrictStr
    messages: Annotated[tuple[Said, ...], Field(min_length=1, max_length=MOST_MESSAGES)]
    stream: StrictBool | None = None
    stream_options: StreamOptions | None = None
    n: StrictInt | None = None

    @property
    def record(self) -> list[tuple[str, str]]:
        """What user and assistant said, in order. Instructions of a system and results of tools are not among it: the
        guide has its own."""
        return [(one.role, one.words) for one in self.messages if one.role in ("user", "assistant") and one.words]


class Wrong(Exception):
    """A request that cannot be answered, as it is told to the client."""

    def __init__(self, words: str, *, status: int = 400, code: str | None = None, param: str | None = None) -> None:
        super().__init__(words)
        self.status, self.code, self.param = status, code, param


def read(body: Any) -> Wanted:
    """A request, checked; `Wrong` says what is wrong with it."""
    try:
        wanted = Wanted.model_validate(body)
    except ValidationError as fault:
        raise Wrong(explain(fault), param=str(fault.errors()[0]["loc"][:1] or "body").strip("(',)")) from None
    if wanted.model != MODEL:
        raise Wrong(f"there is no model {wanted.model[:60]!r}; there is: {MODEL}", status=404, code="model_not_found")
    if wanted.n not in (None, 1):
        raise Wrong("n: one reply is given to a request; ask again for another", param="n")
    if unread := wanted.messages[-1].unread:  # in earlier ones it was refused, and is passed over
        raise Wrong(
            f"messages: the guide reads words, and the last one holds a part of type {unread}", param="messages"
        )
    if not wanted.record or wanted.record[-1][0] != "user":
        raise Wrong("messages: the last one has to be the user's, with words", param="messages")
    return wanted


_KINDS: Mapping[int, str] = {400: "invalid_request_error", 404: "invalid_request_error", 409: "conflict_error"}


def refusal(fault: Wrong | WunderError, status: int) -> JSONResponse:
    """A fault as OpenAI's clients read it. They try again by themselves unless told not to: we have tried already."""
    again = {} if status == 409 else {"x-should-retry": "false"}
    if isinstance(fault, RateLimited):
        again = {"retry-after": str(round(fault.retry_after or 1))}
    return JSONResponse({"error": told(fault, status)}, status_code=status, headers=again)


def told(fault: Wrong | WunderError, status: int) -> dict[str, Any]:
    """The error object."""
    code, param = (fault.code, fault.param) if isinstance(fault, Wrong) else (None, None)
    if isinstance(fault, BudgetExceeded):
        code = "insufficient_quota"
    kind = "rate_limit_error" if status == 429 else _KINDS.get(status, "server_error")
    return {"message": str(fault), "type": kind, "param": param, "code": code}


def status_of(fault: WunderError, others: int) -> int:
    """The status of a fault; others: what it is elsewhere."""
    if isinstance(fault, BudgetExceeded):
        return 429
    return 400 if isinstance(fault, ConfigError) else others


@dataclass(frozen=True)
class Usage:
    """Tokens that a reply took, over all calls of the guide's model."""

    prompt: int
    completion: int

    def told(self) -> dict[str, int]:
        return {
            "prompt_tokens": self.prompt,
            "completion_tokens": self.completion,
            "total_tokens": self.prompt + self.completion,
        }


@dataclass(frozen=True)
class Completion:
    """One reply on its way, whole or in chunks."""

    id: str
    created: int
    _model: str = field(default=MODEL)

    def whole(self, words: str, usage: Usage) -> dict[str, Any]:
        message = {"role": "assistant", "content": words, "refusal": None}
        choice = {"index": 0, "message": message, "logprobs": None, "finish_reason": "stop"}
        return {**self._head("chat.completion"), "choices": [choice], "usage": usage.told()}

    def chunk(self, delta: Mapping[str, str], finish: str | None = None) -> dict[str, Any]:
        choice = {"index": 0, "delta": dict(delta), "logprobs": None, "finish_reason": finish}
        return {**self._head("chat.completion.chunk"), "choices": [choice]}

    def bill(self, usage: Usage) -> dict[str, Any]:
        """The last chunk of a client that asked for it."""
        return {**self._head("chat.completion.chunk"), "choices": [], "usage": usage.told()}

    def _head(self, kind: str) -> dict[str, Any]:
        return {"id": self.id, "object": kind, "created": self.created, "model": self._model}
