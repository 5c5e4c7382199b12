"""The report of a run as a value: everything the page shows, and what is written beside it as JSON."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property
from math import prod
from typing import Annotated, Any

from pydantic import BeforeValidator, ConfigDict, Field, computed_field, model_validator

from wunderkammer.apps.openended import Watch
from wunderkammer.apps.report.measures import Agreement, Evaluation, Rate
from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Cell, Entry, Frozen, Verdict
from wunderkammer.core.plan import SearchPlan, Status
from wunderkammer.core.records import Finding
from wunderkammer.memory.diversity import Diversity


def _storable(value: object) -> object:
    """Lone surrogates, which a model's JSON may contain, cannot be written as UTF-8: they become `?`."""
    return value.encode("utf-8", "replace").decode("utf-8") if isinstance(value, str) else value


Words = Annotated[str, BeforeValidator(_storable)]
"""Text of a model. It is data wherever it goes."""


class Part(Frozen):
    """A part of a report. Figures that are not finite are written as words, so that the JSON can be read again."""

    model_config = ConfigDict(ser_json_inf_nan="strings")


class Ancestor(Part):
    """One step back on the way from an elite to its seed."""

    id: str
    text: Words
    cell: Cell | None = None
    """Where it landed; None where it holds no place, or its slot was never evaluated."""
    fitness: float | None = None


class Holder(Part):
    """The elite that holds a cell."""

    id: str
    text: Words
    """The candidate as people read it: a prompt, a question, a level."""
    response: Words | None = None
    """What the target said to it."""
    right: Words | None = None
    """What would have been right, where code or an oracle knows."""
    score: float | None = None
    fitness: float | None = None
    """What colours the cell; None: ranked by duel alone."""
    measures: dict[str, float] = Field(default_factory=dict)
    notes: dict[str, Words] = Field(default_factory=dict)
    """Further short texts by name."""
    verdict: Verdict | None = None
    """The duel by which it took the cell; None: the cell was empty, or the score decided."""
    arm: str | None = None
    """How it was varied from its parent, where the domain has several ways."""
    slot: int = -1
    step: int | None = None
    generation: int = 0
    """Steps back to its seed; 0 for a seed or one made from nothing."""
    lineage: tuple[Ancestor, ...] = ()
    """Parent first, seed last. May stop early; `generation` says how far it goes."""

    @classmethod
    def of(
        cls,
        entry: Entry[Any],
        text: str,
        *,
        lineage: Iterable[Ancestor] = (),
        generation: int | None = None,
        verdict: Verdict | None = None,
        arm: str | None = None,
        step: int | None = None,
    ) -> Holder:
        """From what the ledger keeps. The notes `response` (else `answer`) and `right` find their own places."""
        notes, back = dict(entry.outcome.notes), tuple(lineage)
        response = notes.pop("response", None)
        return cls(
            id=entry.candidate.id,
            text=text,
            response=response if response is not None else notes.pop("answer", None),
            right=notes.pop("right", None),
            score=entry.outcome.score,
            fitness=entry.outcome.fitness,
            measures=entry.outcome.measures,
            notes=notes,
            verdict=verdict,
            arm=arm,
            slot=entry.slot,
            step=step,
            generation=len(back) if generation is None else generation,
            lineage=back,
        )


class Niche(Part):
    """A filled cell."""

    cell: Cell
    elite: Holder
    tried: int = 1
    """Candidates that landed here, elites and not."""
    held_by: int = 1
    """How many elites it has had, the present one counted."""


class Point(Part):
    """The run as it stood after a step."""

    step: int
    seconds: float
    """Since the start of the run, pauses left out."""
    filled: int
    qd_score: float
    accepted: int
    """New elites in this step alone."""
    calls: int = 0
    """Calls, tokens and cost so far."""
    tokens: int = 0
    cost: float = 0.0


class Fates(Part):
    """What became of every slot. `error` is a fault of a server or of the evaluation, never a finding."""

    elite: int = 0
    lost: int = 0
    off_grid: int = 0
    filtered: int = 0
    duplicate: int = 0
    unusable: int = 0
    error: int = 0

    @cached_property
    def total(self) -> int:
        return sum(getattr(self, name) for name in type(self).model_fields)


class RoleCalls(Part):
    """The model calls of one role."""

    role: str
    model: str
    """Server and model, without credentials."""
    calls: int
    cached: int = 0
    """Answered from the ledger; not among `calls`, and free."""
    errors: int = 0
    """Calls that failed for good, after their retries."""
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float = 0.0
    median_s: float | None = None
    p95_s: float | None = None


class Transfer(Part):
    """How well archives work against other targets than the one they were found with."""

    archives: tuple[str, ...]
    """Rows: the target that each archive was searched against."""
    targets: tuple[str, ...]
    """Columns: the target that was attacked with it."""
    rates: tuple[tuple[Rate | None, ...], ...]
    """One row per archive; None where it was not measured."""

    @model_validator(mode="after")
    def _is_a_matrix(self) -> Transfer:
        if len(self.rates) != len(self.archives) or any(len(row) != len(self.targets) for row in self.rates):
            raise ValueError(f"rates must be {len(self.archives)} rows of {len(self.targets)}")
        return self


class RunReport(Part):
    """A run from end to end. Only the first four fields are required; what is empty is left out of the page."""

    run: str
    title: str
    """The domain's title."""
    plan: SearchPlan
    status: Status
    reason: str = ""
    """Why it came to rest, in the words of `Ended`."""
    started: float | None = None
    """Seconds since the epoch."""
    seconds: float = 0.0
    """Time spent working, pauses left out."""
    roles: dict[str, str] = Field(default_factory=dict)
    """Who played: role to server and model, without credentials."""

    axes: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    niches: tuple[Niche, ...] = ()
    """The filled cells; the others follow from the axes."""
    fitness_is: str = "fitness: higher is stronger"
    """What a cell's number means, for the caption: `P(unsafe) by the classifier`, …"""
    curve: tuple[Point, ...] = ()
    """One point per step, in order."""

    evaluations: tuple[Evaluation, ...] = ()
    agreements: tuple[Agreement, ...] = ()
    diversity: Diversity | None = None
    """Of the elites' texts."""
    fates: Fates = Fates()
    sections: tuple[Section, ...] = ()
    """What the domain itself has to say."""
    transfer: Transfer | None = None
    watches: tuple[Watch, ...] = ()
    """Whether it was open-ended, for each observer that was asked."""
    novelty: tuple[tuple[int, float], ...] = ()
    """Step, and mean novelty of what it evaluated, within its domain and at the moment of storing."""
    findings: tuple[Finding, ...] = ()
    calls: tuple[RoleCalls, ...] = ()
    currency: str = ""
    """Sign or code to set beside costs; empty where prices are not set."""

    command: str = ""
    """What to type to run this again."""
    environment: dict[str, str] = Field(default_factory=dict)
    """Versions and machine: `python`, `wunderkammer`, `platform`, …"""

    @model_validator(mode="before")
    @classmethod
    def _computed_again(cls, values: Any) -> Any:
        """A report read from JSON carries its computed figures; they are computed anew."""
        if isinstance(values, dict):
            return {k: v for k, v in values.items() if k not in cls.model_computed_fields}
        return values

    @model_validator(mode="after")
    def _cells_are_on_the_grid(self) -> RunReport:
        known = [set(values) for values in self.axes.values()]
        seen = set()
        for niche in self.niches:
            if len(niche.cell) != len(known) or any(v not in k for v, k in zip(niche.cell, known, strict=True)):
                raise ValueError(f"cell {niche.cell} is not on the grid of {', '.join(self.axes) or 'no axes'}")
            if niche.cell in seen:
                raise ValueError(f"cell {niche.cell} has two elites")
            seen.add(niche.cell)
        return self

    @computed_field  # type: ignore[prop-decorator]
    @property
    def cells(self) -> int:
        """How many cells the grid has."""
        return prod(len(values) for values in self.axes.values()) if self.axes else 0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def filled(self) -> int:
        return len(self.niches)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def coverage(self) -> float:
        """Share of cells that are filled."""
        return self.filled / self.cells if self.cells else 0.0

    @computed_field  # type: ignore[prop-decorator]
    @property
    def qd_score(self) -> float:
        """Sum of the elites' fitness: quality and diversity in one figure."""
        return sum(niche.elite.fitness or 0.0 for niche in self.niches)

    @computed_field  # type: ignore[prop-decorator]
    @property
    def plan_id(self) -> str:
        """The plan's hash."""
        return self.plan.id
