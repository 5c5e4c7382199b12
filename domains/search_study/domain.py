"""The search itself as the thing that is studied: settings switch its parts, a job searches a planted landscape."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any, ClassVar, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer

from wunderkammer.core.contract import Candidate, Cell, Frozen, Job, Lab, Outcome
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Hypothesis, another, settings_in_words, settings_of
from wunderkammer.core.work import Resources

MODULE = "wunderkammer.apps.studies.search_ablation"
NOVELTY = ("novelty_bias", "novelty_weight", "refuse")
FIGURES = ("found", "coverage", "self_bleu", "slots")


class SearchSettings(Frozen):
    """One search. The switches are those of `core.plan.Ablations`, with the paper's method as the default; novelty is
    that of `core.plan.NoveltySettings`, and decides nothing by default."""

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
    novelty_bias: Literal[0, 2, 8] = 0
    """Parents are drawn with weight novelty ^ bias."""
    novelty_weight: Literal[0, 50] = 0
    """Hundredths: a score counts as score + weight × novelty. Where a duel decides, it has no effect."""
    refuse: Literal[0, 45] = 0
    """Hundredths of cosine distance (hashed n-grams) below which a candidate is a near-duplicate, and is not evaluated:
    at 45 it is the same words under another marker. 0: none is refused."""
    seed: int = 0
    """Of landscape and search."""

    @model_serializer(mode="wrap")
    def _said(self, plain: SerializerFunctionWrapHandler) -> dict[str, Any]:
        """Without what novelty does not decide: such searches keep the ids that they had before it was a setting."""
        return {name: value for name, value in plain(self).items() if value or name not in NOVELTY}


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
            Hypothesis(
                domain=self.name,
                treatment={"novelty_bias": 2},
                control={"novelty_bias": 0},
                measure="found",
                expects="higher",
                margin=self.measures["found"],
                because="parents unlike all that was tried lead to where nothing was found yet",
            ),
        ]  # fmt: skip

    def seeds(self, rng: Random) -> Iterator[SearchSettings]:
        """The method whole, then each setting changed by itself."""
        whole = SearchSettings(seed=rng.randrange(1_000_000))
        yield whole
        for name, (_, *others) in settings_of(SearchSettings).items():
            yield from (whole.model_copy(update={name: value}) for value in others)

    async def vary(
        self, parents: Sequence[Candidate[SearchSettings]], aim: Cell | None, lab: Lab
    ) -> SearchSettings | None:
        """A parent with one setting changed; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else SearchSettings(seed=lab.rng.randrange(1_000_000))
        return another(genome, settings_of(SearchSettings), lab.rng)

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
        found = figures_of(job, artifacts, *FIGURES)
        return Outcome(score=found["found"], cell=None, measures={name: found[name] for name in FIGURES})

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
