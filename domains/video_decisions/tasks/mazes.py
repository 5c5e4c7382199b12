"""Mazes to be flooded, and mazes whose shortest way is to be shown."""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from wunderkammer.domains.video_decisions.tasks.palette import Cell, Grid, beside

WAVES, WAYS = (Cell.WAVE_0, Cell.WAVE_1, Cell.WAVE_2), (Cell.WAY_0, Cell.WAY_1, Cell.WAY_2)


class Flood:
    """Water spreads from the start to all it can reach, one cell a frame."""

    name, prompt = "flood", "fill what the water reaches"

    def start(self, dice: np.random.Generator, count: int, side: int) -> Grid:
        """Walls anywhere, 30 to 45 % of the cells, so that mostly some part stays dry."""
        share = dice.uniform(0.30, 0.45, (count, 1, 1))
        frames = np.where(dice.random((count, side, side)) < share, Cell.WALL, Cell.FLOOR).astype(np.int64)
        at = dice.integers(side, size=(2, count))
        frames[np.arange(count), at[0], at[1]] = Cell.START
        return frames

    def steps(self, side: int) -> int:
        return side * side

    def advance(self, frames: Grid) -> Grid:
        sources = (frames == Cell.START) | (frames == Cell.WET)
        return np.where((frames == Cell.FLOOR) & beside(sources), Cell.WET, frames)

    def answer(self, frames: Grid) -> Grid:
        found = frames.copy()
        for one in found:
            for cell in distances(one != Cell.WALL, _where(one, Cell.START)):
                if one[cell] == Cell.FLOOR:
                    one[cell] = Cell.WET
        return found


class Way:
    """The shortest way: a wave from the goal counts by threes how far it is; where it meets the start, one goes back
    down it; in the end nothing but the way is left. Source of the counting: Akers 1967, on Lee's algorithm of 1961."""

    name, prompt = "way", "show the shortest way"

    def start(self, dice: np.random.Generator, count: int, side: int) -> Grid:
        """Perfect mazes with a tenth of their inner walls taken away, start and goal anywhere, such that there is one
        shortest way and no other. side: odd."""
        kept: list[Grid] = []
        while len(kept) < count:
            floor = _carved(dice, side)
            free = np.argwhere(floor)
            begin, end = ((int(free[i][0]), int(free[i][1])) for i in dice.choice(len(free), 2, replace=False))
            if ways(floor, begin, end) == 1:
                frame = np.where(floor, Cell.FLOOR, Cell.WALL).astype(np.int64)
                frame[begin], frame[end] = Cell.START, Cell.GOAL
                kept.append(frame)
        return np.stack(kept)

    def steps(self, side: int) -> int:
        return 2 * side * side

    def advance(self, frames: Grid) -> Grid:
        found, way = frames.copy(), np.isin(frames, WAYS)
        for label in range(3):
            wave = (frames == WAVES[label - 1]) | (frames == WAYS[label - 1])
            if label == 1:  # the goal itself is 0 away
                wave |= frames == Cell.GOAL
            reached = beside(wave)
            found[(frames == Cell.FLOOR) & reached] = WAVES[label]
            found[(frames == Cell.START) & reached] = WAYS[label]
            found[(frames == WAVES[label]) & beside(frames == WAYS[(label + 1) % 3])] = WAYS[label]
        found[(frames == Cell.GOAL) & beside(way)] = Cell.REACHED
        over = (frames == Cell.REACHED).any((-1, -2), keepdims=True)
        return np.where(over, _tidied(frames), found)

    def answer(self, frames: Grid) -> Grid:
        found = frames.copy()
        for one in found:
            begin, end = _where(one, Cell.START), _where(one, Cell.GOAL)
            far = distances(one != Cell.WALL, end)
            here = begin
            while far[here] > 1:
                here = next(cell for cell in _around(here) if far.get(cell, -1) == far[here] - 1)
                one[here] = Cell.SHORTEST
            one[begin], one[end] = Cell.SHORTEST, Cell.REACHED
        return found


def distances(floor: NDArray[np.bool_], source: tuple[int, int]) -> dict[tuple[int, int], int]:
    """Steps from a cell to each that can be reached, by breadth-first search."""
    far, queue = {source: 0}, deque([source])
    while queue:
        here = queue.popleft()
        for cell in _around(here):
            inside = 0 <= cell[0] < floor.shape[0] and 0 <= cell[1] < floor.shape[1]
            if inside and floor[cell] and cell not in far:
                far[cell] = far[here] + 1
                queue.append(cell)
    return far


def ways(floor: NDArray[np.bool_], begin: tuple[int, int], end: tuple[int, int]) -> int:
    """How many shortest ways there are."""
    far = distances(floor, begin)
    count = {begin: 1}
    for cell, steps in sorted(far.items(), key=lambda item: item[1]):
        if steps:
            count[cell] = sum(count[near] for near in _around(cell) if far.get(near, -1) == steps - 1)
    return count.get(end, 0)


def _tidied(frames: Grid) -> Grid:
    kept = np.where(np.isin(frames, WAYS), Cell.SHORTEST, frames)
    return np.where(np.isin(kept, WAVES), Cell.FLOOR, kept)


def _carved(dice: np.random.Generator, side: int) -> NDArray[np.bool_]:
    """Which cells are floor: a perfect maze by depth-first search, then some walls between two rooms taken away."""
    floor = np.zeros((side, side), np.bool_)
    rooms = (side + 1) // 2
    stack = [(int(dice.integers(rooms)) * 2, int(dice.integers(rooms)) * 2)]
    floor[stack[0]] = True
    while stack:
        row, column = stack[-1]
        around = [(row + 2 * down, column + 2 * right) for down, right in ((0, 1), (1, 0), (0, -1), (-1, 0))]
        shut = [at for at in around if 0 <= at[0] < side and 0 <= at[1] < side and not floor[at]]
        if not shut:
            stack.pop()
            continue
        there = shut[int(dice.integers(len(shut)))]
        floor[(row + there[0]) // 2, (column + there[1]) // 2] = floor[there] = True
        stack.append(there)
    rows, columns = np.indices(floor.shape)
    between = ~floor & ((rows + columns) % 2 == 1)
    return floor | (between & (dice.random(floor.shape) < 0.1))


def _around(cell: tuple[int, int]) -> list[tuple[int, int]]:
    row, column = cell
    return [(row, column + 1), (row + 1, column), (row, column - 1), (row - 1, column)]


def _where(frame: Grid, cell: Cell) -> tuple[int, int]:
    row, column = np.argwhere(frame == cell)[0]
    return int(row), int(column)
