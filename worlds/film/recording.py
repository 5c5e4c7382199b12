"""Games filmed while somebody plays: the frames, and apart from them what was done, earned, and in which level."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wunderkammer.worlds.film.console import ATARI, PROCGEN, Console
from wunderkammer.worlds.film.fit import fit
from wunderkammer.worlds.film.games import Frames, Games, Player, Wanderer
from wunderkammer.worlds.film.grid import Grid
from wunderkammer.worlds.film.shards import LABEL, Reel, Skipped, split_of

GRIDS = ("grid", "maze")
GAMES = (*PROCGEN, *ATARI, *GRIDS)
_ACTIONS = {"coinrun": 15, "ninja": 15, "pitfall": 18, "grid": 4, "maze": 3}
"""How many true actions there are; to ask the games would mean to start them."""
AT_ONCE, STEPS = 32, 256
"""Games of a unit, and frames of each of them."""
_MOVES = {1: 0.15, 2: 0.1, 4: 0.1, 5: 0.1, 7: 0.3, 8: 0.25}
"""Of Procgen's 15: left, left and up, nothing, up, right, right and up; mostly to the right, where a level goes on."""


@dataclass(frozen=True)
class GameFilm:
    """So many frames of a game, played at random.

    python: the interpreter of the environment `procgen`; unused by games of our own. levels: seeds from the first.
    """

    game: str
    frames: int
    side: int
    seed: int = 0
    python: Path = Path()
    first_level: int = 0
    levels: int = 2000
    mode: str = "hard"

    @property
    def name(self) -> str:
        return self.game

    @property
    def fps(self) -> float:
        return 15.0 if self.game not in GRIDS else 4.0

    @property
    def actions(self) -> int | None:
        return _ACTIONS[self.game]

    def recipe(self) -> object:
        """Its fields, without where the interpreter lies."""
        return {name: value for name, value in asdict(self).items() if name != "python"}

    def units(self) -> Sequence[Rollout]:
        """As many as hold the frames."""
        return [Rollout(self, at) for at in range(-(-self.frames // (AT_ONCE * STEPS)))]

    def open(self, seed: int, count: int) -> Games:
        """So many of the games."""
        if self.game in GRIDS:
            return _grid(self, seed, count)
        return Console(
            self.python,
            self.game,
            count,
            seed,
            first_level=self.first_level,
            levels=self.levels,
            mode=self.mode,
        )


@dataclass(frozen=True)
class Rollout:
    """The n-th unit of a game's film: games of its own, from their beginning."""

    source: GameFilm
    number: int

    @property
    def name(self) -> str:
        return f"{self.number:05d}"

    def film(self, reel: Reel) -> Skipped:
        """Play, and keep what was seen."""
        seed = int(np.random.SeedSequence([self.source.seed, self.number]).generate_state(1)[0])
        with self.source.open(seed, AT_ONCE) as games:
            rng = np.random.default_rng([seed, 1])
            play = wanderer(self.source.game, games.actions, rng)
            record(games, play, STEPS, self.source.side, reel)
        return Skipped()


class Take(NamedTuple):
    """An episode, or the part of one that was filmed."""

    frames: Frames
    """(time, side, side, 3)."""
    labels: NDArray[np.void]
    """(time,) of `LABEL`; what the last action led to is not to be seen."""
    level: int


def wanderer(game: str, actions: int, rng: np.random.Generator) -> Wanderer:
    """Who plays a game at random."""
    if game in PROCGEN:
        moves = dict(_MOVES) if game == "coinrun" else _MOVES | {9: 0.1}
        return Wanderer(rng, [moves.get(action, 0.0) for action in range(actions)], hold=4.0)
    return Wanderer(rng, [1.0] * actions, hold=4.0 if game in ATARI else 1.0)


def record(games: Games, play: Player, steps: int, side: int, reel: Reel) -> None:
    """Film so many steps of each game, an episode a stretch."""
    for one in episodes(games, play, steps, side):
        reel.add(one.frames, str(one.level), split_of(one.level), one.labels)


def episodes(games: Games, play: Player, steps: int, side: int) -> Iterator[Take]:
    """What so many steps of each game show, cut where an episode ends; the last of a game may not be over."""
    count = len(games.see().levels)
    frames = np.empty((count, steps, side, side, 3), np.uint8)
    labels = np.zeros((count, steps), LABEL)
    levels, firsts = np.empty((count, steps), np.int64), np.zeros((count, steps), np.bool_)
    for step in range(steps):
        scene = games.see()
        frames[:, step] = fit(scene.frames, side)
        levels[:, step], firsts[:, step] = scene.levels, scene.firsts
        if step:
            labels["reward"][:, step - 1] = scene.rewards
        chosen = play(scene)
        labels["action"][:, step] = chosen
        games.act(chosen)
    labels["reward"][:, -1] = games.see().rewards
    for game in range(count):
        cuts = [0, *(int(at) for at in np.flatnonzero(firsts[game]) if at), steps]
        for start, stop in pairwise(cuts):
            yield Take(frames[game, start:stop], labels[game, start:stop], int(levels[game, start]))


def _grid(source: GameFilm, seed: int, count: int) -> Games:
    if source.game == "maze":
        from wunderkammer.worlds.film.maze import MazeGames  # jax

        return MazeGames(count, seed, first_level=source.first_level, levels=source.levels)
    return Grid(count, seed, first_level=source.first_level, levels=source.levels)
