"""An observer by a language model: how surprised it is by an artifact after the last ones, per token."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from wunderkammer.memory.openendedness.series import Floats, Series

Score = Callable[[str, str], float]
"""Mean negative log-likelihood, in nats per token, of a text (second) given what stands before it (first)."""

APART = "\n\n"


class Language:
    """The mean nats per token of an artifact, with the last artifacts of the history in the model's context.

    Whoever scores them: a server with log-probabilities of prompts, or a model in this process. All questions about one
    history share their beginning, so that a server with a prefix cache reads it once. The model itself never learns:
    what it learns from a history is what its context tells it.
    """

    def __init__(self, name: str, score: Score, context: int = 8, characters: int = 8_000) -> None:
        """name: of the model. context: how many artifacts it is shown, and how many characters of them at most."""
        self.name = f"language-{context}-{name}"
        self.horizon = f"the last {context} artifacts, at most {characters} characters"
        self._score = score
        self._context = context
        self._characters = characters

    def losses(self, series: Series, t: int, later: Sequence[int]) -> Floats:
        shown = APART.join(series.texts[max(0, t - self._context) : t])[-self._characters :]
        before = shown + APART if shown else ""
        return np.array([self._score(before, series.texts[i]) for i in later])
