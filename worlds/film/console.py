"""Games in a process of their own, with a Python of their own: Procgen's and Atari's, spoken to over a pipe."""

from __future__ import annotations

import contextlib
import json
import subprocess
import tempfile
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.games import Closing, Ints, Scene

PROCGEN = ("coinrun", "ninja")
ATARI = ("pitfall",)
ENVIRONMENT = "procgen"
"""What `wunder setup` calls the environment that has them."""
_PATIENCE = 5.0
"""Seconds that the program may take to end after its input has."""


class Console(Closing):
    """So many games of one name, in lock-step. A context manager.

    python: the interpreter that has the games: of the environment `procgen`. first_level, levels: seeds from the first,
    so many of them; 0: as many as there are. mode: Procgen's `easy` or `hard`.
    """

    def __init__(
        self,
        python: Path,
        game: str,
        count: int,
        seed: int,
        *,
        first_level: int = 0,
        levels: int = 0,
        mode: str = "hard",
    ) -> None:
        wanted = {"game": game, "count": count, "seed": seed % 2**31}
        wanted |= {"first_level": first_level, "levels": levels, "mode": mode}
        program = Path(str(files("wunderkammer.worlds.film").joinpath("arcade.py")))
        self.game, self.count = game, count
        self._said = tempfile.TemporaryFile()  # noqa: SIM115 (until `close`)
        command = [str(python), "-I", str(program), json.dumps(wanted)]
        try:
            self._program = subprocess.Popen(
                command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._said, start_new_session=True
            )
        except OSError as fault:
            self._said.close()
            raise ConfigError(f"{python}: {fault.strerror}; make it with: wunder setup {ENVIRONMENT}") from None
        if self._program.stdin is None or self._program.stdout is None:
            raise ConfigError(f"{game}: no pipe to its program")
        self._to, self._from = self._program.stdin, self._program.stdout
        try:
            said = json.loads(self._from.readline() or b"{}")
            self.height, self.width, self.actions = said["height"], said["width"], int(said["actions"])
        except (ValueError, KeyError):
            raise self._ended() from None
        self._scene: Scene | None = None

    def see(self) -> Scene:
        """What they show now."""
        if self._scene is None:
            frames = self._hear("u1", self.count * self.height * self.width * 3)
            rewards, firsts = self._hear("<f4", self.count), self._hear("u1", self.count)
            levels = self._hear("<i8", self.count)
            shape = (self.count, self.height, self.width, 3)
            self._scene = Scene(
                frames.reshape(shape), rewards.astype(np.float32), firsts.astype(np.bool_), levels.astype(np.int64)
            )
        return self._scene

    def act(self, actions: Ints) -> None:
        """Play one action each."""
        self.see()
        chosen = np.asarray(actions, "<i4")
        if chosen.shape != (self.count,) or chosen.min() < 0 or chosen.max() >= self.actions:
            raise ConfigError(f"{self.game}: {self.count} actions in [0, {self.actions}) are wanted")
        try:
            self._to.write(chosen.tobytes())
            self._to.flush()
        except OSError:
            raise self._ended() from None
        self._scene = None

    def close(self) -> None:
        """End the program."""
        with contextlib.suppress(OSError):  # it has ended before
            self._to.close()
        self._from.close()
        try:
            self._program.wait(_PATIENCE)
        except subprocess.TimeoutExpired:
            self._program.kill()
            self._program.wait()
        self._said.close()

    def _hear(self, kind: str, count: int) -> NDArray[Any]:
        size = np.dtype(kind).itemsize * count
        data = self._from.read(size)
        if len(data) < size:
            raise self._ended()
        return np.frombuffer(data, kind)

    def _ended(self) -> ConfigError:
        """Why the program has ended, in one line."""
        self._program.kill()
        self._program.wait()
        self._said.seek(0)
        lines = self._said.read().decode("utf-8", "replace").split("\n")
        last = next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
        self.close()
        hint = f"; make its environment with: wunder setup {ENVIRONMENT}" if "No module named" in last else ""
        return ConfigError(f"{self.game} ended: {last[:200]}{hint}")
