"""The view of a study in the terminal: a bar over its jobs, a line for everything that is found."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.text import Text

from wunderkammer.apps.cli import parting, screen
from wunderkammer.core.events import Concluded, Ended, Event, Hypothesised, Worked
from wunderkammer.core.work import Standing
from wunderkammer.memory.ventures import Venture


class StudyWatch:
    """Follows a study: `tell` takes its events, `hear` those of its jobs, `say` shows a line."""

    def __init__(self, venture: Venture, console: Console, bar: Progress | None) -> None:
        self.venture = venture
        self.console = console
        self._bar = bar
        self._task: TaskID | None = None
        self._jobs: dict[str, Standing] = {}

    def tell(self, event: Event) -> None:
        """Take an event of the study in."""
        match event:
            case Hypothesised():
                self.say(f"round {event.round + 1}: {event.hypothesis.contrast}: {event.hypothesis.threshold}?")
            case Concluded():
                self.say(f"{event.verdict}: {event.claim}")
            case Worked(status="failed" | "cancelled"):
                self.say(f"job {event.job[:8]} {event.status}: {event.reason}")
            case _:
                pass

    def hear(self, standing: Standing) -> None:
        """Take in where a job stands."""
        before = self._jobs.get(standing.job.id)
        self._jobs[standing.job.id] = standing
        done = sum(one.over for one in self._jobs.values())
        if self._bar is None:
            if standing.over and not (before and before.over):
                print(
                    f"jobs {done}/{len(self._jobs)}  {standing.status}  {screen.line(standing.job.title)}", flush=True
                )
            return
        running = [one for one in self._jobs.values() if one.status == "running"]
        words = f"{len(running)} at work" if running else "waiting"
        if self._task is None:
            self._task = self._bar.add_task(words, total=len(self._jobs))
        self._bar.update(self._task, completed=done, total=len(self._jobs), description=words)

    def say(self, words: str) -> None:
        """Show a line."""
        self.console.print(Text(screen.line(words)), soft_wrap=True)

    def farewell(self, ended: Ended, files: Sequence[Path]) -> None:
        """Say how it ended and what to do next."""
        name, rests = self.venture.id, ended.status != "finished"
        closer = (f"wunder findings --run {name}", f"wunder report {name} --open")
        parting.farewell(self.console, self.venture.kind, name, ended, files, rests=rests, closer=closer)


@contextmanager
def watching(venture: Venture, *, quiet: bool) -> Iterator[StudyWatch]:
    """A view for the length of a study: a bar where there is a terminal, else a line per job."""
    console = Console()
    if quiet or not console.is_terminal:
        print(f"study {venture.id} of {venture.domain}", flush=True)  # whoever started it reads here what it is called
        yield StudyWatch(venture, console, None)
        return
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console) as bar:
        yield StudyWatch(venture, console, bar)
