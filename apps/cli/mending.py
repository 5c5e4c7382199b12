"""The live view of a hardening in the terminal: its stages, what is at work, and what came of what is done."""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console, ConsoleOptions, Group, RenderResult
from rich.live import Live
from rich.panel import Panel
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from wunderkammer.apps.cli import parting, screen
from wunderkammer.apps.hardening.happenings import Begun, Counted, Done, Happening, Searched, Worked
from wunderkammer.apps.hardening.wording import TITLES
from wunderkammer.core.events import Ended, Remembered, Spent
from wunderkammer.core.settings import Settings
from wunderkammer.memory.hardenings import Hardening


class Watch:
    """Follows a hardening. `tell` takes what happens; `say` shows a line."""

    def __init__(self, hardening: Hardening, settings: Settings, console: Console) -> None:
        self.hardening = hardening
        self.console = console
        self.stages: list[Done] = []
        self.working: Begun | None = None
        self.progress: tuple[str, int, int] | None = None
        """What is counted in the stage at work, how many are done, and of how many."""
        self.detail = ""
        self.notes: deque[str] = deque(maxlen=3)
        self.began = time.monotonic()
        self._drawing = threading.RLock()

    def tell(self, said: Happening) -> None:
        """Take in what happened."""
        with self._drawing:
            self._take(said)

    def _take(self, said: Happening) -> None:
        match said:
            case Begun():
                self.working, self.progress, self.detail = said, None, ""
            case Done():
                self.stages.append(said)
                self.working, self.progress, self.detail = None, None, ""
            case Counted():
                self.progress = (said.what, said.done, said.of)
            case Worked():
                self._work(said)
            case Searched():
                self._search(said)

    def _work(self, said: Worked) -> None:
        standing = said.standing
        title = standing.job.title or standing.job.module
        figures = ""
        if standing.progress is not None:
            steps = standing.progress
            if steps.of:
                self.progress = (title, steps.step, steps.of)
            figures = "  ".join([*(f"{name} {value:.4g}" for name, value in steps.figures.items()), steps.words])
        self.detail = screen.line(f"job {standing.job.id[:8]} {title}: {standing.status} {standing.reason} {figures}")

    def _search(self, said: Searched) -> None:
        match said.event:
            case Remembered() as event:
                self.progress = (f"search {said.run}", event.step + 1, max(event.step + 1, self._steps()))
                self.detail = f"{event.filled} of {event.cells} cells, QD score {event.qd_score:.2f}"
            case Spent() as event:
                self.detail = f"{self.detail.split('  ·')[0]}  · {event.calls} calls, {event.errors} errors"

    def _steps(self) -> int:
        search = self.hardening.plan.get("search", {})
        return int(search.get("steps", 1))

    def say(self, words: str) -> None:
        """Show a line."""
        with self._drawing:
            self.notes.append(screen.line(words))

    # ---- drawing -------------------------------------------------------------------------------------------------

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with self._drawing:
            panel = self._panel()
        yield panel

    def _panel(self) -> Panel:
        plan = self.hardening.plan
        grid = Table.grid(padding=(0, 2))
        for stage in self.stages:
            mark = Text("=" if stage.before else "✓", style="dim" if stage.before else "green")
            grid.add_row(mark, Text(_place(stage.round), style="dim"), TITLES[stage.stage], Text(stage.words))
        if self.working is not None:
            grid.add_row(
                Text("●", style="yellow"),
                Text(_place(self.working.round), style="dim"),
                Text(TITLES[self.working.stage], style="bold"),
                self._bar(),
            )
        title = f"[b]harden {self.hardening.domain}[/b]  {self.hardening.id}  seed {plan.get('seed', 0)}"
        detail = [Text(self.detail, style="dim")] if self.detail else []
        notes = [Text(note, style="italic") for note in self.notes]
        elapsed = Text(f"elapsed {_clock(time.monotonic() - self.began)}", style="dim")
        return Panel(Group(grid, *detail, *notes, elapsed), title=title, border_style="dim")

    def _bar(self) -> Table | Text:
        if self.progress is None:
            return Text("…")
        what, done, of = self.progress
        row = Table.grid(padding=(0, 1))
        row.add_row(ProgressBar(total=of, completed=done, width=28), Text(f"{done}/{of} {what}"))
        return row

    # ---- the end -------------------------------------------------------------------------------------------------

    def farewell(self, ended: Ended, files: Sequence[Path]) -> None:
        """Say how it ended and what to do next."""
        name, rests = self.hardening.id, ended.status != "finished"
        closer = (f"wunder report {name} --open", "wunder adapters")
        parting.farewell(self.console, "hardening", name, ended, files, rests=rests, closer=closer)


class Plain(Watch):
    """One line per stage: for logs, and for terminals that are none."""

    def _take(self, said: Happening) -> None:
        super()._take(said)
        match said:
            case Begun():
                print(f"round {said.round}  {TITLES[said.stage]} …", flush=True)
            case Done():
                known = "  (done before)" if said.before else ""
                print(f"round {said.round}  {TITLES[said.stage]}: {screen.line(said.words)}{known}", flush=True)
            case Worked() if said.standing.over:
                print(f"  {self.detail}", flush=True)

    def say(self, words: str) -> None:
        print(screen.line(words), flush=True)


@contextmanager
def watching(hardening: Hardening, settings: Settings, *, quiet: bool) -> Iterator[Watch]:
    """A view for the length of a hardening: live where there is a terminal, else a line per stage."""
    console = Console()
    if quiet or not console.is_terminal:
        print(f"hardening {hardening.id} of {hardening.domain}", flush=True)  # read by whoever started it
        yield Plain(hardening, settings, console)
        return
    watch = Watch(hardening, settings, console)
    with Live(watch, console=console, refresh_per_second=4):
        yield watch


def _place(number: int) -> str:
    return f"round {number}" if number else "original"


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"
