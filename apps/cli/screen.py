"""What goes to the terminal: words of models as data, tables that survive a pipe, JSON for scripts."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Collection, Iterable, Mapping, Sequence
from math import isfinite
from typing import Annotated, Any

import typer
from pydantic import BaseModel
from rich.box import SIMPLE_HEAD
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

Json = Annotated[bool, typer.Option("--json", help="As one JSON document, for scripts.")]

PIPE_WIDTH = 4096
"""Columns where there is no terminal: a table must not be cut to a width that nobody looks at."""

# Escape sequences whole (CSI, OSC and their kin, the rest by two characters), then what could begin one after all:
# C0 but tab and line feed, DEL and C1; and what makes a line read otherwise than it is: bidirectional overrides.
_UNFIT = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]|\x1b[\]PX^_][^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?|\x1b[ -/]*[0-~]?"
    r"|\x9b[0-?]*[ -/]*[@-~]|[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028\u2029\u202a-\u202e\u2066-\u2069]"
)
_LONE = re.compile(r"[\ud800-\udfff]")


def plain(text: str) -> str:
    """Text that somebody else wrote, fit for a terminal: no escape sequence, no control but tab and line feed."""
    return _LONE.sub("\ufffd", _UNFIT.sub("", text.replace("\r\n", "\n")))


def line(text: str, width: int | None = None) -> str:
    """`plain` on one line, cut to `width` characters."""
    words = " ".join(plain(text).split())
    return words if width is None or len(words) <= width else words[: width - 1] + "…"


def console() -> Console:
    """Where tables go. Markup and emoji codes are off: nothing that is printed is a command to rich."""
    width = None if sys.stdout.isatty() else PIPE_WIDTH
    return Console(width=width, markup=False, emoji=False, highlight=False)


def show(*parts: RenderableType) -> None:
    """Print, without the spaces that rich fills lines up with where nobody looks at them."""
    screen = console()
    if screen.is_terminal:
        screen.print(*parts, sep="\n")
        return
    with screen.capture() as caught:
        screen.print(*parts, sep="\n")
    print("\n".join(row.rstrip() for row in caught.get().splitlines()))


def table(
    columns: Sequence[str], rows: Iterable[Sequence[object]], *, title: str = "", numbers: Collection[str] = ()
) -> Table:
    """A table of values as `cell` shows them; the columns named in `numbers` stand to the right."""
    found = Table(box=SIMPLE_HEAD, title=plain(title) or None, title_justify="left", pad_edge=False)
    for name in columns:
        found.add_column(Text(name), justify="right" if name in numbers else "left", overflow="fold")
    for row in rows:
        found.add_row(*(cell(value) for value in row))
    return found


def pairs(rows: Iterable[tuple[str, object]]) -> Table:
    """Names and values, one pair a line; pairs without a value are left out."""
    found = Table.grid(padding=(0, 2))
    found.add_column(style="dim")
    found.add_column(overflow="fold")
    for name, value in rows:
        if value is not None and value != "":
            found.add_row(Text(name), cell(value))
    return found


def cell(value: object) -> RenderableType:
    """A value of a table: `-` for None, four significant digits of a float, words as `plain` has them."""
    if value is None:
        return Text("-", style="dim")
    if isinstance(value, bool):
        return Text("yes" if value else "no")
    if isinstance(value, float):
        return Text(f"{value:.4g}")
    if isinstance(value, (Text, Table)):
        return value
    return Text(plain(str(value)))


def emit(value: Any) -> None:
    """One JSON document on stdout, in ASCII: no text in it can reach a terminal as anything but text.

    JSON has no NaN and no infinity: they become null.
    """
    print(json.dumps(_finite(value), indent=1, allow_nan=False))


def _finite(value: Any) -> Any:
    if isinstance(value, BaseModel):
        value = value.model_dump(mode="json")
    if isinstance(value, Mapping):
        return {str(name): _finite(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value
