"""A reward that is learned from frames whose reward is known, since video says nothing of what is wanted."""

from __future__ import annotations

import numpy as np
import torch
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.genie.imitating import ImitationOptions
from wunderkammer.domains.genie.imitation import clone
from wunderkammer.domains.genie.onlooker import Onlooker
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.games import Frames
from wunderkammer.worlds.film.shards import Shard


class RewardHead:
    """A reward learned from frames whose reward is known: the chance that two frames that follow one another are ones
    between which something was earned. What a world shows wrongly it rewards wrongly."""

    def __init__(self, judge: Onlooker) -> None:
        self._judge = judge

    @classmethod
    def fitted(cls, film: Film, frames: int = 2000, updates: int = 200, seed: int = 0) -> RewardHead:
        """Learn it from so many pairs of frames of levels to train on, half of them with a reward where there are as
        many.

        Raises:
            ConfigError: rewards are unknown, or none was earned.
        """
        seen, earned = _examples(film, frames, np.random.default_rng(seed))
        options = ImitationOptions(updates=updates, width=16)
        return cls(clone(seen, earned, 2, options, seed))

    def __call__(self, before: Frames, after: Frames) -> float:
        """Between 0 and 1."""
        return float(self.many(before[None], after[None])[0])

    @torch.inference_mode()
    def many(self, before: Frames, after: Frames) -> NDArray[np.float64]:
        """(n,) of n pairs at once, each (n, side, side, 3)."""
        chances = self._judge(torch.from_numpy(np.stack([before, after], 1))).softmax(-1)[:, 1]
        found: NDArray[np.float64] = chances.double().numpy()
        return found


def _examples(film: Film, count: int, rng: np.random.Generator) -> tuple[Frames, NDArray[np.int64]]:
    """Pairs of frames, (count, 2, side, side, 3), and whether something was earned between them, (count,)."""
    places: tuple[list[tuple[Shard, int]], list[tuple[Shard, int]]] = ([], [])
    for shard in film.manifest.shards:
        earned = film.labels(shard, 0, shard.frames)["reward"] > 0
        for one in shard.episodes:
            if one.split == "train":
                for at in range(one.start, one.start + one.length - 1):
                    places[int(earned[at])].append((shard, at))
    if not places[1]:
        raise ConfigError(f"nothing is ever seen to be earned in {film.folder}; a reward cannot be learned from it")
    chosen = [rng.choice(len(one), size=count // 2, replace=len(one) < count // 2) for one in places]
    found = [film.frames(*_pair(*of[at])) for of, drawn in zip(places, chosen, strict=True) for at in drawn]
    return np.stack(found), np.repeat([0, 1], count // 2)


def _pair(shard: Shard, at: int) -> tuple[Shard, int, int]:
    return shard, at, at + 2
