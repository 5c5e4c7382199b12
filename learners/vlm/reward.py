"""A reward out of a vision-language model: 1 where the goal is likelier than a threshold among things that might be
said instead.

Source: Baumli et al. 2023, "Vision-Language Models as a Source of Rewards", section 3.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from scipy.special import softmax

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.vlm.embedder import Chances, Embedder, Frames, Scorer, Vectors


@dataclass
class Contrast:
    """p(goal) = softmax over {goal, negatives} of cos(frame, text) / τ.

    A negative that is a frame's own goal is not set against it.
    """

    embedder: Embedder
    negatives: Sequence[str]
    """What a frame might show instead, in plain sentences, as goals are."""
    tau: float = 0.0
    """0: the model's own."""
    template: str = "{}"
    """What goals and negatives are put into; the prompt."""
    _known: dict[str, NDArray[np.float32]] = field(default_factory=dict, repr=False)

    def __post_init__(self) -> None:
        if not self.negatives:
            raise ConfigError("a softmax needs something to set the goal against: name at least one negative")
        if "{}" not in self.template:
            raise ConfigError(f"template {self.template!r}: it must hold {{}}, where the goal goes")
        if self.tau < 0:
            raise ConfigError(f"tau {self.tau:g}: a temperature is above 0 (0: the model's own)")

    def chances(self, frames: Frames, goals: Sequence[str]) -> Chances:
        """p of each frame's own goal."""
        return self.of_vectors(self.embedder.pictures(frames), goals)

    def of_vectors(self, pictures: Vectors, goals: Sequence[str]) -> Chances:
        """The same of frames that are vectors already."""
        texts = list(dict.fromkeys([*goals, *self.negatives]))
        near = pictures.astype(np.float64) @ self.vectors(texts).T.astype(np.float64)
        place = {text: at for at, text in enumerate(texts)}
        own = np.array([place[goal] for goal in goals])
        against = np.zeros(len(texts), np.bool_)
        against[[place[text] for text in self.negatives]] = True
        rows = np.arange(len(goals))
        counted = np.repeat(against[None], len(goals), 0)
        counted[rows, own] = True
        scores = np.where(counted, near / (self.tau or self.embedder.tau), -np.inf)
        chances: Chances = softmax(scores, axis=1)[rows, own]
        return chances

    def vectors(self, texts: Sequence[str]) -> Vectors:
        """Of sentences in the template; each is embedded once, alone, so that its vector depends on nothing else."""
        for text in texts:
            if text not in self._known:
                self._known[text] = self.embedder.sentences([self.template.format(text)])[0]
        return np.stack([self._known[text] for text in texts])


@dataclass
class RewardModel:
    """1 where p > β: a frame either shows the goal, which ends the episode, or earns nothing."""

    scorer: Scorer
    beta: float = 0.5

    def __post_init__(self) -> None:
        if not 0 <= self.beta < 1:
            raise ConfigError(f"beta {self.beta:g}: a probability from 0 up to 1, not 1 itself, which none exceeds")

    def __call__(self, frames: Frames, goals: Sequence[str]) -> NDArray[np.bool_]:
        """(frames,): whether each frame shows its goal."""
        return self.scorer.chances(frames, goals) > self.beta
