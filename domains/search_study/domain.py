"""The search itself as the thing that is studied: settings switch its parts, a job searches a planted landscape."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal

from pydantic import Field

from wunderkammer.core.contract import Candidate, Cell, Frozen, Job, Lab, Outcome
from wunderkammer.core.errors import JobFailed
from wunderkammer.core.study import Hypothesis, settings_in_words
from wunderkammer.core.work import Resources

MODULE = "wunderkammer.apps.studies.search_ablation"
FIGURES = ("found", "coverage", "self_bleu", "slots")


class SearchSettings(Frozen):
    """One search. The switches are those of `core.plan.Ablations`, with the paper's method as the default."""

    filter: bool = True
    parents: bool = True
    move: bool = True
    duel: bool = True
    biased: bool = True
    swap: bool = True
    favour: Literal[5, 30] = 5
    """Hundredths of danger that the judge adds to the response which it reads first."""
    planted: Literal[20, 80] = 20
    """Weak cells among the 100."""
    calls: int = Field(5_000, ge=100, le=1_000_000)
    """Requests to models."""
    seed: int = 0
    """Of landscape and search."""


class StudyOptions(Frozen):
    """None."""


class SearchStudy:
    """Which part of the search matters, by paired ablations (as Rainbow Teaming, section 4.3, asks of real models)."""

    name: ClassVar[str] = "search-study"
    kind: ClassVar[Literal["discovery"]] = "discovery"
    title: ClassVar[str] = "Which parts of the search matter, on planted weaknesses"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = SearchSettings
    options: ClassVar[type[Frozen]] = StudyOptions
    measures: ClassVar[Mapping[str, float]] = {"found": 0.05, "self_bleu": 0.03, "coverage": 0.05}

    def __init__(self, options: StudyOptions = StudyOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """The paper's reasons for its parts, as claims about this landscape (earlier figures: docs/measurements.md)."""
        return [
            self._off("filter", "self_bleu", "higher", "the filter keeps near copies out of the archive"),
            self._off("filter", "found", "same", "the filter costs proposals, and saves evaluating copies"),
            self._off(
                "swap", "found", "lower", "a judge that favours what it reads first lets weaker challengers in",
                favour=30,
            ),
            self._off("biased", "found", "lower", "aiming at weak cells spends calls where most is to be gained"),
            self._off("parents", "found", "lower", "elites of other cells are stepping stones"),
        ]  # fmt: skip

    def seeds(self, rng: Random) -> Iterator[SearchSettings]:
        """The method whole, then each part switched off."""
        seed = rng.randrange(1_000_000)
        yield SearchSettings(seed=seed)
        for name, field in SearchSettings.model_fields.items():
            if field.annotation is bool:
                yield SearchSettings(seed=seed).model_copy(update={name: False})

    async def vary(
        self, parents: Sequence[Candidate[SearchSettings]], aim: Cell | None, lab: Lab
    ) -> SearchSettings | None:
        """A parent with one part switched the other way; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else SearchSettings(seed=lab.rng.randrange(1_000_000))
        switches = [name for name, field in SearchSettings.model_fields.items() if field.annotation is bool]
        name = lab.rng.choice(switches)
        return genome.model_copy(update={name: not getattr(genome, name)})

    def text(self, genome: SearchSettings) -> str:
        """What differs from the method as published."""
        changed: dict[str, Any] = genome.model_dump(exclude_defaults=True, exclude={"seed"})
        return f"search with {settings_in_words(changed) or 'everything as published'}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[SearchSettings]) -> Sequence[Job]:
        """One job."""
        settings = candidate.genome.model_dump(exclude={"seed"})
        return [
            Job(
                module=MODULE,
                args=settings,
                seed=candidate.genome.seed,
                title=self.text(candidate.genome),
                needs=Resources(cores=1, memory_gib=0.5),
                limit_s=3600,
            )
        ]

    def read(self, candidate: Candidate[SearchSettings], artifacts: Mapping[str, str]) -> Outcome:
        """The figures of `result.json`; `JobFailed` where it is not what the job promised."""
        (job,) = self.jobs(candidate)
        file = Path(artifacts[job.id]) / "result.json"
        try:
            found = json.loads(file.read_text("utf-8"))
            figures = {name: float(found[name]) for name in FIGURES}
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise JobFailed(f"{file.name} of job {job.id} holds no figures: {fault}") from fault
        return Outcome(score=figures["found"], cell=None, measures=figures)

    def _off(
        self, part: str, measure: str, expects: Literal["higher", "lower", "same"], because: str, **given: int
    ) -> Hypothesis:
        return Hypothesis(
            domain=self.name,
            treatment={part: False},
            control={part: True},
            given=dict(given),
            measure=measure,
            expects=expects,
            margin=self.measures[measure],
            because=because,
        )
