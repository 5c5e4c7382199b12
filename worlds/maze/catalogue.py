"""Mazes by name: the suites that come with the world, and perfect mazes by size and number."""

from __future__ import annotations

import re
from random import Random

from wunderkammer.worlds.catalogue import Catalogue
from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.perfect import perfect
from wunderkammer.worlds.maze.text import Plan

HELD_OUT = "held-out"
"""The suite that students are judged by and never trained on."""
_PERFECT = re.compile(r"PerfectMaze-(\d+)x(\d+)-(\d+)")


def made(name: str) -> Plan | None:
    """`PerfectMaze-51x51-7`: the perfect maze of that size and number; None for any other name."""
    found = _PERFECT.fullmatch(name)
    return perfect(int(found[1]), int(found[2]), Random(int(found[3]))) if found else None


MAZES = Catalogue(
    "maze", "mazes", "wunderkammer.worlds.maze", text.read, text.write, made, example="PerfectMaze-51x51-7"
)
parse, compose, suites, suite, find = MAZES.parse, MAZES.compose, MAZES.suites, MAZES.suite, MAZES.find
suite_name = MAZES.suite_name


def perfect_mazes(size: int, count: int) -> dict[str, Plan]:
    """The first so many perfect mazes of a size by name, the same on every machine."""
    names = [f"PerfectMaze-{size}x{size}-{number}" for number in range(count)]
    return {name: find(name) for name in names}
