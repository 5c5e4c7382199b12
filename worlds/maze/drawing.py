"""A maze as an SVG picture: walls, agent, goal, and what happened in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from wunderkammer.worlds.maze.text import Cell, Plan

STONE, PAPER, GREEN, RED, BLUE, AMBER = "#3a3e48", "#ece8de", "#34965c", "#c43c30", "#2f6db5", "#e8a33d"
_TURNS = (0, 90, 180, 270)


def svg(plan: Plan, path: Sequence[Cell] = (), visits: Mapping[Cell, float] | None = None, side: int = 20) -> str:
    """The maze in its border, `side` user units to a cell.

    path: cells in the order they were walked, drawn as a line. visits: how often cells were entered; the most visited
    is the darkest.
    """
    width, height = (plan.width + 2) * side, (plan.height + 2) * side
    inside = f'<rect x="{side}" y="{side}" width="{width - 2 * side}" height="{height - 2 * side}" fill="{PAPER}"/>'
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}" '
        f'role="img" shape-rendering="crispEdges">',
        f'<rect width="{width}" height="{height}" fill="{STONE}"/>{inside}',
        *_heat(visits or {}, side),
        f'<path d="{_walls(plan, side)}" fill="{STONE}"/>',
        f'<path d="{_grid(plan, side)}" stroke="{STONE}" stroke-opacity=".12" fill="none"/>',
        _square(plan.goal, side, GREEN),
        _line(path, side),
        _arrow(plan, side),
        "</svg>",
    ]
    return "".join(parts)


def _square(cell: Cell, side: int, colour: str, opacity: float = 1.0) -> str:
    clear = "" if opacity == 1 else f' fill-opacity="{opacity:.2f}"'
    x, y = (cell.column + 1) * side, (cell.row + 1) * side
    return f'<rect x="{x}" y="{y}" width="{side}" height="{side}" fill="{colour}"{clear}/>'


def _heat(visits: Mapping[Cell, float], side: int) -> list[str]:
    most = max(visits.values(), default=0)
    return [_square(cell, side, AMBER, 0.1 + 0.8 * count / most) for cell, count in sorted(visits.items()) if count > 0]


def _walls(plan: Plan, side: int) -> str:
    """One subpath per stretch of wall in a row."""
    found = []
    for row, line in enumerate(plan.walls):
        column = 0
        while column < len(line):
            end = column
            while end < len(line) and line[end]:
                end += 1
            if end > column:
                found.append(
                    f"M{(column + 1) * side} {(row + 1) * side}h{(end - column) * side}v{side}h{(column - end) * side}z"
                )
            column = end + 1
    return "".join(found)


def _grid(plan: Plan, side: int) -> str:
    rows = (f"M{side} {(row + 1) * side}h{plan.width * side}" for row in range(1, plan.height))
    columns = (f"M{(column + 1) * side} {side}v{plan.height * side}" for column in range(1, plan.width))
    return "".join([*rows, *columns])


def _line(path: Sequence[Cell], side: int) -> str:
    if len(path) < 2:
        return ""
    points = " ".join(f"{(cell.column + 1.5) * side:g},{(cell.row + 1.5) * side:g}" for cell in path)
    return (
        f'<polyline points="{points}" fill="none" stroke="{BLUE}" stroke-width="{side / 6:g}" stroke-linecap="round" '
        f'stroke-linejoin="round" stroke-opacity=".8" shape-rendering="auto"/>'
    )


def _arrow(plan: Plan, side: int) -> str:
    x, y, size = (plan.agent.column + 1.5) * side, (plan.agent.row + 1.5) * side, side * 0.36
    points = f"{-size:g},{-size:g} {size:g},0 {-size:g},{size:g}"
    return (
        f'<polygon points="{points}" transform="translate({x:g} {y:g}) rotate({_TURNS[plan.direction]})" '
        f'fill="{RED}" shape-rendering="auto"/>'
    )
