"""Levels by chance: fresh ones, and changes of those that are there, with or without an aim."""

from __future__ import annotations

from random import Random

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.contract import Cell
from wunderkammer.domains.madrid.cells import window
from wunderkammer.domains.madrid.scenario import By, Scenario, scenario
from wunderkammer.worlds.football import level as levels
from wunderkammer.worlds.football.level import Lineup


def generator(rng: Random) -> np.random.Generator:
    """NumPy's, from ours."""
    return np.random.default_rng(rng.getrandbits(64))


def fresh(rng: np.random.Generator, players: int, reference: str, aim: Cell | None, by: By = "fresh") -> Scenario:
    """Everybody but the keepers anywhere; the ball too, or anywhere in the aim."""
    found = levels.sample(rng, players)
    ball = found.ball if aim is None else _in(rng, aim)
    return scenario(found._replace(ball=ball), reference if aim is None else aim[2], by)


def varied(parent: Scenario, form: By, aim: Cell | None, sigma: float, rng: np.random.Generator) -> Scenario:
    """A child of a level: all but the keepers moved by a Gaussian step. An aim says by whose standard it is judged.

    gaussian: the ball is moved as the players are. aimed: it is put into the aim. carried: and the players move along
    with it, each half as far the further it stands from the ball. Without an aim all are the first.
    """
    before = parent.lineup
    ball = np.asarray(before.ball + rng.normal(0, sigma, 2) if aim is None or form == "gaussian" else _in(rng, aim))
    left, right = (_moved(side, rng, sigma) for side in (before.left, before.right))
    if form == "carried" and aim is not None:
        left, right = (_carried(side, before.ball, ball) for side in (left, right))
    return scenario(Lineup(left, right, ball), parent.reference if aim is None else aim[2], form, 0)


def vector(level: Scenario) -> NDArray[np.float64]:
    """Everything that may be moved, as one vector of 4 (players - 1) + 2 numbers."""
    return np.concatenate([np.ravel(level.left[1:]), np.ravel(level.right[1:]), level.ball])


def of_vector(values: NDArray[np.float64], players: int, reference: str, by: By) -> Scenario:
    """The level that a vector means, keepers before their goals; repaired where it must be."""
    field = np.reshape(values[:-2], (2, players - 1, 2))
    left, right = (np.concatenate([[[home, 0.0]], side]) for home, side in zip((-0.97, 0.97), field, strict=True))
    return scenario(Lineup(left, right, values[-2:]), reference, by)


def _in(rng: np.random.Generator, aim: Cell) -> NDArray[np.float64]:
    (left, right), (low, high) = window(aim)
    return rng.uniform((left, low), (right, high))


def _moved(side: NDArray[np.float64], rng: np.random.Generator, sigma: float) -> NDArray[np.float64]:
    """All but the keeper."""
    step = rng.normal(0, sigma, side.shape)
    step[0] = 0
    return np.asarray(side + step)


def _carried(side: NDArray[np.float64], before: NDArray[np.float64], ball: NDArray[np.float64]) -> NDArray[np.float64]:
    """All but the keeper, moved as the ball was, and half as much for every 0.4 that they stand away from it."""
    share = 0.5 ** (np.linalg.norm(side - before, axis=1, keepdims=True) / 0.4)
    share[0] = 0
    return np.asarray(side + share * (ball - before))
