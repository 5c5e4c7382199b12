"""One training from beginning to end: updates in one jitted program, examinations, checkpoints, what is left behind."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from itertools import accumulate
from pathlib import Path
from statistics import fmean
from typing import Any, Protocol

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired import adversary
from wunderkammer.domains.paired.car_examination import examination_of
from wunderkammer.domains.paired.examination import Examination, unstack
from wunderkammer.domains.paired.kept import keep
from wunderkammer.domains.paired.methods import Method, Teaches, method
from wunderkammer.domains.paired.mixture import given_mazes
from wunderkammer.domains.paired.school import School, school_of
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.domains.paired.sheet import Row, Shown, sheet
from wunderkammer.learners.checkpoint import Checkpoints
from wunderkammer.learners.ppo import Figures
from wunderkammer.worlds.world import Key

SAVED_EVERY_S = 30.0
"""At most so much work is lost when it is killed, or one call of the program where that takes longer."""
MAPS, ROWS = 6, 8
"""Levels that are kept of each examination, and how many examinations are drawn."""


class Tell(Protocol):
    """Who hears how it goes."""

    def __call__(self, step: int, of: int | None = None, words: str = "", **figures: float) -> None: ...


@dataclass
class Record:
    """What is remembered of a training beside its arrays; JSON throughout."""

    curve: list[dict[str, float]] = field(default_factory=list)
    """A row per call of the program: `update`, `steps`, the method's figures; where it was examined, `solved` and the
    complexity of the levels."""
    mazes: dict[str, list[float]] = field(default_factory=dict)
    """Solve rate by held-out maze, at `end` and at `equal_steps`."""
    levels: list[tuple[int, list[str]]] = field(default_factory=list)
    """Maps of a few levels that were learned in, by update."""
    seconds: float = 0.0
    """Spent in all attempts, compiling included."""


class Training:
    """A training in hand."""

    def __init__(self, settings: TrainingSettings, now: Callable[[], float], levels: Path | None = None) -> None:
        self.settings, self.now = settings, now
        if bool(settings.levels) != (levels is not None):
            raise ConfigError("levels: the settings name an artifact and the training needs its file, or neither")
        self.school: School = school_of(settings, levels and given_mazes(settings, levels))
        self.method: Method[Any] = method(self.school)
        self.exam: Examination = examination_of(self.school)
        self.seed = jax.random.key(settings.seed)
        self.steps = list(accumulate(map(self.method.cost, range(settings.updates))))
        """Environment steps after each update; known beforehand."""
        self.equal = self._turn_at(settings.compared_at)
        self.record = Record()
        self._run = jax.jit(partial(run_block, self.method, settings.report), donate_argnums=1)

    def begin(self) -> Any:
        """The state before the first update."""
        return jax.jit(self.method.init)(jax.random.fold_in(self.seed, 0))

    def conduct(self, checkpoint: Path, tell: Tell) -> Any:
        """The state after the last update, from the latest checkpoint or from nothing."""
        settings, began = self.settings, self.now()
        with Checkpoints(checkpoint, settings.id) as kept:
            tell(0, settings.updates, words="compiling")
            found = kept.latest(jax.eval_shape(self.method.init, self.seed))
            turn, state = (0, self.begin()) if found is None else (found.turn, found.state)
            if found is not None:
                self.record = Record(**found.notes)
            before, saved = self.record.seconds, began
            while turn < settings.updates:
                turn, state, row = self._block(turn, state)
                tell(turn, settings.updates, "", **row)
                if turn == settings.updates or self.now() - saved >= SAVED_EVERY_S:
                    saved = self.now()
                    self.record.seconds = before + saved - began
                    kept.save(turn, state, vars(self.record))
        return state

    def leave(self, state: Any, out: Path) -> dict[str, Any]:
        """Write the artifacts; figures of the end, and of the moment of equal environment steps."""
        record, end = self.record, self.record.curve[-1]
        student = self.method.student(state)
        keep(self.settings, student, out / "student.safetensors")
        if isinstance(self.method, Teaches):
            keep(self.settings, self.method.teacher(state), out / adversary.FILE)
        (out / "curve.json").write_text(json.dumps(record.curve), "utf-8")
        names = self.exam.suite.names
        mazes = {when: dict(zip(names, rates, strict=True)) for when, rates in record.mazes.items()}
        (out / "held_out.json").write_text(json.dumps(mazes), "utf-8")
        far = self.exam.large(student, self._key(self.settings.updates, 4)) if self.settings.large else None
        ways = self.exam.ways("The student at the end", student, self._key(self.settings.updates, 2))
        (out / "mazes.svg").write_text(sheet([*self._drawn(), ways]), "utf-8")
        return {
            "method": self.settings.method,
            "preset": self.settings.id,
            "device": jax.devices()[0].device_kind,
            "solved": fmean(record.mazes["end"]),
            "solved_equal_steps": fmean(record.mazes["equal_steps"]),
            **self._late(),
            **({} if far is None else {"solved_large": fmean(far.solved)}),
            "equal_update": float(self.equal),
            "seconds": round(record.seconds, 1),
            **{name: round(figure, 6) for name, figure in end.items() if name != "solved"},
        }

    def _block(self, turn: int, state: Any) -> tuple[int, Any, dict[str, float]]:
        """One call of the program, and an examination where one is due."""
        since, past = self.now(), self.steps[turn - 1] if turn else 0
        state, figures = self._run(self.seed, state, jnp.int32(turn))
        row = {name: float(figure) for name, figure in jax.device_get(figures).items()}
        turn += self.settings.report
        steps = self.steps[turn - 1]
        row |= {"update": float(turn), "steps": float(steps), "speed": (steps - past) / (self.now() - since)}
        if turn % self.settings.test == 0 or turn in (self.equal, self.settings.updates):
            row |= self._examine(turn, state)
        self.record.curve.append(row)
        return turn, state, row

    def _examine(self, turn: int, state: Any) -> dict[str, float]:
        marks = self.exam.marks(self.method.student(state), self._key(turn, 1))
        levels = self.method.levels(state)
        self.record.mazes["end"] = list(marks.solved)
        if turn == self.equal:
            self.record.mazes["equal_steps"] = list(marks.solved)
        few = unstack(jax.device_get(levels), MAPS)
        self.record.levels.append((turn, [self.school.levels.text(level) for level in few]))
        return {"solved": fmean(marks.solved), **self.exam.said(marks), **self.exam.complexity(levels)}

    def _late(self) -> dict[str, float]:
        """Means over the examinations of the second half, of all updates and of what `dr` has in environment steps: a
        student is better and worse from one examination to the next, which the last one alone takes for its ability."""
        exams = [row for row in self.record.curve if "solved" in row]
        updates, steps = self.settings.updates / 2, self.settings.compared_at / 2
        whole = [row["solved"] for row in exams if row["update"] > updates]
        equal = [row["solved"] for row in exams if row["steps"] > steps and row["update"] <= self.equal]
        return {"solved_late": fmean(whole), "solved_late_equal_steps": fmean(equal)}

    def _drawn(self) -> list[Row]:
        """Levels over time, the first and the last examination among them."""
        kept = self.record.levels
        chosen = sorted({round(at * (len(kept) - 1) / max(ROWS - 1, 1)) for at in range(ROWS)})
        return [
            Row(f"Levels of update {turn}", [Shown(self.exam.drawn(level)) for level in levels])
            for turn, levels in (kept[at] for at in chosen)
        ]

    def _turn_at(self, steps: int) -> int:
        """The update, among those after which we look, whose environment steps come nearest."""
        ends = range(self.settings.report, self.settings.updates + 1, self.settings.report)
        return min(ends, key=lambda turn: abs(self.steps[turn - 1] - steps))

    def _key(self, turn: int, purpose: int) -> Key:
        """Of one purpose after one update; a training that was interrupted draws the same."""
        return jax.random.fold_in(jax.random.fold_in(self.seed, purpose), turn)


def run_block(method: Method[Any], updates: int, seed: Key, state: Any, turn: jax.Array) -> tuple[Any, Figures]:
    """So many updates from `turn` on, and the means of their figures.

    The seed is an argument, so that one compiled program serves all seeds; each turn's key follows from both.
    """

    def once(state: Any, turn: jax.Array) -> tuple[Any, Figures]:
        return method.update(jax.random.fold_in(jax.random.fold_in(seed, 3), turn), state, turn)

    state, figures = jax.lax.scan(once, state, turn + jnp.arange(updates))
    return state, jax.tree.map(jnp.mean, figures)


def train(
    settings: TrainingSettings,
    checkpoint: Path,
    out: Path,
    tell: Tell,
    now: Callable[[], float],
    levels: Path | None = None,
) -> dict[str, Any]:
    """Train, and leave `student.safetensors`, `curve.json`, `held_out.json` and `mazes.svg` in `out`; the figures.

    Killed at any moment and started again with the same checkpoint folder, it ends with the same weights, bit for bit.
    tell: hears each call of the program, some seconds of work. now: seconds on a clock that does not go back.
    levels: the file that `settings.levels` names by its content.

    Raises:
        ConfigError: the checkpoint is of other settings, or the file's mazes do not fit.
    """
    training = Training(settings, now, levels)
    return training.leave(training.conduct(checkpoint, tell), out)
