"""The true game beside a learned one: the same way in both, latent actions translated by a few labelled frames.

Who plays a learned world names latent actions, and what these mean nobody has said. So the true game is played for a
little at random, the action model says which latent action it sees in each step, and each latent action stands for the
true one that went with it most often.
"""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.genie import meaning
from wunderkammer.domains.genie.imitation import infer
from wunderkammer.learners.video.world_model import WorldModel
from wunderkammer.worlds.film.fit import fit
from wunderkammer.worlds.film.games import Frames, Games
from wunderkammer.worlds.film.recording import GameFilm, episodes, wanderer
from wunderkammer.worlds.film.shards import split_of

LABELLED = 200
"""Frames whose true action is used."""
LEVELS = 8
"""Unseen levels to begin from."""
FITTED_LEVELS = 3_000_000
"""Where the levels begin in which labels are taken: no world was trained on any of them, nor is any played."""
_GAMES, _STEPS = 8, 64
NAMES: dict[str, dict[int, str]] = {
    "grid": {0: "right", 1: "down", 2: "left", 3: "up"},
    "maze": {0: "turn left", 1: "turn right", 2: "forward"},
    "coinrun": {1: "left", 2: "left and up", 4: "nothing", 5: "up", 7: "right", 8: "right and up"},
    "ninja": {1: "left", 2: "left and up", 4: "nothing", 5: "up", 7: "right", 8: "right and up", 9: "throw"},
}
"""True actions in words, of those that are filmed."""


class Translation(NamedTuple):
    """What latent actions stand for."""

    table: NDArray[np.int64]
    """(latent actions,): the true one."""
    right: float
    """Share of further frames in which that is what was done."""
    most: float
    """The same of the most frequent true action, always: what `right` has to be compared with."""
    labelled: int

    def words(self, game: str) -> str:
        """A line for whoever plays."""
        names = NAMES.get(game, {})
        told = ", ".join(f"{at} {names.get(int(to), f'action {to}')}" for at, to in enumerate(self.table, 1))
        return (
            f"The true {game}; latent actions as {self.labelled} labelled frames tell them (right in {self.right:.0%} "
            f"of others, the most frequent action in {self.most:.0%}): {told}"
        )


def translation(world: WorldModel, source: GameFilm, labelled: int = LABELLED, seed: int = 0) -> Translation:
    """Play a little at random, and count.

    Raises:
        ConfigError: the game cannot be started.
    """
    rng = np.random.default_rng([seed, 0x7207])
    with replace(source, first_level=FITTED_LEVELS, levels=100_000).open(seed, _GAMES) as games:
        player = wanderer(source.game, games.actions, rng)
        takes = [one for one in episodes(games, player, _STEPS, source.side) if len(one.frames) > 1]
    codes = np.concatenate(infer(world, takes))
    actions = np.concatenate([one.labels["action"][:-1].astype(np.int64) for one in takes])
    order = rng.permutation(len(codes))
    known, rest = order[:labelled], order[labelled:]
    table = meaning.mapping(codes[known], actions[known], world.actions)
    most = np.bincount(actions[known]).argmax()
    return Translation(
        table, float((table[codes[rest]] == actions[rest]).mean()), float((actions[rest] == most).mean()), len(known)
    )


def unseen_levels(count: int = LEVELS) -> list[int]:
    """Levels that no world is trained on, by the split of all films."""
    found = (level for level in range(2000) if split_of(level) == "test")
    return [next(found) for _ in range(count)]


class TrueGame:
    """One level of the true game, played by latent actions. To be closed.

    Attributes:
        frames: what was seen since the beginning, (side, side, 3) each.
    """

    def __init__(self, source: GameFilm, table: NDArray[np.int64], level: int) -> None:
        self._source, self._table = replace(source, first_level=level, levels=1), table
        self._done: list[int] = []
        self._games: Games | None = self._source.open(0, 1)
        self._length: int | None = None
        self.frames = [self._seen(self._games)]

    @property
    def frame(self) -> Frames | None:
        """Where we are; None once the episode has ended."""
        ended = self._length is not None and len(self._done) >= self._length
        return None if ended else self.frames[len(self._done)]

    def step(self, latent: int) -> Frames | None:
        """Do what a latent action stands for. Nothing happens any more once the episode has ended."""
        action = int(self._table[latent])
        self._done.append(action)
        if self._length is not None:
            return self.frame
        games = self._live()
        games.act(np.array([action]))
        if games.see().firsts[0]:
            self._length = len(self._done)
        else:
            self.frames.append(self._seen(games))
        return self.frame

    def undo(self) -> Frames | None:
        """Take the last action back; the game is played again from its beginning when it goes on."""
        if self._done:
            self._done.pop()
            if self._length is not None and len(self._done) < self._length:
                self._length = None
            if self._length is None:
                del self.frames[len(self._done) + 1 :]
                self.close()
        return self.frame

    def close(self) -> None:
        """End it."""
        if self._games is not None:
            self._games.close()
            self._games = None

    def _live(self) -> Games:
        """The game where we were before the action that is to be done."""
        if self._games is None:
            self._games = self._source.open(0, 1)
            for action in self._done[:-1]:
                self._games.act(np.array([action]))
        return self._games

    def _seen(self, games: Games) -> Frames:
        found: Frames = fit(games.see().frames, self._source.side)[0]
        return found


class Beside:
    """The true games of a world: levels to begin from, and what latent actions mean in them."""

    def __init__(self, world: WorldModel, source: GameFilm) -> None:
        """Raises `ConfigError` where the game cannot be started, or shows nothing of which frames could be made."""
        self.source = source
        self.translation = translation(world, source)
        self.levels = unseen_levels()
        self._now: TrueGame | None = None

    @property
    def words(self) -> str:
        return self.translation.words(self.source.game)

    def begin(self, number: int) -> TrueGame:
        """The n-th level, from its beginning; the one before is ended."""
        if not 0 <= number < len(self.levels):
            raise ConfigError(f"there is no level {number}: there are {len(self.levels)}")
        self.close()
        self._now = TrueGame(self.source, self.translation.table, self.levels[number])
        return self._now

    def look(self, number: int) -> Frames:
        """The first frame of a level, (side, side, 3)."""
        game = TrueGame(self.source, self.translation.table, self.levels[number])
        try:
            return game.frames[0]
        finally:
            game.close()

    def close(self) -> None:
        """End the game that is played."""
        if self._now is not None:
            self._now.close()
            self._now = None
