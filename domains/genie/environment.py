"""A learned world as a Gymnasium environment: any agent can act in what was learned from video.

Video says nothing of what is wanted, so a learned world has no reward of its own. Who makes the environment states one:
a function of two frames that follow one another, such as `RewardHead`, which is fitted on frames of known reward; with
none, every reward is 0. Nor does video say where an episode ends: ours end by time alone.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, ClassVar

import gymnasium
import numpy as np
from gymnasium import spaces

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.genie.reward import RewardHead
from wunderkammer.learners.video.world_model import Session, WorldModel
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.games import Frames
from wunderkammer.worlds.film.shards import Split

__all__ = ["LearnedWorld", "Reward", "RewardHead", "prompts"]
Reward = Callable[[Frames, Frames], float]
"""Of a frame and the next, each (side, side, 3)."""


class LearnedWorld(gymnasium.Env[Frames, np.int64]):
    """Play in a learned world. Observations are its frames, actions its latent actions.

    prompts: frames that episodes begin with, (n, side, side, 3); one is drawn for each.
    reward: see `Reward`; default: always 0.
    horizon: steps after which an episode is cut off (`truncated`); it never terminates.
    """

    metadata: ClassVar[dict[str, Any]] = {"render_modes": ["rgb_array"], "render_fps": 10}
    render_mode = "rgb_array"

    def __init__(self, world: WorldModel, prompts: Frames, reward: Reward | None = None, horizon: int = 64) -> None:
        if not len(prompts):
            raise ConfigError("a learned world needs at least one frame to begin with")
        self.world, self.prompts, self.reward, self.horizon = world, prompts, reward, horizon
        side = world.settings.side
        self.observation_space = spaces.Box(0, 255, (side, side, 3), np.uint8)
        self.action_space = spaces.Discrete(world.actions)
        self._session: Session | None = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Frames, dict[str, Any]]:
        """Begin from a prompt. options: `prompt`, which one; default: drawn."""
        super().reset(seed=seed)
        which = int((options or {}).get("prompt", self.np_random.integers(len(self.prompts))))
        self._session = self.world.start(self.prompts[which], seed=int(self.np_random.integers(2**31)))
        return self._session.frame, {"prompt": which}

    def step(self, action: np.int64) -> tuple[Frames, float, bool, bool, dict[str, Any]]:
        """One latent action; the frame that the world foresees."""
        session = self._begun()
        before = session.frame
        after = session.step(int(action))
        earned = 0.0 if self.reward is None else float(self.reward(before, after))
        return after, earned, False, len(session.actions) >= self.horizon, {}

    def render(self) -> Frames:
        """The frame that is seen."""
        return self._begun().frame

    def _begun(self) -> Session:
        if self._session is None:
            raise gymnasium.error.ResetNeeded("call reset before step or render")
        return self._session


def prompts(film: Film, count: int, split: Split = "test", seed: int = 0) -> Frames:
    """Frames to begin with: (count, side, side, 3), of as many levels as there are."""
    return film.held_out(count, 1, split=split, seed=seed).frames[:, 0]
