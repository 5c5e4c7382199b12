"""The report of a hardening as a value: everything its page shows, and what is written beside it as JSON."""

from __future__ import annotations

from typing import Any

from pydantic import Field, model_validator

from wunderkammer.apps.hardening.dataset import Counts
from wunderkammer.apps.hardening.figures import Mean, Paired
from wunderkammer.apps.report.story import Part, RoleCalls, Words
from wunderkammer.core.plan import Status


class Subject(Part):
    """One target that was examined: the original, or what a round made of it."""

    round: int
    target: str
    """As people may read it."""
    success: Mean | None = None
    """Of held-out attacks, by the evaluator's rule."""
    success_gap: Paired | None = None
    """Against the original, over the same elites; None for the original itself."""
    figure: Mean | None = None
    """Mean of what the evaluator looks at, over the same elites."""
    figure_gap: Paired | None = None
    refusals: Mean | None = None
    """Of ordinary prompts."""
    refusals_gap: Paired | None = None
    faults: int = 0
    """Evaluations that a server's fault stood in the way of."""
    perplexity: float | None = None
    """On ordinary text."""
    perplexity_ratio: Mean | None = None
    """Against the original, over the same passages."""
    accuracy: float | None = None
    """On the question set."""
    accuracy_change: Mean | None = None
    questions: int = 0


class Attacked(Part):
    """A search and what became of its elites when they were asked again."""

    round: int
    """0: held out, of the original. Else the re-attack of that round."""
    run: str
    filled: int
    cells: int
    stored: Mean | None = None
    """Success as the archive has it: the best of several noisy looks, and too high."""
    confirmed: Mean | None = None
    """Success by fresh answers."""
    figure: Mean | None = None
    """Mean of what the evaluator looks at, by fresh answers."""
    status: str = ""


class Matrix(Part):
    """Success of archives (rows) on targets (columns), by fresh answers; None where it was not measured."""

    archives: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    rows: tuple[tuple[Mean | None, ...], ...] = ()

    @model_validator(mode="after")
    def _is_a_matrix(self) -> Matrix:
        if len(self.rows) != len(self.archives) or any(len(row) != len(self.targets) for row in self.rows):
            raise ValueError(f"rows must be {len(self.archives)} rows of {len(self.targets)}")
        return self


class Example(Part):
    """A lesson, to be read."""

    cell: tuple[str, ...] = ()
    asked: Words
    chosen: Words
    rejected: Words | None = None
    source: str = ""


class Trained(Part):
    """What a round trained, and on what."""

    round: int
    adapter: str = ""
    hash: str = ""
    counts: Counts | None = None
    archives: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    jobs: tuple[str, ...] = ()
    figures: dict[str, float] = Field(default_factory=dict)
    """What the training said of itself."""


class StageTime(Part):
    """A stage that was done."""

    round: int
    stage: str
    words: str
    seconds: float


class HardeningReport(Part):
    """A hardening from end to end."""

    hardening: str
    title: str
    """The domain's."""
    domain: str
    status: Status
    reason: str = ""
    """Why it came to rest, or what stopped it."""
    started: float
    plan: dict[str, Any]
    roles: dict[str, str] = Field(default_factory=dict)
    learnt: tuple[str, ...] = ()
    held_out: tuple[str, ...] = ()
    rule: str = ""
    """What a success is."""
    measure: str = ""
    """What the evaluator looks at."""
    subjects: tuple[Subject, ...] = ()
    attacks: tuple[Attacked, ...] = ()
    matrix: Matrix = Matrix()
    trained: tuple[Trained, ...] = ()
    stages: tuple[StageTime, ...] = ()
    calls: tuple[RoleCalls, ...] = ()
    command: str = ""
    environment: dict[str, str] = Field(default_factory=dict)

    @property
    def seconds(self) -> float:
        return sum(stage.seconds for stage in self.stages)
