"""Functions that play football, and environments to play it in, as somebody's package might offer them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib.metadata import EntryPoint
from types import SimpleNamespace
from typing import Any

import numpy as np

from wunderkammer.worlds.football import outside

EAST, SHOT = 1, 19


def runner(observation: np.ndarray) -> np.ndarray:
    """Everybody goes on to the right."""
    return np.full(observation.shape[:2], EAST)


def drawer(observation: np.ndarray, luck: np.ndarray) -> np.ndarray:
    """Whatever the luck says."""
    return (luck * 5).astype(int)


def lost(observation: np.ndarray) -> np.ndarray:
    """Knows nothing to do where the ball is far on the right."""
    ball = observation[:, :1, 0] + observation[:, :1, 11]
    return np.where(ball > 0.55, np.nan, float(EAST)) * np.ones(observation.shape[:2])


def narrow(observation: np.ndarray) -> np.ndarray:
    """Was made for other players."""
    return (observation @ np.ones((7, 21))).argmax(-1)


def one_for_all(observation: np.ndarray) -> np.ndarray:
    """One action for the whole side."""
    return np.zeros(len(observation))


def pusher(observation: np.ndarray) -> np.ndarray:
    """On the meadow: pushes the ball to the right."""
    return np.ones(observation.shape[:2], int)


def idler(observation: np.ndarray) -> np.ndarray:
    return np.zeros(observation.shape[:2], int)


def blank(observation: np.ndarray) -> np.ndarray:
    """On the meadow: nothing where the ball lies high."""
    return np.where(observation[..., 1] > 0.2, np.nan, 1.0)


class Meadow:
    """A football without feet, laid out as PettingZoo's parallel environments are: the ball goes a step along x for
    every player that pushes, and whoever has it past 0.8 on the other side has scored."""

    def __init__(self, *, deaf: bool = False, scores: bool = True) -> None:
        self.possible_agents = [f"{side}_{at}" for side in ("left", "right") for at in range(2)]
        self.agents: list[str] = []
        self.deaf, self.scores = deaf, scores
        self.steps = 0

    def observation_space(self, agent: str) -> Any:
        return SimpleNamespace(shape=(3,))

    def action_space(self, agent: str) -> Any:
        return SimpleNamespace(n=2)

    def reset(self, seed: int | None = None, options: Mapping[str, Any] | None = None) -> tuple[Any, Any]:
        self.agents, self.steps = list(self.possible_agents), 0
        self.places = {"left": [[0.0, 0.0]] * 2, "right": [[0.0, 0.0]] * 2, "ball": [0.0, 0.0]}
        if options and not self.deaf:
            self.places = {name: list(place) for name, place in options["positions"].items()}
        self.wind = np.random.default_rng(seed).normal(0, 0.001)
        return self._seen(), self._infos(0)

    def step(self, actions: Mapping[str, int]) -> tuple[Any, Any, Any, Any, Any]:
        assert set(actions) == set(self.agents)
        self.steps += 1
        push = sum(action * (1 if agent.startswith("left") else -1) for agent, action in actions.items())
        x, y = self.places["ball"]
        self.places["ball"] = [x + 0.05 * push + self.wind, y]
        score = int(self.places["ball"][0] > 0.8) - int(self.places["ball"][0] < -0.8)
        rewards = {agent: score * (1.0 if agent.startswith("left") else -1.0) for agent in self.agents}
        if score or self.steps == 40:
            self.agents = []
        return self._seen(), rewards, {}, {}, self._infos(score)

    def _seen(self) -> dict[str, np.ndarray]:
        x, y = self.places["ball"]
        return {
            agent: np.array([x, y, self.wind], np.float32) * (1 if agent.startswith("left") else (-1, -1, 1))
            for agent in self.agents
        }

    def _infos(self, score: int) -> dict[str, dict[str, Any]]:
        told: dict[str, Any] = {"positions": {**self.places}, "figures": {"shots": float(self.steps), "passes": 2.0}}
        if self.scores:
            told["score"] = score
        return dict.fromkeys(self.possible_agents, told)


def deaf() -> Meadow:
    return Meadow(deaf=True)


def quiet() -> Meadow:
    return Meadow(scores=False)


def offer(monkeypatch: Any, players: Sequence[str] = (), pitches: Sequence[str] = ()) -> None:
    """As if a package were installed that offers these names of this module."""
    points = {
        group: tuple(EntryPoint(name, f"{__name__}:{name}", group) for name in names)
        for group, names in (("wunderkammer.players", players), ("wunderkammer.pitches", pitches))
    }
    monkeypatch.setattr(outside, "entry_points", lambda group: points[group])
