"""A learned world as games in lock-step: many ways through it at once, each begun anew when it is over (torch)."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.video.world_model import Window, WorldModel
from wunderkammer.worlds.film.games import Closing, Frames, Ints, Scene

Earns = Callable[[Frames, Frames], NDArray[np.float64]]
"""Of frames and the next ones, each (n, side, side, 3): what was earned in between, (n,)."""
ENOUGH = 0.5
"""What a step has to earn to count as an arrival: it then earns 1, and the episode is over."""


class Dream(Closing):
    """Implements `Games`: so many at once, whose actions are latent ones. A level is the number of a prompt.

    prompts: frames that episodes begin with, (n, side, side, 3). An episode ends where the world is seen to reward it,
    or after `horizon` steps. One begins as a still picture: as if nothing had happened for as long as the others have
    been going on, so that all look back equally far.
    """

    def __init__(
        self,
        world: WorldModel,
        prompts: Frames,
        earns: Earns,
        count: int,
        horizon: int,
        seed: int,
        ordered: bool = False,
        rounds: int | None = None,
        temperature: float | None = None,
    ) -> None:
        """ordered: the first episodes begin with the prompts in their order; default: all are drawn.
        rounds, temperature: how a frame is sampled; default: as the world's settings have it."""
        if not len(prompts):
            raise ConfigError("a learned world needs at least one frame to begin with")
        self.world, self.prompts, self.earns, self.horizon = world, prompts, earns, horizon
        self.rounds, self.temperature = rounds, temperature
        self._dice = np.random.default_rng(seed)
        self._generator = torch.Generator(world.device).manual_seed(seed)
        self._levels = np.arange(count) % len(prompts) if ordered else self._dice.integers(len(prompts), size=count)
        self._time = np.zeros(count, np.int64)
        self._rewards, self._firsts = np.zeros(count, np.float32), np.ones(count, np.bool_)
        first = torch.from_numpy(prompts[self._levels])[:, None].to(world.device)
        self._window = world.begin(first, torch.zeros(count, 0, dtype=torch.int64, device=world.device))

    @property
    def actions(self) -> int:
        return self.world.actions

    def see(self) -> Scene:
        """What they show now."""
        return Scene(self._frames(), self._rewards.copy(), self._firsts.copy(), self._levels.copy())

    def act(self, actions: Ints) -> None:
        """One latent action each."""
        before = self._frames()
        told = torch.as_tensor(np.asarray(actions, np.int64), device=self.world.device)
        self._window = self.world.advance(
            self._window, told, self._generator, steps=self.rounds, temperature=self.temperature
        )
        self._rewards = (self.earns(before, self._frames()) > ENOUGH).astype(np.float32)
        self._time += 1
        self._firsts = (self._rewards > 0) | (self._time >= self.horizon)
        if self._firsts.any():
            self._begin(np.flatnonzero(self._firsts))

    def _frames(self) -> Frames:
        found: Frames = self._window.frames[-1].cpu().numpy()
        return found

    @torch.inference_mode()
    def _begin(self, rows: NDArray[np.int64]) -> None:
        self._levels[rows] = self._dice.integers(len(self.prompts), size=len(rows))
        self._time[rows] = 0
        length = self._window.codes.shape[1]
        still = torch.from_numpy(self.prompts[self._levels[rows]])[:, None].to(self.world.device)
        still = still.expand(-1, length, *still.shape[2:])
        fresh = self.world.begin(still, self.world.infer(still))
        at = torch.from_numpy(rows).to(self.world.device)
        self._window = Window(
            self._window.codes.index_copy(0, at, fresh.codes),
            self._window.actions.index_copy(0, at, fresh.actions),
            tuple(old.index_copy(0, at, new) for old, new in zip(self._window.frames, fresh.frames, strict=True)),
            self.world.remembered(self._window).replaced(at, self.world.remembered(fresh)),
        )
