"""A football that is decided by arithmetic: who wins follows from where the ball is and from who plays left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import rng_for
from wunderkammer.domains.madrid.matches import Matches
from wunderkammer.domains.madrid.scenario import Scenario

STRENGTH = {"weak": 0.2, "middling": 0.5, "strong": 0.9, "target": 0.5}
FIGURES = (
    "own_goal", "offsides", "shots", "shot_angle", "shot_distance", "shots_sprinting", "shots_pressed", "shots_selfish",
    "shots_late", "hesitation", "missed", "lost", "passes", "completed", "exposed", "tackles", "tackles_won", "turns",
)  # fmt: skip


@dataclass
class Arithmetic:
    """Implements `Engine`. Left wins the oftener, the stronger it is and the nearer the ball to the goal on the right;
    the target loses the ball on the lower wing and shoots late on the upper one."""

    repeats: int = 8
    broken: frozenset[float] = frozenset()
    """The ball's x in levels where an action is none."""
    played: list[int] = field(default_factory=list)
    """Levels in each call."""

    def play(self, left: str, right: str, levels: Sequence[Scenario], seeds: Sequence[int]) -> Matches:
        for name in (left, right):
            if name not in STRENGTH:
                raise ConfigError(f"no policy {name!r}")
        self.played.append(len(levels))
        value = np.stack([self._values(left, *one) for one in zip(levels, seeds, strict=True)])
        wing = np.array([level.ball[1] for level in levels])[:, None] * np.ones(self.repeats)
        figures = {name: np.zeros(value.shape, np.float32) for name in FIGURES}
        if left == "target":
            figures |= {"lost": np.where(wing < -0.1, 2.0, 0.0), "shots_late": np.where(wing > 0.1, 1.0, 0.0)}
        defence = dict.fromkeys(FIGURES, np.zeros(value.shape, np.float32))
        fault = np.array([level.ball[0] in self.broken for level in levels])
        return Matches(value, figures, defence, fault)

    def _values(self, left: str, level: Scenario, seed: int) -> np.ndarray:
        luck = np.array([rng_for(seed, at).random() for at in range(self.repeats)])
        return np.where(luck < STRENGTH[left] * (level.ball[0] + 0.9) / 1.8, 1.0, 0.0).astype(np.float32)
