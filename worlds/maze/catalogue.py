"""Mazes by name: the suites that come with the world, and files of the user's own, in one text format.

A file holds several mazes. `[Name]` begins one and its map follows; what stands before the first name, and lines that
begin with `;`, are remarks:

    ; of my own
    [Corner]
    >#.
    ...
    .#G
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib import resources
from pathlib import Path
from random import Random

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.perfect import perfect
from wunderkammer.worlds.maze.text import Plan

HELD_OUT = "held-out"
"""The suite that students are judged by and never trained on."""
_NAME = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9._-]{0,63})\]\s*")
_PERFECT = re.compile(r"PerfectMaze-(\d+)x(\d+)-(\d+)")


def parse(words: str, where: str) -> dict[str, Plan]:
    """The mazes of a file by name, in its order; `ConfigError` names file, maze, row and column of what is wrong.

    A text without any `[Name]` is the map of one maze, named as the file.
    """
    found: dict[str, list[str]] = {}
    lines = [line for line in words.splitlines() if not line.startswith(";")]
    if not any(_NAME.fullmatch(line) for line in lines):
        lines = [f"[{_stem(where)}]", *lines]
    name = None
    for line in lines:
        heading = _NAME.fullmatch(line)
        if heading:
            name = heading[1]
            if name in found:
                raise ConfigError(f"{where}: two mazes are called {name}; rename one")
            found[name] = []
        elif name is not None:
            found[name].append(line)
    plans = {}
    for name, rows in found.items():
        try:
            plans[name] = text.read("\n".join(rows))
        except ConfigError as fault:
            raise ConfigError(f"{where}, {name}: {fault}") from fault
    return plans


def compose(plans: Mapping[str, Plan], remark: str = "") -> str:
    """The text of a file with these mazes; `parse` reads it back."""
    head = "".join(f"; {line}\n" for line in remark.splitlines())
    return head + "\n".join(f"[{name}]\n{text.write(plan)}\n" for name, plan in plans.items())


def suites(own: Path | None = None) -> dict[str, dict[str, Plan]]:
    """All suites by name: those that come with the world, then the files `*.txt` of a folder."""
    shipped = resources.files("wunderkammer.worlds.maze").joinpath("suites")
    files = [entry for entry in shipped.iterdir() if entry.name.endswith(".txt")]
    found = {_stem(entry.name): parse(entry.read_text("utf-8"), entry.name) for entry in files}
    for path in sorted(own.glob("*.txt")) if own and own.is_dir() else ():
        found[path.stem] = parse(path.read_text("utf-8"), str(path))
    return dict(sorted(found.items()))


def suite(name: str, own: Path | None = None) -> dict[str, Plan]:
    """The mazes of one suite; a `ConfigError` lists what there is."""
    known = suites(own)
    if name not in known:
        raise ConfigError(f"unknown suite {name!r}; there are: {', '.join(known)}")
    return known[name]


def find(name: str, own: Path | None = None) -> Plan:
    """A maze by its name in any suite, or `PerfectMaze-51x51-7`: the perfect maze of that size and number."""
    made = _PERFECT.fullmatch(name)
    if made:
        return perfect(int(made[1]), int(made[2]), Random(int(made[3])))
    known = {maze: plan for mazes in suites(own).values() for maze, plan in mazes.items()}
    if name not in known:
        raise ConfigError(f"unknown maze {name!r}; there are: {', '.join(known)}, PerfectMaze-51x51-7")
    return known[name]


def perfect_mazes(size: int, count: int) -> dict[str, Plan]:
    """The first so many perfect mazes of a size by name, the same on every machine."""
    names = [f"PerfectMaze-{size}x{size}-{number}" for number in range(count)]
    return {name: find(name) for name in names}


def _stem(where: str) -> str:
    return suite_name(Path(where).stem)


def suite_name(words: str) -> str:
    """Words as the name of a suite and of its file: letters, digits, `.`, `_` and `-`."""
    return re.sub(r"[^A-Za-z0-9._-]+", "-", words).strip("-.") or "mazes"
