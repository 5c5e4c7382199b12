"""Conversations as tokens, and which of them are learned."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from wunderkammer.core.contract import Message
from wunderkammer.jobs.desk import Unable

IGNORED = -100
"""Label of a token that is read and not learned."""


class Tokenizer(Protocol):
    """What is needed of a transformers tokenizer."""

    eos_token_id: int | None
    chat_template: Any

    def apply_chat_template(self, conversation: list[dict[str, str]], **options: Any) -> list[int]: ...


@dataclass(frozen=True)
class Encoded:
    """One conversation with its answer."""

    ids: tuple[int, ...]
    start: int
    """Where the answer begins; everything before is the prompt."""

    @property
    def labels(self) -> tuple[int, ...]:
        return (IGNORED,) * self.start + self.ids[self.start :]

    @property
    def learned(self) -> int:
        return len(self.ids) - self.start


def encode(tokenizer: Tokenizer, messages: Sequence[Message], answer: str) -> Encoded:
    """Prompt and answer by the model's own chat template.

    The template is rendered with and without the answer, and the answer begins where the two part: no template needs to
    mark it. What follows the end-of-turn token is cut off, since no server generates it.
    """
    asked = [{"role": message.role, "content": message.content} for message in messages]
    prompt = _render(tokenizer, asked, add_generation_prompt=True)
    whole = _render(tokenizer, [*asked, {"role": "assistant", "content": answer}])
    start = next(
        (at for at, (a, b) in enumerate(zip(prompt, whole, strict=False)) if a != b), min(map(len, (prompt, whole)))
    )
    end = len(whole)
    if tokenizer.eos_token_id in whole[start:]:
        end -= whole[::-1].index(tokenizer.eos_token_id)
    return Encoded(tuple(whole[:end]), start)


def fitting(encoded: Iterable[Encoded], limit: int) -> list[int]:
    """Indices of those that have an answer and at most `limit` tokens. A cut answer would teach not to end."""
    return [at for at, one in enumerate(encoded) if one.learned > 0 and len(one.ids) <= limit]


def check_template(tokenizer: Tokenizer, base: str) -> None:
    if not tokenizer.chat_template:
        raise Unable(f"{base} has no chat template: nobody can tell question from answer; use an instruct model")


def _render(tokenizer: Tokenizer, conversation: list[dict[str, str]], **options: Any) -> list[int]:
    return tokenizer.apply_chat_template(conversation, tokenize=True, return_dict=False, **options)
