"""Levels by name: the suites that come with a world, and files of the user's own, in one text format for all worlds.

A file holds several levels. `[Name]` begins one and its text follows; what stands before the first name, and lines that
begin with `;`, are remarks:

    ; of my own
    [Corner]
    >#.
    ...
    .#G
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Generic, TypeVar

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead

P = TypeVar("P")
"""A level in plain Python, so that it can be listed where there is no JAX."""
_NAME = re.compile(r"\[([A-Za-z0-9][A-Za-z0-9._-]{0,63})\]\s*")


@dataclass(frozen=True)
class Catalogue(Generic[P]):
    """The named levels of one world."""

    one: str
    many: str
    """What its levels are called: maze, mazes."""
    package: str
    """Whose folder `suites` holds what comes with the world."""
    read: Callable[[str], P]
    write: Callable[[P], str]
    """A level's text, both ways; `read` raises `ConfigError` with the place of what is wrong."""
    made: Callable[[str], P | None] | None = None
    """Levels that are made by name rather than kept."""
    example: str = ""
    """Such a name, to be told to who asks for one that is not there."""

    def parse(self, words: str, where: str) -> dict[str, P]:
        """The levels of a file by name, in its order; `ConfigError` names file, level and place of what is wrong.

        A text without any `[Name]` is one level, named as the file.
        """
        found: dict[str, list[str]] = {}
        lines = [line for line in words.splitlines() if not line.startswith(";")]
        if not any(_NAME.fullmatch(line) for line in lines):
            lines = [f"[{self.suite_name(Path(where).stem)}]", *lines]
        name = None
        for line in lines:
            heading = _NAME.fullmatch(line)
            if heading:
                name = heading[1]
                if name in found:
                    raise ConfigError(f"{where}: two {self.many} are called {name}; rename one")
                found[name] = []
            elif name is not None:
                found[name].append(line)
        return {name: self._read(rows, f"{where}, {name}") for name, rows in found.items()}

    def compose(self, levels: Mapping[str, P], remark: str = "") -> str:
        """The text of a file with these levels; `parse` reads it back."""
        head = "".join(f"; {line}\n" for line in remark.splitlines())
        return head + "\n".join(f"[{name}]\n{self.write(level)}\n" for name, level in levels.items())

    def suites(self, own: Path | None = None) -> dict[str, dict[str, P]]:
        """All suites by name: those that come with the world, then the files `*.txt` of a folder."""
        shipped = resources.files(self.package).joinpath("suites")
        files = [entry for entry in shipped.iterdir() if entry.name.endswith(".txt")]
        found = {Path(entry.name).stem: self.parse(entry.read_text("utf-8"), entry.name) for entry in files}
        for path in sorted(own.glob("*.txt")) if own and own.is_dir() else ():
            found[path.stem] = self.parse(path.read_text("utf-8"), str(path))
        return dict(sorted(found.items()))

    def suite(self, name: str, own: Path | None = None) -> dict[str, P]:
        """The levels of one suite; a `ConfigError` lists what there is."""
        known = self.suites(own)
        if name not in known:
            raise ConfigError(f"unknown suite {name!r}{instead(name, known)}")
        return known[name]

    def find(self, name: str, own: Path | None = None) -> P:
        """A level by its name in any suite, or one that is made by name."""
        made = self.made(name) if self.made else None
        if made is not None:
            return made
        known = self.names(own)
        if name not in known:
            there = [*known, self.example] if self.example else [*known]
            raise ConfigError(f"unknown {self.one} {name!r}{instead(name, there)}")
        return known[name]

    def names(self, own: Path | None = None) -> dict[str, P]:
        """All levels of all suites."""
        return {level: plan for levels in self.suites(own).values() for level, plan in levels.items()}

    def suite_name(self, words: str) -> str:
        """Words as the name of a suite and of its file: letters, digits, `.`, `_` and `-`."""
        return re.sub(r"[^A-Za-z0-9._-]+", "-", words).strip("-.") or self.many

    def _read(self, rows: list[str], where: str) -> P:
        try:
            return self.read("\n".join(rows))
        except ConfigError as fault:
            raise ConfigError(f"{where}: {fault}") from fault
