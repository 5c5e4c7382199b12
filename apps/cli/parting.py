"""How a view takes its leave: how it ended, which files were written, and what to type next."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.text import Text

from wunderkammer.apps.cli import screen
from wunderkammer.core.events import Ended

STYLES = {"finished": "green", "failed": "red"}


def farewell(
    console: Console,
    kind: str,
    name: str,
    ended: Ended,
    files: Sequence[Path],
    *,
    rests: bool,
    verdict: str = "",
    closer: Sequence[str] = (),
    further: str = "",
) -> None:
    """Print it. Lines are never cut to a width: somebody may copy a path, or look for words in a log.

    kind, name: what it was, and its id.
    rests: whether `wunder resume` would find something left to do.
    verdict: one more sentence about what came of it.
    closer, further: commands that look at what came of it, and one that goes beyond it; shown where it is finished.
    """

    def line(words: str, style: str = "") -> None:
        console.print(Text(f"  {words}", style=style), soft_wrap=True)

    told = Text.assemble(f"{kind} {name} ", (ended.status, STYLES.get(ended.status, "yellow")))
    console.print(Text.assemble(told, ": ", screen.line(ended.reason)), soft_wrap=True)
    if verdict:
        line(screen.line(verdict, 2000))
    for file in files:
        line(str(file))
    if rests:
        line(f"go on with: wunder resume {name}", "dim")
    if ended.status == "failed":
        line("see what is missing with: wunder doctor", "dim")
    if ended.status == "finished" and closer:
        line(f"look closer with: {', '.join(closer)}", "dim")
    if ended.status == "finished" and further:
        line(f"go further with: {further}", "dim")
