"""Made experience as the thing that is studied: one learner on one diet is one trial."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal, get_args

from pydantic import Field

from wunderkammer.core.abilities import Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Job, Lab, Outcome
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Hypothesis, Plain, another, settings_in_words, settings_of
from wunderkammer.core.work import Resources
from wunderkammer.domains.synther.settings import (
    CLOUDS,
    MADE_OF,
    Collecting,
    Diet,
    Drawing,
    Generating,
    Living,
    Making,
    Practising,
    Source,
    SyntherSettings,
)
from wunderkammer.domains.synther.standings import sections

COLLECT = "wunderkammer.apps.studies.synther_collecting"
MAKE = "wunderkammer.apps.studies.synther_making"
PRACTISE = "wunderkammer.apps.studies.synther_practising"
LIVE = "wunderkammer.apps.studies.synther_living"
ENVIRONMENT = "worlds"
MADE_ANEW = 2
"""Version of all that a generator has a part in: the first one's moving average kept too much of its beginning."""
SCORE, EARLY = "normalised", "early"
FEW = "a generator that has seen few rows fills in what lies between them"
TRUE = "made rows obey the world where noise does not"
ALIKE = "made rows hold what the real ones do"
SOONER = "made rows can be learned from many times where few real ones would be learned by heart"
OFTENER = "what was seen is used up"
ENOUGH = 5.0
"""Points of a hundred that matter to anybody, and within which two diets feed alike."""
Learner = Literal["td3bc", "iql"]


class SyntherOptions(Frozen):
    """What a study of made experience is about, and on what it trains."""

    table: Literal["offline", "online"] = "offline"
    """Which hypotheses are stated: on policies learned from rows alone, or on a learner that lives meanwhile."""
    learners: tuple[Learner, ...] = ("td3bc", "iql")
    """offline: who is asked about."""
    gpus: int = Field(0, ge=0, le=1)
    """Of each job."""


class SyntherStudy:
    """Does experience that a diffusion made teach as real experience does? (Lu et al. 2023)"""

    name: ClassVar[str] = "synther-study"
    kind: ClassVar[Literal["discovery"]] = "discovery"
    title: ClassVar[str] = "Whether experience made by diffusion teaches what little real experience cannot"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = SyntherSettings
    options: ClassVar[type[Frozen]] = SyntherOptions
    measures: ClassVar[Mapping[str, float]] = {
        SCORE: ENOUGH,
        EARLY: ENOUGH,
        "returned": 50.0,
        "dynamics": 0.01,
        "marginal": 0.02,
    }

    def __init__(self, options: SyntherOptions = SyntherOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """Offline, for each learner: made rows beside few real ones do better than those alone, and better than noisy
        copies; rows made of all data, alone, are as good as those. Online: twenty updates a step learn sooner with
        made rows than without, and than one update a step."""
        stated = partial(Hypothesis, domain=self.name, expects="higher")
        if self.settings.table == "online":
            dreaming: dict[str, Plain] = {"diet": "lived-synther"}
            alone: dict[str, Plain] = {"diet": "lived"}
            once, often = ({"ratio": updates} for updates in (1, 20))
            return [
                stated(treatment=dreaming, control=alone, given=often, measure=EARLY, because=SOONER),
                stated(treatment=often, control=once, given=alone, measure=EARLY, because=OFTENER),
            ]
        made: dict[str, Plain] = {"diet": "synther"}
        alike = partial(stated, expects="same", margin=ENOUGH, because=ALIKE)
        return [
            one
            for learner in self.settings.learners
            for one in (
                stated(
                    treatment=made, control={"diet": "subset"}, given={"learner": learner}, measure=SCORE, because=FEW
                ),
                stated(
                    treatment=made, control={"diet": "noise"}, given={"learner": learner}, measure=SCORE, because=TRUE
                ),
                alike(
                    treatment={"diet": "full-synthetic"},
                    control={"diet": "full"},
                    given={"learner": learner},
                    measure=SCORE,
                ),
            )
        ]

    def seeds(self, rng: Random) -> Iterator[SyntherSettings]:
        """Every diet once."""
        seed = rng.randrange(1_000_000)
        for diet in get_args(Diet):
            yield SyntherSettings(diet=diet, seed=seed)

    async def vary(
        self, parents: Sequence[Candidate[SyntherSettings]], aim: Cell | None, lab: Lab
    ) -> SyntherSettings | None:
        """A parent with one setting changed; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else SyntherSettings(seed=lab.rng.randrange(1_000_000))
        return another(genome, settings_of(SyntherSettings), lab.rng)

    def text(self, genome: SyntherSettings) -> str:
        """Learner and diet, and what differs from the paper's settings."""
        changed = genome.model_dump(exclude_defaults=True, exclude={"seed", "diet", "learner"})
        told = settings_in_words(changed) or "the paper's settings"
        learner = "sac" if genome.lives else genome.learner
        return f"{learner} on {genome.diet} with {told}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[SyntherSettings]) -> Sequence[Job]:
        """The data; rows made of them where the diet has any; the policy. Trials of one seed share the two first."""
        genome = candidate.genome
        if genome.lives:
            return [self._living(genome)]
        data = self._job(genome, COLLECT, f"data of seed {genome.seed}", Collecting)
        source = MADE_OF.get(genome.diet)
        made = [] if source is None else [self._making(genome, source, data)]
        drawn: tuple[type[Frozen], ...] = () if "full" in (source, genome.diet) else (Drawing,)
        args = self._args(genome, Collecting, Practising, *drawn)
        if genome.diet == "noise":
            args |= {"noise": genome.noise, "made": genome.made}
        title = f"{genome.learner} on {genome.diet}, seed {genome.seed}"
        after = tuple(job.id for job in (data, *made))
        return [data, *made, self._job(genome, PRACTISE, title, args=args, after=after)]

    def read(self, candidate: Candidate[SyntherSettings], artifacts: Mapping[str, str]) -> Outcome:
        """What the policy returned, and how good the made rows are where there are any; `JobFailed` where a job does
        not hold what it promised."""
        jobs = self.jobs(candidate)
        needed = (SCORE, EARLY) if jobs[-1].module == LIVE else (SCORE, "returned")
        figures = figures_of(jobs[-1], artifacts, *needed)
        for job in jobs[1:-1]:
            figures |= figures_of(job, artifacts, "marginal")
        return Outcome(score=figures[SCORE], cell=None, measures=figures)

    def sections(self, tried: Iterable[Entry[SyntherSettings]]) -> Sequence[Section]:
        """What each learner comes to on each diet; how good the made rows are."""
        return sections(tried)

    def pictures(self, tried: Iterable[Entry[SyntherSettings]], artifacts: Mapping[str, str]) -> Sequence[Picture]:
        """Real, made and noisy rows of one seed, for each source."""
        drawn: dict[Source, Picture] = {}
        for entry in tried:
            source = MADE_OF.get(entry.candidate.genome.diet)
            if source is None or source in drawn:
                continue
            folder = artifacts.get(self.jobs(entry.candidate)[1].id)
            file = Path(folder) / CLOUDS if folder else None
            if file is not None and file.is_file():
                words = "a small part of the data" if source == "subset" else "all data"
                caption = (
                    f"Rows made of {words}, noisy copies of it, and all real ones: two directions of what is seen."
                )
                drawn[source] = Picture(media="image/svg+xml", data=file.read_bytes(), caption=caption)
        return list(drawn.values())

    def _living(self, genome: SyntherSettings) -> Job:
        told: dict[str, Any] = {"diet": genome.diet, "world": genome.world}
        makes: tuple[type[Frozen], ...] = (Generating,) if genome.diet == "lived-synther" else ()
        own = {"hidden", "lessons", "starts"}
        args = {name: value for name, value in self._args(genome, Practising).items() if name in own}
        title = f"sac, {genome.diet}, {genome.ratio} updates a step, seed {genome.seed}"
        return self._job(
            genome,
            LIVE,
            title,
            args=told | args | self._args(genome, Living, *makes),
            version=MADE_ANEW if makes else 1,
        )

    def _making(self, genome: SyntherSettings, source: Source, data: Job) -> Job:
        args = self._args(genome, Collecting, Making) | {"source": source}
        if source == "full":
            args.pop("share", None)
        return self._job(
            genome, MAKE, f"rows made of {source}, seed {genome.seed}", args=args, after=(data.id,), version=MADE_ANEW
        )

    def _args(self, genome: SyntherSettings, *told: type[Frozen]) -> dict[str, Any]:
        """What differs from the defaults, of those fields."""
        names = {name for one in told for name in one.model_fields} - {"seed"}
        return genome.model_dump(include=names, exclude_defaults=True)

    def _job(
        self,
        genome: SyntherSettings,
        module: str,
        title: str,
        *told: type[Frozen],
        args: dict[str, Any] | None = None,
        after: tuple[str, ...] = (),
        version: int = 1,
    ) -> Job:
        gpus = self.settings.gpus
        return Job(
            module=module,
            args=self._args(genome, *told) if args is None else args,
            seed=genome.seed,
            after=after,
            version=version,
            title=title,
            needs=Resources(cores=1, memory_gib=2.0, gpus=gpus, gpu_memory_gib=4.0 * gpus),
            environment=ENVIRONMENT,
            attempts=5,
        )
