"""A bar for work whose length is known, on standard error, so that what is piped on stays clean."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


@contextmanager
def ticking(what: str, total: int) -> Iterator[Callable[[], None]]:
    """A call that moves the bar by one; there is no bar where there is no terminal, or nothing to do."""
    screen = Console(stderr=True)
    if not (screen.is_terminal and total):
        yield lambda: None
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    with Progress(*columns, console=screen, transient=True) as bar:
        task = bar.add_task(what, total=total)
        yield lambda: bar.advance(task)
