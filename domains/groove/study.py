"""Learned optimisers as what is studied: one meta-training, examined on worlds it has not seen, is one trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from random import Random
from typing import Any, ClassVar, Literal, get_args

from pydantic import Field

from wunderkammer.core.abilities import Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Job, Lab, Outcome
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Hypothesis, another, settings_in_words, settings_of
from wunderkammer.core.work import Resources
from wunderkammer.domains.groove.drawing import pictures
from wunderkammer.domains.groove.settings import Agents, Examining, GrooveSettings, MetaTraining, Score, Worlds
from wunderkammer.domains.groove.standings import arm_of, sections

TRAIN = "wunderkammer.apps.studies.groove_training"
EXAMINE = "wunderkammer.apps.studies.groove_examining"
ENVIRONMENT = "worlds"
MEASURE, SOONER = "unseen", "sooner"
FRONTIER = "levels in which A2C does better are those from which something is still to be learned"
NOISE = "a value loss is high where rewards are noisy, too, and nothing can be learned from that"
LEARNED = "an optimiser learned over many lives knows what its worlds have in common"
OWN = "what is learned in a life is learned of an objective that was made for it"
ENOUGH = 3.0
"""Points of a hundred that matter to anybody."""
CURRICULA: Sequence[Score] = get_args(Score)


class GrooveOptions(Frozen):
    """What a study of learned optimisers asks, and on what it trains."""

    against: tuple[Score, ...] = ("uniform", "positive", "l1")
    """Other ways to choose levels that algorithmic regret is held against."""
    gpus: int = Field(0, ge=0, le=1)
    """Of each training."""


class GrooveStudy:
    """Does a curriculum of algorithmic regret make a learned optimiser general? (Jackson et al. 2023)"""

    name: ClassVar[str] = "groove-study"
    kind: ClassVar[Literal["discovery"]] = "discovery"
    title: ClassVar[str] = "Which curriculum makes a learned optimiser good in worlds that it has not seen"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = GrooveSettings
    options: ClassVar[type[Frozen]] = GrooveOptions
    measures: ClassVar[Mapping[str, float]] = {MEASURE: ENOUGH, SOONER: ENOUGH, "familiar": ENOUGH}

    def __init__(self, options: GrooveOptions = GrooveOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """On worlds never trained on: regret-chosen levels beat each other choice; an optimiser that was trained on
        them beats one that learned nothing, and A2C."""
        stated = partial(Hypothesis, domain=self.name, expects="higher", measure=MEASURE)
        chosen = [
            stated(
                treatment={"score": "regret"},
                control={"score": other},
                because=FRONTIER if other == "uniform" else NOISE,
            )
            for other in self.settings.against
        ]
        trained = partial(stated, treatment={"learner": "lpg"}, given={"score": "regret"})
        return [
            *chosen,
            trained(control={"learner": "untrained"}, because=OWN),
            trained(control={"learner": "a2c"}, because=LEARNED),
        ]

    def seeds(self, rng: Random) -> Iterator[GrooveSettings]:
        """Every curriculum once."""
        seed = rng.randrange(1_000_000)
        for score in CURRICULA:
            yield GrooveSettings(score=score, seed=seed)

    async def vary(
        self, parents: Sequence[Candidate[GrooveSettings]], aim: Cell | None, lab: Lab
    ) -> GrooveSettings | None:
        """A parent with one setting changed; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else GrooveSettings(seed=lab.rng.randrange(1_000_000))
        return another(genome, settings_of(GrooveSettings), lab.rng)

    def text(self, genome: GrooveSettings) -> str:
        """Learner and curriculum, and what differs from the public code's settings."""
        changed = genome.model_dump(exclude_defaults=True, exclude={"seed", "score", "learner"})
        told = settings_in_words(changed) or "the public code's settings"
        return f"{arm_of(genome)} with {told}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[GrooveSettings]) -> Sequence[Job]:
        """The meta-training, where there is one, and the examination."""
        genome, gpus = candidate.genome, self.settings.gpus
        job, needs = partial(Job, seed=genome.seed, environment=ENVIRONMENT, attempts=5), _needs(gpus)
        if genome.learner != "lpg":
            args = {"learner": genome.learner, **_args(genome, Worlds, Agents, Examining)}
            return [job(module=EXAMINE, args=args, needs=needs, title=f"{genome.learner}, seed {genome.seed}")]
        training = training_job(genome, gpus)
        args = _args(genome, Worlds, Agents, Examining)
        title = f"examination of {training.title}"
        return [training, job(module=EXAMINE, args=args, needs=needs, title=title, after=(training.id,))]

    def read(self, candidate: Candidate[GrooveSettings], artifacts: Mapping[str, str]) -> Outcome:
        """How good agents became in unseen worlds; `JobFailed` where a job does not hold what it promised."""
        jobs = self.jobs(candidate)
        figures = figures_of(jobs[-1], artifacts, MEASURE, SOONER, "familiar")
        if len(jobs) > 1:
            figures |= figures_of(jobs[0], artifacts, "life_return")
        return Outcome(score=figures[MEASURE], cell=None, measures=figures)

    def sections(self, tried: Iterable[Entry[GrooveSettings]]) -> Sequence[Section]:
        """What each curriculum came to, in all worlds and in each; what its levels were like."""
        return sections(tried)

    def pictures(self, tried: Iterable[Entry[GrooveSettings]], artifacts: Mapping[str, str]) -> Sequence[Picture]:
        """Agents' learning curves in unseen worlds, meta-trainings over time, and levels that were chosen."""
        folders = [(arm_of(entry.candidate.genome), self._folders(entry, artifacts)) for entry in tried]
        return pictures(folders)

    def _folders(self, entry: Entry[GrooveSettings], artifacts: Mapping[str, str]) -> list[str]:
        return [artifacts[job.id] for job in self.jobs(entry.candidate) if job.id in artifacts]


def training_job(genome: GrooveSettings, gpus: int = 0) -> Job:
    """A meta-training. Its examination is no part of it: trials that are examined otherwise share it."""
    return Job(
        module=TRAIN,
        args=_args(genome, Worlds, Agents, MetaTraining),
        seed=genome.seed,
        title=f"optimiser from {genome.score} levels, seed {genome.seed}",
        needs=_needs(gpus),
        environment=ENVIRONMENT,
        attempts=5,
    )


def _needs(gpus: int) -> Resources:
    return Resources(cores=1, memory_gib=2.0, gpus=gpus, gpu_memory_gib=8.0 * gpus)


def _args(genome: GrooveSettings, *told: type[Frozen]) -> dict[str, Any]:
    names = {name for one in told for name in one.model_fields}
    return genome.model_dump(include=names, exclude_defaults=True)
