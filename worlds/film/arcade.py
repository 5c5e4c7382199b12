"""Games in lock-step over a pipe; a program of its own, run by the Python of the environment `procgen`.

    python arcade.py '{"game": "coinrun", "count": 16, "seed": 0, "first_level": 0, "levels": 2000, "mode": "hard"}'

It writes one JSON line (`width`, `height`, `actions`), then without end: frames (count, height, width, 3) uint8,
rewards (count,) float32, firsts (count,) uint8 and levels (count,) int64, each in C order and little-endian; after each
of these it reads (count,) int32 actions and plays them. It ends when its input does. Nothing of our package is imported
here: that environment has another numpy than ours.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import sys
from typing import Any, BinaryIO

import numpy as np

ATARI_SKIP = 4
"""Screens of an Atari game to one frame of ours: 15 frames a second."""
ATARI_SKY, ATARI_HEIGHT = 32, 160
"""Rows above the field that are left out, and rows that stay: the square in which it is played."""


class Procgen:
    """Games of the Procgen Benchmark (Cobbe et al. 2020); a level is what a seed makes."""

    actions = 15

    def __init__(self, game: str, count: int, seed: int, first_level: int, levels: int, mode: str) -> None:
        self.env = importlib.import_module("procgen").ProcgenGym3Env(
            num=count,
            env_name=game,
            rand_seed=seed,
            start_level=first_level,
            num_levels=levels,
            distribution_mode=mode,
            num_threads=0,
        )

    def see(self) -> tuple[Any, Any, Any, Any]:
        """Frames, what the last actions earned, whether an episode begins here, levels."""
        rewards, seen, firsts = self.env.observe()
        levels = [info["level_seed"] for info in self.env.get_info()]
        return seen["rgb"], rewards, firsts, levels

    def act(self, actions: Any) -> None:
        """Play them; a game that is over goes on in another level."""
        self.env.act(actions)


class Atari:
    """Games of the Arcade Learning Environment (Bellemare et al. 2013); an episode is its own level."""

    def __init__(self, game: str, count: int, seed: int, first_level: int, levels: int, mode: str) -> None:
        ale = importlib.import_module("ale_py")
        ale.ALEInterface.setLoggerMode(ale.LoggerMode.Error)
        self.games = [ale.ALEInterface() for _ in range(count)]
        rom = importlib.import_module("ale_py.roms").get_rom_path(game)
        for at, one in enumerate(self.games):
            one.setInt("random_seed", (seed * 1009 + at) % 2**31)
            one.setFloat("repeat_action_probability", 0.0)
            one.loadROM(rom)
        self.legal = self.games[0].getMinimalActionSet()
        self.actions = len(self.legal)
        self.rng = np.random.default_rng(seed)
        self.first_level, self.spread = first_level, levels or 2**31
        self.rewards, self.firsts = np.zeros(count, np.float32), np.ones(count, np.uint8)
        self.levels = np.zeros(count, np.int64)
        for at in range(count):
            self._begin(at)

    def see(self) -> tuple[Any, Any, Any, Any]:
        """As `Procgen.see`."""
        field = slice(ATARI_SKY, ATARI_SKY + ATARI_HEIGHT)
        return np.stack([one.getScreenRGB()[field] for one in self.games]), self.rewards, self.firsts, self.levels

    def act(self, actions: Any) -> None:
        """Play them; a game that is over begins anew."""
        for at, (one, action) in enumerate(zip(self.games, actions, strict=True)):
            self.rewards[at] = sum(one.act(self.legal[action]) for _ in range(ATARI_SKIP))
            self.firsts[at] = one.game_over()
            if self.firsts[at]:
                self._begin(at)

    def _begin(self, at: int) -> None:
        """A level is a number of idle steps and of random ones, drawn by its seed: what else would differ?"""
        level = self.first_level + int(self.rng.integers(self.spread))
        one, dice = self.games[at], np.random.default_rng(level)
        one.reset_game()
        for action in dice.integers(self.actions, size=int(dice.integers(64))):
            one.act(self.legal[action])
        if one.game_over():
            one.reset_game()
        self.levels[at] = level


def serve(games: Any, source: BinaryIO, sink: BinaryIO, count: int) -> None:
    """Show and play until nobody listens."""
    frames, *rest = games.see()
    said = {"height": frames.shape[1], "width": frames.shape[2], "actions": games.actions}
    sink.write(json.dumps(said).encode() + b"\n")
    while True:
        for value, kind in zip((frames, *rest), ("u1", "<f4", "u1", "<i8"), strict=True):
            sink.write(np.ascontiguousarray(value, kind).tobytes())
        sink.flush()
        heard = source.read(4 * count)
        if len(heard) < 4 * count:
            return
        games.act(np.frombuffer(heard, "<i4"))
        frames, *rest = games.see()


def main(words: str) -> None:
    """Serve the games that one JSON object names."""
    wanted = json.loads(words)
    sink = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # what libraries print goes where errors go
    kind = Atari if wanted["game"] == "pitfall" else Procgen
    with contextlib.suppress(BrokenPipeError):  # who asked has ended
        serve(kind(**wanted), sys.stdin.buffer, sink, wanted["count"])


if __name__ == "__main__":
    main(sys.argv[1])
