"""What servers send, checked where it enters: completions, vectors and lists of models."""

from __future__ import annotations

from typing import Any, TypeVar

from pydantic import BaseModel, ConfigDict, FiniteFloat, NonNegativeInt, ValidationError

from wunderkammer.core.errors import ServerFault


class Wire(BaseModel):
    """A server may send more than we read; what we read must be of its type."""

    model_config = ConfigDict(frozen=True, extra="ignore")


class Usage(Wire):
    prompt_tokens: NonNegativeInt | None = None
    completion_tokens: NonNegativeInt | None = None


class Body(Wire):
    """What every reply may hold."""

    usage: Usage | None = None
    error: Any = None
    """Some servers answer 200 and put the error here."""


class Alternative(Wire):
    token: str
    logprob: float


class Position(Alternative):
    top_logprobs: tuple[Alternative, ...] = ()


class Logprobs(Wire):
    content: tuple[Position, ...] | None = None


class Words(Wire):
    content: str | None = None
    refusal: str | None = None
    """Where a server keeps a refusal apart. To us a model that declines has spoken."""
    tool_calls: tuple[Any, ...] | None = None


class Choice(Wire):
    message: Words
    finish_reason: str | None = None
    logprobs: Logprobs | None = None

    @property
    def text(self) -> str:
        return self.message.content or self.message.refusal or ""

    @property
    def first_token(self) -> tuple[tuple[str, float], ...] | None:
        """Alternatives of the first token with their log-probabilities, none where no token came; None where the
        server does not show them."""
        if self.logprobs is None or self.logprobs.content is None:
            return None
        if not self.logprobs.content:
            return ()
        return tuple((t.token, t.logprob) for t in self.logprobs.content[0].top_logprobs) or None


class Completion(Body):
    choices: tuple[Choice, ...] | None = None


class Vector(Wire):
    index: int = 0
    embedding: list[FiniteFloat]


class Vectors(Body):
    data: list[Vector] | None = None


class Named(Wire):
    id: str


class Models(Body):
    data: tuple[Named, ...] | None = None


class EchoLogprobs(Wire):
    token_logprobs: tuple[float | None, ...] | None = None


class EchoChoice(Wire):
    logprobs: EchoLogprobs | None = None


class Echo(Body):
    """A reply of the older /completions, asked to repeat the prompt."""

    choices: tuple[EchoChoice, ...] | None = None


B = TypeVar("B", bound=Body)


def read(kind: type[B], raw: bytes, where: str) -> B:
    """The body as `kind`.

    Raises:
        ServerFault: it is no JSON, cut off, or of another shape.
    """
    try:
        return kind.model_validate_json(raw)
    except ValidationError as fault:
        first = fault.errors(include_input=False, include_url=False)[0]
    what = "its reply is no JSON" if first["type"] == "json_invalid" else "its reply has another form"
    place = ".".join(str(p) for p in first["loc"])
    raise ServerFault(f"{where}: {what}: {place + ': ' if place else ''}{first['msg']}")
