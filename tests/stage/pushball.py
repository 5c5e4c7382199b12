"""A football without physics, laid out as vmas's environment is: what the pitch `vmas` is tried with where there is
none.

Whoever acts goes 0.1 along each axis, and whoever reaches the ball takes it along; vmas's own players go straight on.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np

REACH, STEP = 0.05, 0.1
PUSH = np.array([0.0, -STEP, STEP])


def body(x: float = 0.0) -> SimpleNamespace:
    return SimpleNamespace(state=SimpleNamespace(pos=np.array([[x, 0.0]]), vel=np.zeros((1, 2))))


class Pushball:
    """What `make_env("football", …)` gives."""

    def __init__(self, scenario: str, **told: Any) -> None:
        assert (scenario, told["num_envs"], told["continuous_actions"]) == ("football", 1, False)
        self.told = told
        blue = [body(-1.0) for _ in range(told["n_blue_agents"])]
        red = [body(1.0) for _ in range(told["n_red_agents"])]
        self.scenario = SimpleNamespace(
            blue_agents=blue, red_agents=red, ball=body(), reward=self._look, max_speed=0.15,
            pitch_length=3.0, pitch_width=1.5, agent_size=0.025, ball_size=0.02,
        )  # fmt: skip
        self.players = [(one, 1, told["ai_blue_agents"]) for one in blue]
        self.players += [(one, -1, told["ai_red_agents"]) for one in red]
        self.asked = [(one, sign) for one, sign, own in self.players if not own]
        features = 16 + 8 * (len(self.players) - 1)
        self.observation_space = [SimpleNamespace(shape=(features,)) for _ in self.asked]
        self.action_space = [SimpleNamespace(n=9) for _ in self.asked]
        self.over = False

    def reset(self, seed: int | None = None, return_observations: bool = True) -> None:
        self.over = False
        for one, sign, _ in self.players:
            one.state.pos[0] = -sign, 0.0
        self.scenario.ball.state.pos[0] = 0.0

    def get_from_scenario(self, **told: bool) -> list[Any]:
        assert told.pop("get_observations")
        assert not any(told.values())
        return [[self._shown(one.state.pos[0], sign) for one, sign in self.asked]]

    def step(self, actions: list[list[float]]) -> list[Any]:
        assert len(actions) == len(self.asked)
        chosen = iter(actions)
        ball = self.scenario.ball.state.pos[0]
        for one, sign, own in self.players:
            x, y = (2, 0) if own else divmod(int(next(chosen)[0]), 3)
            way = np.array([sign * PUSH[x], PUSH[y]])
            near = np.linalg.norm(one.state.pos[0] - ball) < REACH
            one.state.pos[0] += way
            one.state.vel[0] = way
            ball += way * near
        return [*self.get_from_scenario(get_observations=True), [], np.array([False]), []]

    def done(self) -> np.ndarray:
        return np.array([self.over])

    def _look(self, agent: None) -> None:
        self.over = bool(abs(self.scenario.ball.state.pos[0, 0]) > 1.51)

    def _shown(self, place: np.ndarray, sign: int) -> np.ndarray:
        seen = np.zeros((1, self.observation_space[0].shape[0]))
        ball, goal = self.scenario.ball.state.pos[0], np.array([sign * 1.51, 0.0])
        for at, gap in ((2, place - ball), (6, ball - goal), (12, place - goal)):
            seen[0, at : at + 2] = gap * (sign, 1)
        return seen
