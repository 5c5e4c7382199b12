"""An ask with every choice made: what is hashed, and what requests are built from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import BaseModel

from wunderkammer.core.contract import Message
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import RoleSettings
from wunderkammer.models.ask import Ask
from wunderkammer.models.server import Load, tokens_of
from wunderkammer.models.structure import form

Turn = dict[str, Any]
"""A message as servers take it."""
Kind = Literal["words", "form", "yes"]
PICTURE_TOKENS = 600
"""A guess at what a picture costs, for limits: models cut a small one into some hundreds of pieces."""


@dataclass(frozen=True, slots=True)
class Question:
    """Sampling is the ask's where it says, else the role's. `yes` questions look at the model's own distribution:
    temperature 1 and top_p 1, whatever the role says, so that servers which scale log-probabilities give the same."""

    kind: Kind
    model: str
    turns: list[Turn]
    samples: int
    temperature: float
    top_p: float
    max_tokens: int
    stop: tuple[str, ...]
    schema: type[BaseModel] | None
    top_logprobs: int
    seed: int | None

    @classmethod
    def of(cls, ask: Ask, kind: Kind, model: str, role: RoleSettings) -> Question:
        asked = ask.sampling
        free = kind == "yes"
        return cls(
            kind=kind,
            model=model,
            turns=[{"role": turn.role, "content": _content(turn)} for turn in ask.messages],
            samples=ask.samples,
            temperature=1.0 if free else role.temperature if asked.temperature is None else asked.temperature,
            top_p=1.0 if free else role.top_p if asked.top_p is None else asked.top_p,
            max_tokens=1 if free else role.max_tokens if asked.max_tokens is None else asked.max_tokens,
            stop=asked.stop,
            schema=ask.schema if kind == "form" else None,
            top_logprobs=ask.top_logprobs,
            seed=ask.seed,
        )

    def hash(self, server: str) -> str:
        """Covers server, model and all that decides the reply.

        What a server turned out not to take is still part of it: a run that is resumed before the gateway has learned
        that anew asks by the same hash.
        """
        return content_id(
            server,
            self.kind,
            self.model,
            self.turns,
            self.samples,
            self.temperature,
            self.top_p,
            self.max_tokens,
            self.stop,
            form(self.schema).words if self.schema is not None else None,
            self.top_logprobs,
            self.seed,
        )

    def load(self, n: int) -> Load:
        """What `n` replies are expected to take at most."""
        return Load(sum(4 + _tokens(turn["content"]) for turn in self.turns), n * self.max_tokens)


def _content(turn: Message) -> str | list[dict[str, Any]]:
    """Words alone where there is no picture, which every server takes; else parts."""
    if not turn.pictures:
        return turn.content
    shown = [{"type": "image_url", "image_url": {"url": picture}} for picture in turn.pictures]
    return [*shown, {"type": "text", "text": turn.content}]


def _tokens(content: str | list[dict[str, Any]]) -> int:
    if isinstance(content, str):
        return tokens_of(content)
    return sum(tokens_of(part["text"]) if part["type"] == "text" else PICTURE_TOKENS for part in content)
