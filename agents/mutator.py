"""The mutator: rewrites a text step by step and refuses what stayed too close to its parent."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from functools import cache

from sacrebleu.metrics.bleu import BLEU

from wunderkammer.core.wording import clean

Say = Callable[[str, Mapping[str, object]], Awaitable[str]]
"""Renders a prompt with values and returns the mutator's words."""


class Mutator:
    """Rewriting with the BLEU filter of Rainbow Teaming.

    limit: a child whose BLEU (0 to 1) with the parent alone is at or above it is refused; None switches the filter off.
    The paper's is 0.6; it drops about a quarter of the children, and without it diversity collapses.
    """

    def __init__(self, limit: float | None) -> None:
        self.limit = limit

    async def rewrite(self, steps: Sequence[tuple[str, Mapping[str, object]]], parent: str, say: Say) -> str | None:
        """`parent` passed through each prompt in order, or None where the last text is refused.

        Raises `BadReply` where a reply holds no text (`core.wording.clean`).
        """
        text = parent
        for prompt, values in steps:
            # Cleaned before it is compared: a copy in quotes, with a courtesy before it, is a copy.
            text = clean(await say(prompt, {**values, "text": text}))
        return None if self.refuses(parent, text) else text

    def refuses(self, parent: str, child: str) -> bool:
        """Whether a child is too like its parent. The comparison is with the parent's text, never with a whole prompt:
        beside few-shot examples even an exact copy scores low."""
        return self.limit is not None and likeness(parent, child) >= self.limit


def likeness(parent: str, child: str) -> float:
    """Sentence BLEU in [0, 1] of `child` against `parent`; 1 for an exact copy, however short.

    Effective order: n-grams longer than the text are left out rather than counted as misses (sacrebleu).
    """
    if parent == child:
        return 1.0
    return float(_bleu().sentence_score(child, [parent]).score) / 100


@cache
def _bleu() -> BLEU:
    return BLEU(effective_order=True)
