"""The live view of a run in the terminal: the archive filling up, and what it costs."""

from __future__ import annotations

import io
import re
import threading
import time
from collections import Counter, deque
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
from wunderkammer.apps.cli.colours import colour
from wunderkammer.apps.installation import make_domain
from wunderkammer.core.contract import Axes, Cell
from wunderkammer.core.events import Ended, Event, Explored, Heard, Reflected, Remembered, Resumed, Spent
from wunderkammer.core.settings import Settings
from wunderkammer.memory.runs import Run

_WEB_FONT = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
MARKS = {"elite": "★", "lost": "·", "off-grid": "○", "filtered": "=", "duplicate": "≡", "unusable": "?", "error": "!"}


class Watch:
    """Follows a run's events. `tell` takes them; `say` shows a line to the user."""

    def __init__(self, run: Run, settings: Settings, console: Console) -> None:
        self.run = run
        self.settings = settings
        self.console = console
        self.axes: Axes = make_domain(run.plan).axes
        self.cells: dict[Cell, float] = {}
        self.fates: Counter[str] = Counter()
        self.recent: deque[Explored] = deque(maxlen=6)
        self.notes: deque[str] = deque(maxlen=3)
        self.done = 0
        self.spent: Spent | None = None
        self.began = time.monotonic()
        self._drawing = threading.RLock()
        """The view is drawn by a thread of rich's while events come in."""

    def tell(self, event: Event) -> None:
        """Take an event in."""
        with self._drawing:
            self._take(event)

    def _take(self, event: Event) -> None:
        match event:
            case Resumed():
                self.done = event.step
                self.began -= event.seconds
                self.cells = {cell: fitness or 0.0 for cell, fitness in event.elites}
            case Explored():
                self.fates[event.fate] += 1
                self.recent.append(event)
                if event.fate == "elite" and event.cell:
                    self.cells[event.cell] = event.fitness if event.fitness is not None else event.score or 0.0
            case Remembered():
                self.done = event.step + 1
            case Spent():
                self.spent = event
            case Heard():
                self._note(f"heard “{screen.line(event.text)}”: {event.effect}")
            case Reflected():
                self._note(event.claim)
            case _:  # studies have a view of their own
                pass

    def say(self, words: str) -> None:
        """Show a line."""
        with self._drawing:
            self._note(words)

    def _note(self, words: str) -> None:
        self.notes.append(screen.line(words))

    # ---- drawing -------------------------------------------------------------------------------------------------

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        with self._drawing:
            panel = self._panel(options.max_width - 6)
        yield panel

    def _panel(self, width: int) -> Panel:
        plan = self.run.plan
        title = f"[b]{self.run.domain}[/b]  run {self.run.id}  plan {plan.id[:8]}  seed {plan.seed}"
        body = Table.grid(padding=(0, 3))
        body.add_row(heat_map(self.axes, self.cells), self._figures())
        return Panel(Group(body, Text(), *self._lines(width)), title=title, border_style="dim")

    def _figures(self) -> Table:
        size = _size(self.axes)
        slots = sum(self.fates.values())
        seconds = max(time.monotonic() - self.began, 1e-6)
        figures = Table.grid(padding=(0, 2))
        figures.add_column(style="dim", justify="right")
        figures.add_column()

        def row(name: str, value: str) -> None:
            figures.add_row(name, Text(value))

        row("cells", f"{len(self.cells)} of {size}  ({len(self.cells) / size:.0%})" if size else f"{len(self.cells)}")
        row("QD score", f"{sum(self.cells.values()):.2f}")
        row("step", f"{self.done} of {self.run.plan.steps}")
        row("candidates", f"{slots}  ({60 * slots / seconds:.0f} a minute)")
        fates = "  ".join(f"{MARKS[fate]} {count} {fate}" for fate, count in self.fates.most_common())
        row("fates", fates or "none yet")
        if spent := self.spent:
            row("calls", f"{spent.calls}  ({spent.in_flight} in flight, {spent.errors} errors)")
            row("tokens", f"{spent.prompt_tokens + spent.completion_tokens:,}")
            row("cost", f"{spent.cost:.4f}")
        row("elapsed", _clock(seconds))
        row("left", self._left(seconds))
        figures.add_row("", ProgressBar(total=1.0, completed=self._progress(seconds), width=32))
        return figures

    def _progress(self, seconds: float) -> float:
        plan, shares = self.run.plan, [self.done / self.run.plan.steps]
        if plan.budget.seconds:
            shares.append(seconds / plan.budget.seconds)
        if self.spent and plan.budget.calls:
            shares.append(self.spent.calls / plan.budget.calls)
        if self.spent and plan.budget.tokens:
            shares.append((self.spent.prompt_tokens + self.spent.completion_tokens) / plan.budget.tokens)
        if self.spent and plan.budget.money:
            shares.append(self.spent.cost / plan.budget.money)
        return min(1.0, max(shares))

    def _left(self, seconds: float) -> str:
        progress = self._progress(seconds)
        return "…" if progress < 0.01 else f"about {_clock(seconds * (1 - progress) / progress)}"

    def _lines(self, width: int) -> Sequence[Text]:
        lines = [_line(event, width) for event in self.recent]
        return [*lines, *(Text(note[: 3 * width], style="italic") for note in self.notes)]

    def picture(self, file: Path) -> Path:
        """Save the view as it stands, as an SVG."""
        canvas = Console(record=True, width=128, file=io.StringIO(), force_terminal=True, color_system="truecolor")
        canvas.print(self)
        svg = canvas.export_svg(title=f"wunder run {self.run.domain}")
        file.write_text(_WEB_FONT.sub("", svg), "utf-8")  # the reader's own fonts: nothing is fetched from elsewhere
        return file

    # ---- the end -------------------------------------------------------------------------------------------------

    def farewell(self, ended: Ended, files: Sequence[Path]) -> None:
        """Say how it ended and what to do next."""
        rests = ended.status in ("paused", "stopped", "failed") and self.done < self.run.plan.steps
        closer = (f"wunder archive show {self.run.id}", f"wunder report {self.run.id} --open", "wunder web --open")
        further = f"wunder fork {self.run.id} --steps {2 * self.run.plan.steps}"
        parting.farewell(self.console, "run", self.run.id, ended, files, rests=rests, closer=closer, further=further)


class Plain(Watch):
    """One line per step: for logs, and for terminals that are none."""

    def tell(self, event: Event) -> None:
        super().tell(event)
        if isinstance(event, Spent):
            size = _size(self.axes)
            tokens = event.prompt_tokens + event.completion_tokens
            print(
                f"step {self.done}/{self.run.plan.steps}  cells {len(self.cells)}/{size}"
                f"  qd {sum(self.cells.values()):.2f}  calls {event.calls}  tokens {tokens}"
                f"  cost {event.cost:.4f}  errors {event.errors}",
                flush=True,
            )

    def _note(self, words: str) -> None:
        print(screen.line(words), flush=True)


@contextmanager
def watching(run: Run, settings: Settings, *, quiet: bool) -> Iterator[Watch]:
    """A view for the length of a run: live where there is a terminal, else a line per step."""
    console = Console()
    if quiet or not console.is_terminal:
        print(f"run {run.id} of {run.domain}", flush=True)  # whoever started it reads here what it is called
        yield Plain(run, settings, console)
        return
    watch = Watch(run, settings, console)
    with Live(watch, console=console, refresh_per_second=4):
        yield watch


def heat_map(axes: Axes, cells: dict[Cell, float]) -> Table:
    """The archive as coloured blocks, first axis down, second across; further axes show their best cell."""
    names = list(axes)
    grid = Table.grid(padding=(0, 1, 0, 0))
    if not names:
        return grid
    down = axes[names[0]]
    across = axes[names[1]] if len(names) > 1 else ("",)
    best: dict[tuple[str, str], float] = {}
    for cell, value in cells.items():
        place = (cell[0], cell[1] if len(cell) > 1 else "")
        best[place] = max(value, best.get(place, value))
    top = max(best.values(), default=0.0) or 1.0
    grid.add_column(justify="right")
    for name in down:
        row = Text()
        for other in across:
            held = best.get((name, other))
            row.append("·  " if held is None else "██ ", "bright_black" if held is None else colour(held / top))
        grid.add_row(Text(f"{name[:22]}  ", style="dim"), row)
    grid.add_row("", Text("".join(f"{other[:2]:<3}" for other in across), style="dim"))
    return grid


def _line(event: Explored, width: int) -> Text:
    cell = " × ".join(event.cell) if event.cell else screen.line(event.reason or event.fate)
    line = Text(f"{MARKS[event.fate]} ", style="bold" if event.fate == "elite" else "dim")
    line.append(f"{cell[:44]:<44} ", "cyan")
    line.append(screen.line(event.text, max(10, width - 50)), "default")
    return line


def _clock(seconds: float) -> str:
    minutes, rest = divmod(int(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


def _size(axes: Axes) -> int:
    size = 1
    for values in axes.values():
        size *= len(values)
    return size if axes else 0
