"""What a study is: a hypothesis with its threshold, the plan of a study, and what a domain of jobs says of itself."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal, Protocol, TypeVar, get_args, get_origin, runtime_checkable

from pydantic import Field, model_validator

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import BudgetSettings, checked
from wunderkammer.core.table import changed, read_table

Plain = str | int | float | bool
Expectation = Literal["higher", "lower", "same"]
Source = Literal["domain", "user", "contrast", "follow-up", "model"]
VerdictWord = Literal["supported", "refuted", "undecided"]
SEED = "seed"
"""The field of a genome that makes the pairs."""


class Hypothesis(Frozen):
    """A comparison of two settings of a study, with the threshold by which it will be judged.

    Settings are fields of the domain's genome; what is named nowhere keeps its default. `seed` is not among them: the
    same seeds are given to both sides, which makes the pairs.
    """

    domain: str
    treatment: dict[str, Plain] = Field(min_length=1)
    control: dict[str, Plain] = Field(min_length=1)
    """The same fields as `treatment`, with other values."""
    given: dict[str, Plain] = Field(default_factory=dict)
    """Settings of both sides."""
    measure: str
    """A measure of the outcome, or `score`, or `fitness`."""
    expects: Expectation
    """Of the mean difference, treatment − control, over pairs of seeds."""
    margin: float = Field(0.0, ge=0)
    """higher: the difference is above +margin. lower: below −margin. same: within ±margin, which must not be 0."""
    because: str = ""
    """Why one should think so; a model's words or a person's."""
    source: Source = "domain"
    after: str = ""
    """The finding that it follows."""

    @model_validator(mode="after")
    def _is_comparison(self) -> Hypothesis:
        if self.treatment.keys() != self.control.keys():
            raise ValueError("treatment and control must name the same settings")
        if any(self.treatment[key] == self.control[key] for key in self.treatment):
            raise ValueError("treatment and control must differ in every setting they name; put the others into given")
        if self.treatment.keys() & self.given.keys():
            raise ValueError("a setting that is compared cannot be given")
        if SEED in {*self.treatment, *self.given}:
            raise ValueError("seeds make the pairs; they cannot be compared")
        if self.expects == "same" and self.margin == 0:
            raise ValueError("sameness needs a margin: nothing is equal to the last digit")
        return self

    @cached_property
    def id(self) -> str:
        """Of what is compared and how it is judged; not of who thought of it, or why."""
        compared = (self.treatment, self.control, self.given)
        return content_id("hypothesis", self.domain, *compared, self.measure, self.expects, self.margin)

    @property
    def contrast(self) -> str:
        """The comparison in words: `filter=False against filter=True, given planted=80`."""
        given = f", given {settings_in_words(self.given)}" if self.given else ""
        return f"{settings_in_words(self.treatment)} against {settings_in_words(self.control)}{given}"

    @property
    def threshold(self) -> str:
        """What is expected of the difference, as a formula."""
        left, margin = f"mean difference of {self.measure}", f"{self.margin:g}"
        return {
            "higher": f"{left} > {margin}",
            "lower": f"{left} < -{margin}" if self.margin else f"{left} < 0",
            "same": f"|{left}| < {margin}",
        }[self.expects]

    @property
    def refuted_by(self) -> str:
        """What would show it wrong."""
        opposite = {"higher": "<", "lower": ">", "same": "> in size"}[self.expects]
        edge = -self.margin if self.expects == "lower" else self.margin
        return f"a mean difference of {self.measure} {opposite} {edge + 0.0:g}, beyond chance"

    def settings(self, side: Literal["treatment", "control"]) -> dict[str, Plain]:
        """All that one side sets."""
        return {**self.given, **(self.treatment if side == "treatment" else self.control)}


def settings_in_words(settings: Mapping[str, Plain]) -> str:
    """`name=value, name=value`, by name."""
    return ", ".join(f"{key}={value}" for key, value in sorted(settings.items()))


def settings_of(genome: type[Frozen]) -> dict[str, tuple[Plain, ...]]:
    """The settings with finitely many values, each with its default first: `bool` and `Literal` fields, the latter also
    where other words are allowed beside them (`Literal["a", "b"] | str`)."""
    found: dict[str, tuple[Plain, ...]] = {}
    for name, field in genome.model_fields.items():
        values: tuple[Plain, ...] = ()
        if field.annotation is bool:
            values = (True, False)
        else:
            literals = [one for one in (field.annotation, *get_args(field.annotation)) if get_origin(one) is Literal]
            values = get_args(literals[0]) if literals else ()
        if len(values) > 1 and name != SEED and field.default in values:
            found[name] = (field.default, *(value for value in values if value != field.default))
    return found


G = TypeVar("G", bound=Frozen)


def another(genome: G, settings: Mapping[str, Sequence[Plain]], rng: Random) -> G:
    """The genome with one setting changed, to another of its values."""
    name, values = rng.choice(list(settings.items()))
    others = [value for value in values if value != getattr(genome, name)]
    return genome.model_copy(update={name: rng.choice(others)})


@runtime_checkable
class Inquires(Protocol):
    """A domain of jobs (`Trains`) that can be studied. Its genome has a field `seed`; the other fields are settings."""

    measures: ClassVar[Mapping[str, float]]
    """What its outcomes measure, each with the smallest difference that would matter to anybody."""

    def hypotheses(self) -> Sequence[Hypothesis]:
        """What its paper claims, or its author wants to know, with thresholds; tested first. May be empty."""
        ...


class StudyPlan(Frozen):
    """One study: everything that decides what is asked and how it is judged, fixed before the first job."""

    domain: str
    options: dict[str, Any] = Field(default_factory=dict)
    """The domain's own settings, validated by `Domain.options`."""
    asked: tuple[Hypothesis, ...] = ()
    """The user's own hypotheses; they come before the domain's."""
    stated: bool = True
    """Whether the domain's own hypotheses are tested."""
    given: dict[str, Plain] = Field(default_factory=dict)
    """Settings put under every hypothesis that does not set them itself, for example a smaller size."""
    seed: int = 0
    """The first seed of the pairs."""
    pairs: int = Field(8, ge=2, le=1000)
    """Seeds per hypothesis, at first."""
    most_pairs: int = Field(32, ge=2, le=1000)
    """A follow-up of something undecided never asks for more."""
    rounds: int = Field(1, ge=1, le=100)
    """How often follow-ups are chosen, and one. The error that `confidence` allows is shared out evenly over them."""
    width: int = Field(4, ge=1, le=100)
    """Hypotheses per round."""
    confidence: float = Field(0.95, gt=0.5, lt=1)
    """One minus the chance of any false verdict in the whole study (holm), or their share (bh)."""
    correction: Literal["holm", "bh"] = "holm"
    most_jobs: int = Field(1000, ge=1)
    """Jobs in all; a round that needs more is made of fewer hypotheses."""
    budget: BudgetSettings = BudgetSettings()

    @cached_property
    def id(self) -> str:
        return content_id("study", self)

    @property
    def alpha(self) -> float:
        """The error that one round may make."""
        return (1 - self.confidence) / self.rounds


def read_study(file: Path, **changes: Any) -> StudyPlan:
    """A plan from a TOML file, with changes on top; dotted keys reach into tables (`given.calls`)."""
    return make_study(read_table(file), where=str(file), **changes)


def make_study(values: Mapping[str, Any], *, where: str = "study", **changes: Any) -> StudyPlan:
    """A plan from plain values, with changes on top as in `read_study`; a `ConfigError` names each wrong field."""
    return checked(StudyPlan, changed(values, changes), where)
