"""Where the time goes when an agent learns from pictures: the reward model, what surrounds it, world and policy.

    python benchmarks/vlm_rewards.py [--size l] [--updates 6]

The same training twice in one run, with and without the memory of frames that were seen. Models are untrained: what
they cost does not depend on what they know. Ends by itself, after about a minute on one core.
"""

from __future__ import annotations

import argparse
import time
from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

import jax
import numpy as np
import torch

from wunderkammer.domains.vlm_rewards.captions import TEMPLATES, negatives, rooms
from wunderkammer.domains.vlm_rewards.practising import apprenticeship, goals_of, many
from wunderkammer.domains.vlm_rewards.settings import VlmSettings
from wunderkammer.learners.vlm.clip import SIZES, Clip, make
from wunderkammer.learners.vlm.embedder import Embedder, Frames, Vectors
from wunderkammer.learners.vlm.memory import Remembering
from wunderkammer.learners.vlm.reward import Contrast, RewardModel
from wunderkammer.learners.vlm.vocabulary import Vocabulary


class Timed:
    """An embedder with a clock in it."""

    def __init__(self, embedder: Embedder) -> None:
        self.name, self._embedder, self.seconds, self.frames = embedder.name, embedder, 0.0, 0

    @property
    def tau(self) -> float:
        return self._embedder.tau

    def pictures(self, frames: Frames) -> Vectors:
        began = time.perf_counter()
        found = self._embedder.pictures(frames)
        self.seconds += time.perf_counter() - began
        self.frames += len(frames)
        return found

    def sentences(self, words: Sequence[str]) -> Vectors:
        return self._embedder.sentences(words)


def main() -> None:
    """Print shares, and frames a second."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--size", choices=SIZES, default="l")
    parser.add_argument("--updates", type=int, default=6)
    options = parser.parse_args()
    torch.set_num_threads(1)
    words = Vocabulary.of([TEMPLATES["picture"].format(one) for one in negatives("others")])
    settings = VlmSettings(size=options.size)
    clip = Clip(make(options.size, 48, settings.patch, words, 0), words)
    print(f"CLIP {options.size}: {clip.parameters:,} weights; {settings.games} episodes side by side, one thread")
    for remembers in (False, True):
        tell(f"memory {'on' if remembers else 'off'}", *trained(settings, clip, options.updates, remembers))


def trained(settings: VlmSettings, clip: Clip, updates: int, remembers: bool) -> tuple[dict[str, float], int, int]:
    """Seconds by part, frames that were asked about, frames that the model saw. The first update, which compiles, is
    not counted."""
    levels = rooms(settings.side, settings.toys, settings.horizon, held=True)
    learned = many(levels, jax.random.key(0), 1024)
    goals, timed = goals_of(learned), Timed(clip)
    reward = RewardModel(Contrast(Remembering(timed) if remembers else timed, negatives("others")), 0.5)
    trained, spent = apprenticeship(settings, levels.world, learned), defaultdict[str, float](float)
    for name in ("act", "_follow", "_learn"):
        trained.__dict__[name] = clocked(getattr(trained, name), spent, name)
    asked = 0

    def appraise(pictures: Any, playing: Any) -> Any:
        nonlocal asked
        began = time.perf_counter()
        found = reward(pictures, [goals[room] for room in np.asarray(playing.room)])
        spent["reward"] += time.perf_counter() - began
        asked += len(pictures)
        return found

    at = trained.begin(jax.random.key(1))
    for turn in range(updates + 1):
        if turn == 1:
            spent.clear()
            timed.seconds, timed.frames, asked, began = 0.0, 0, 0, time.perf_counter()
        at, _ = trained.turn(jax.random.key(turn), at, appraise)
    whole = time.perf_counter() - began
    parts = {
        "reward model": timed.seconds,
        "memory, softmax and goals": spent["reward"] - timed.seconds,
        "world, policy and pictures": spent["act"] + spent["_follow"],
        "learning": spent["_learn"],
    }
    return {**parts, "the rest": whole - sum(parts.values())}, asked, timed.frames


def clocked(work: Callable[..., Any], spent: dict[str, float], name: str) -> Callable[..., Any]:
    """The same, waited for and timed."""

    def done(*args: Any) -> Any:
        began = time.perf_counter()
        found = jax.block_until_ready(work(*args))
        spent[name] += time.perf_counter() - began
        return found

    return done


def tell(title: str, parts: dict[str, float], asked: int, looked: int) -> None:
    """One training's shares."""
    whole = sum(parts.values())
    print(f"{title}: {asked / whole:,.0f} frames a second; the model saw {looked / asked:.0%} of them")
    for name, seconds in parts.items():
        print(f"  {name:<28} {seconds:7.2f} s  {seconds / whole:4.0%}")


if __name__ == "__main__":
    main()
