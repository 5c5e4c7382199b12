"""A walker in a small maze seen from above, four moves, each cell drawn as one patch: the plainest world to learn.

The level is a maze of `worlds.maze`; here the agent does not turn, it goes right, down, left or up, and a wall stops
it.
"""

from __future__ import annotations

from functools import lru_cache
from random import Random

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.games import Closing, Frames, Ints, Scene
from wunderkammer.worlds.maze.text import Cell, Plan
from wunderkammer.worlds.maze.trail import trail

CELLS = 8
"""A side in cells, the border counted."""
PATCH = 4
"""Pixels of a cell's side."""
WALLS = 10
"""The most walls inside; how many is drawn uniformly."""
HORIZON = 48
MOVES = ((0, 1), (1, 0), (0, -1), (-1, 0))
_FLOOR, _WALL, _GOAL, _AGENT = (236, 232, 222), (58, 62, 72), (52, 150, 92), (196, 60, 48)


@lru_cache(4096)
def plan_of(level: int) -> Plan:
    """The maze of a seed; it can be solved."""
    rng, inside = Random(level), CELLS - 2
    while True:
        cells = [Cell(row, column) for row in range(inside) for column in range(inside)]
        agent, goal, *rest = rng.sample(cells, 2 + rng.randint(WALLS // 2, WALLS))
        closed = set(rest)
        walls = tuple(tuple(Cell(row, column) in closed for column in range(inside)) for row in range(inside))
        plan = Plan(walls, agent, 0, goal)
        if trail(plan):
            return plan


class Grid(Closing):
    """So many walks at once. At the goal, with reward 1, the next action leads into another maze, whatever it is: the
    arrival is seen. At the horizon an episode ends unseen."""

    actions = len(MOVES)

    def __init__(self, count: int, seed: int, *, first_level: int = 0, levels: int = 0) -> None:
        if count < 1:
            raise ConfigError("at least one game is to be played")
        self._rng, self._first, self._many = np.random.default_rng(seed), first_level, levels or 2**31
        self.plans: list[Plan] = []
        self._levels = np.zeros(count, np.int64)
        self._at: NDArray[np.int64] = np.zeros((count, 2), np.int64)  # border counted
        self._time = np.zeros(count, np.int64)
        self._rewards, self._firsts = np.zeros(count, np.float32), np.ones(count, np.bool_)
        self._ground = np.zeros((count, CELLS, CELLS, 3), np.uint8)
        for game in range(count):
            self._begin(game)

    def see(self) -> Scene:
        """What they show now."""
        cells = self._ground.copy()
        cells[np.arange(len(cells)), self._at[:, 0], self._at[:, 1]] = _AGENT
        frames = cells.repeat(PATCH, 1).repeat(PATCH, 2)
        return Scene(frames, self._rewards.copy(), self._firsts.copy(), self._levels.copy())

    def act(self, actions: Ints) -> None:
        """Go, unless a wall is there."""
        games = np.arange(len(self._at))
        over = self._arrived()
        there = self._at + np.array(MOVES)[np.asarray(actions)]
        wall = (self._ground[games, there[:, 0], there[:, 1]] == _WALL).all(-1)
        self._at = np.where(wall[:, None], self._at, there)
        self._time += 1
        self._rewards = (self._arrived() & ~over).astype(np.float32)
        self._firsts = over | ((self._time >= HORIZON) & ~self._arrived())
        for game in np.flatnonzero(self._firsts):
            self._begin(int(game))

    def best(self) -> NDArray[np.int64]:
        """(games,): the first move of a shortest way to the goal; 0 at the goal."""
        chosen = np.zeros(len(self.plans), np.int64)
        for game, plan in enumerate(self.plans):
            here = Cell(int(self._at[game, 0]) - 1, int(self._at[game, 1]) - 1)
            if here != plan.goal:
                there = trail(plan._replace(agent=here))[1]
                chosen[game] = MOVES.index((there.row - here.row, there.column - here.column))
        return chosen

    def _arrived(self) -> NDArray[np.bool_]:
        return (self._ground[np.arange(len(self._at)), self._at[:, 0], self._at[:, 1]] == _GOAL).all(-1)

    def _begin(self, game: int) -> None:
        level = self._first + int(self._rng.integers(self._many))
        plan = plan_of(level)
        self.plans[game : game + 1] = [plan]
        self._levels[game], self._time[game] = level, 0
        self._at[game] = plan.agent.row + 1, plan.agent.column + 1
        self._ground[game] = ground(plan)


def ground(plan: Plan) -> Frames:
    """(CELLS, CELLS, 3): one pixel a cell, without the agent."""
    cells = np.full((CELLS, CELLS, 3), _WALL, np.uint8)
    inside = np.where(np.array(plan.walls)[..., None], np.array(_WALL, np.uint8), np.array(_FLOOR, np.uint8))
    cells[1:-1, 1:-1] = inside
    cells[plan.goal.row + 1, plan.goal.column + 1] = _GOAL
    return cells
