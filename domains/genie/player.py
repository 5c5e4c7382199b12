"""A learned world as a game, in a process of its own: `python -m wunderkammer.domains.genie.player CHECKPOINT`."""

from __future__ import annotations

import sys
from pathlib import Path

import imageio.v3 as imageio
import numpy as np
import torch

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.play import Clip, Rules, Scene, perform
from wunderkammer.domains.genie import prompts
from wunderkammer.learners.video.world_model import Session, WorldModel

ENLARGED = 256
"""Pixels of a saved clip's side at least, by whole multiples."""
FRAME_MS = 200
THREADS = 2


class WorldPlayer:
    """Implements `core.play.Player` for the world in a folder."""

    def __init__(self, folder: Path) -> None:
        self._world = WorldModel.load(folder)
        self._prompts = prompts.read(folder, self._world.settings.side)
        self._session: Session | None = None
        self.rules = Rules(actions=self._world.actions, examples=len(self._prompts), title=folder.parent.name)

    def start(self, prompt: bytes | None, example: int) -> Scene:
        if prompt is not None:
            frame = prompts.fitted(prompt, self._world.settings.side)
        elif example < len(self._prompts):
            frame = self._prompts[example]
        else:
            raise ConfigError("this world came without frames to begin from; give a picture")
        self._session = self._world.start(frame)
        return self._scene()

    def example(self, number: int) -> bytes:
        return _png(self._prompts[number])

    def step(self, action: int) -> Scene:
        self._going.step(action)
        return self._scene()

    def undo(self) -> Scene:
        self._going.undo()
        return self._scene()

    def save(self) -> Clip:
        times = -(-ENLARGED // self._world.settings.side)
        frames = np.stack(self._going.frames).repeat(times, 1).repeat(times, 2)
        data = imageio.imwrite("<bytes>", frames, extension=".gif", duration=FRAME_MS, loop=0)
        return Clip(media="image/gif", data=data)

    @property
    def _going(self) -> Session:
        if self._session is None:
            raise ConfigError("nothing has begun: start from a picture or a frame")
        return self._session

    def _scene(self) -> Scene:
        return Scene(frame=_png(self._going.frame), steps=len(self._going.actions))


def _png(frame: np.ndarray) -> bytes:
    return bytes(imageio.imwrite("<bytes>", frame, extension=".png"))


def main() -> None:
    """Answer until nobody asks any more."""
    torch.set_num_threads(min(THREADS, torch.get_num_threads()))
    try:
        player = WorldPlayer(Path(sys.argv[1]))
    except ConfigError as fault:
        print(fault, file=sys.stderr)
        raise SystemExit(2) from None
    perform(player)


if __name__ == "__main__":
    main()
