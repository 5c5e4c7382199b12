"""A learned world as a game, in a process of its own: `python -m wunderkammer.domains.genie.player CHECKPOINT`.

Where the world was learned from a game that can be played here, the true game stands beside it: frames to begin from
are first of all the beginnings of its levels, from which both go on.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import torch

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.play import MOST_WORDS, Clip, Rules, Scene, perform
from wunderkammer.domains.genie import origin, prompts
from wunderkammer.domains.genie.truth import Beside, TrueGame
from wunderkammer.learners.video.world_model import Session, WorldModel
from wunderkammer.worlds.film.console import ENVIRONMENT as PROCGEN
from wunderkammer.worlds.film.games import Frames
from wunderkammer.worlds.film.recording import GAMES, GameFilm
from wunderkammer.worlds.film.sources import foreign

ENLARGED = 256
"""Pixels of a saved clip's side at least, by whole multiples."""
FRAME_MS = 200
THREADS = 2


class WorldPlayer:
    """Implements `core.play.Player` for the world in a folder.

    game: of which it was learned; default: as is written beside the world. pythons: interpreters by environment; of
    those that other people's games need.
    """

    def __init__(self, folder: Path, game: str = "", pythons: Mapping[str, Path] = {}) -> None:
        self._world = WorldModel.load(folder)
        side = self._world.settings.side
        self._prompts = prompts.read(folder, side)
        self._session: Session | None = None
        self._true: TrueGame | None = None
        self._beside, words = _beside(self._world, folder, game, pythons)
        self._levels = len(self._beside.levels) if self._beside else 0
        self.rules = Rules(
            actions=self._world.actions,
            examples=self._levels + len(self._prompts),
            title="The learned world",
            truth=words,
        )
        self._level = cache(self._first_of)

    def start(self, prompt: bytes | None, example: int) -> Scene:
        self._true = None
        if prompt is not None:
            frame = prompts.fitted(prompt, self._world.settings.side)
        elif not self.rules.examples:
            raise ConfigError("this world came without frames to begin from; give a picture")
        elif self._beside and example < self._levels:
            self._true = self._beside.begin(example)
            frame = self._true.frames[0]
        else:
            frame = self._frame(example)
        self._session = self._world.start(frame)
        return self._scene()

    def example(self, number: int) -> bytes:
        return _png(self._frame(number))

    def step(self, action: int) -> Scene:
        self._going.step(action)
        if self._true:
            self._true.step(action)
        return self._scene()

    def undo(self) -> Scene:
        self._going.undo()
        if self._true:
            self._true.undo()
        return self._scene()

    def save(self) -> Clip:
        """The way through the learned world; beside it that through the true game, as long as that lasted."""
        frames = np.stack(self._going.frames)
        if self._true:
            true = self._true.frames[: len(frames)]
            frames = np.concatenate([frames, np.stack([*true, *[true[-1]] * (len(frames) - len(true))])], 2)
        times = -(-ENLARGED // self._world.settings.side)
        large = frames.repeat(times, 1).repeat(times, 2)
        data = imageio.imwrite("<bytes>", large, extension=".gif", duration=FRAME_MS, loop=0)
        return Clip(media="image/gif", data=data)

    @property
    def _going(self) -> Session:
        if self._session is None:
            raise ConfigError("nothing has begun: start from a picture or a frame")
        return self._session

    def _frame(self, number: int) -> Frames:
        """To begin from: beginnings of levels, then frames that were kept."""
        if not 0 <= number < self.rules.examples:
            raise ConfigError("this world came without that frame to begin from; give a picture")
        return self._level(number) if number < self._levels else self._prompts[number - self._levels]

    def _first_of(self, level: int) -> Frames:
        assert self._beside is not None
        return self._beside.look(level)

    def _scene(self) -> Scene:
        true = self._true.frame if self._true else None
        return Scene(
            frame=_png(self._going.frame),
            truth=None if true is None else _png(true),
            steps=len(self._going.actions),
        )


def _beside(world: WorldModel, folder: Path, game: str, pythons: Mapping[str, Path]) -> tuple[Beside | None, str]:
    """The true game, and what is to be said of it; without one, why."""
    noted = origin.read(folder)
    name = game or (noted.source if noted else "")
    if not name:
        return None, "It is not known of which game this world was learned"
    if name not in GAMES:
        return None, f"{name} is no game that could be played beside"
    if foreign(name) and PROCGEN not in pythons:
        return None, f"{name} could be played beside after: wunder setup {PROCGEN}"
    source = GameFilm(name, 0, world.settings.side, python=pythons.get(PROCGEN, Path()))
    try:
        found = Beside(world, source)
    except ConfigError as fault:
        if game:
            raise
        return None, f"{name} cannot be played beside: {fault}"[:MOST_WORDS]
    return found, found.words[:MOST_WORDS]


def _png(frame: np.ndarray) -> bytes:
    return bytes(imageio.imwrite("<bytes>", frame, extension=".png"))


def main() -> None:
    """Answer until nobody asks any more."""
    torch.set_num_threads(min(THREADS, torch.get_num_threads()))
    asked = argparse.ArgumentParser()
    asked.add_argument("world", type=Path)
    asked.add_argument("--game", default="")
    asked.add_argument("--python", action="append", default=[], metavar="ENVIRONMENT=PATH")
    given = asked.parse_args()
    pythons = {name: Path(path) for name, _, path in (one.partition("=") for one in given.python)}
    try:
        player = WorldPlayer(given.world, given.game, pythons)
    except ConfigError as fault:
        print(fault, file=sys.stderr)
        raise SystemExit(2) from None
    perform(player)


if __name__ == "__main__":
    main()
