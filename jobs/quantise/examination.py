"""What a model makes of held-out text: windows of tokens, and the loss of each, so that models compare in pairs."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from wunderkammer.jobs.finetune.encoding import Encoded
from wunderkammer.jobs.quantise.texts import digest

ROOM = 2048
"""Tokens that are examined at once: with a vocabulary of 49,152 their logits take 200 MB in bf16."""


@dataclass(frozen=True)
class Windows:
    """Text as the model reads it: `count` windows of `length` tokens without padding."""

    rows: Sequence[tuple[int, ...]]

    @classmethod
    def cut(cls, tokenizer: Any, texts: Iterator[str], count: int, length: int) -> Windows:
        """Texts joined by blank lines, cut into windows; a text may be parted between two."""
        ids: list[int] = []
        while len(ids) < count * length:
            ids += tokenizer(next(texts) + "\n\n", add_special_tokens=False)["input_ids"]
        return cls([tuple(ids[at * length : (at + 1) * length]) for at in range(count)])

    @property
    def hash(self) -> str:
        """A name for these very tokens: losses over other ones do not compare."""
        return digest([" ".join(map(str, row)) for row in self.rows])

    @property
    def scored(self) -> int:
        """Tokens that are predicted: the first of each window is given."""
        return sum(len(row) - 1 for row in self.rows)

    def losses(self, model: Any, pad: int, tell: Callable[[int], object]) -> list[float]:
        """Summed negative log-likelihood of each window, in nats."""
        from wunderkammer.jobs.finetune.likelihood import answer_losses

        return answer_losses(model, [Encoded(row, 1) for row in self.rows], pad, tell, ROOM)


def loss(losses: Sequence[float], tokens: int) -> float:
    """Mean negative log-likelihood of a token, in nats."""
    return sum(losses) / tokens


def perplexity(losses: Sequence[float], tokens: int) -> float:
    return math.exp(loss(losses, tokens))
