"""Jobs as one watches them: a bar in a terminal, a line for every change elsewhere."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from wunderkammer.apps.cli import screen

if TYPE_CHECKING:
    from wunderkammer.core.work import Standing


@contextmanager
def watching() -> Iterator[Callable[[Standing], None]]:
    """A call for `Dispatcher.wait`, on standard error."""
    console = Console(stderr=True, markup=False, emoji=False, highlight=False)
    if not console.is_terminal:
        yield Lines(console).tell
        return
    columns = (
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        TimeRemainingColumn(),
        TextColumn("{task.fields[words]}", markup=False),
    )
    with Progress(*columns, console=console, transient=True) as bar:
        yield Bars(bar).tell


class Lines:
    """A line whenever a job's status or reason changes."""

    def __init__(self, console: Console) -> None:
        self.console = console
        self.last: dict[str, tuple[str, str]] = {}

    def tell(self, one: Standing) -> None:
        """Take a change in."""
        now = (one.status, one.reason)
        if self.last.get(one.job.id) != now:
            self.last[one.job.id] = now
            self.console.print(screen.line(": ".join(part for part in (one.job.id[:8], *now) if part)))


class Bars:
    """A bar for each job."""

    def __init__(self, bar: Progress) -> None:
        self.bar = bar
        self.tasks: dict[str, TaskID] = {}

    def tell(self, one: Standing) -> None:
        """Take a change in."""
        name = screen.line(one.job.title or one.job.module, 40)
        if one.job.id not in self.tasks:
            self.tasks[one.job.id] = self.bar.add_task(name, total=None, words="")
        said = one.progress
        figures = [f"{key} {value:.4g}" for key, value in said.figures.items()] if said else []
        words = ", ".join(part for part in (one.status, one.reason, *figures, said.words if said else "") if part)
        self.bar.update(
            self.tasks[one.job.id],
            completed=said.step if said else 0,
            total=said.of if said else None,
            words=screen.line(words, 80),
        )
