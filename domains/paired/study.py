"""Ways to choose a student's levels as the thing that is studied: a setting names the way, a job trains one student."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import ClassVar, Literal

from pydantic import Field

from wunderkammer.core.abilities import Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Job, Lab, Outcome
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Expectation, Hypothesis, Plain, another, settings_in_words, settings_of
from wunderkammer.core.work import Resources
from wunderkammer.domains.paired import standings
from wunderkammer.domains.paired.curves import curves, read_curve
from wunderkammer.domains.paired.methods import METHODS
from wunderkammer.domains.paired.settings import TrainingSettings

MODULE = "wunderkammer.apps.studies.ued_training"
END, EQUAL_STEPS = "solved", "solved_equal_steps"
LEARNED, BROKEN_OFF = 120, 10
"""Updates of a training in cars, and of one that is broken off before anything is learned."""


class StudyOptions(Frozen):
    """What a study of mazes is about, and on what it trains."""

    table: Literal["curation", "adversary", "all", "driving"] = "curation"
    """Which hypotheses are stated: those on curation against domain randomisation, those on the learned adversary;
    `driving`: one of each, which cars are asked, after whether they learn at all."""
    gpus: int = Field(0, ge=0, le=1)
    """Of each training."""


class PairedStudy:
    """Does it matter in which levels a student learns, and can an adversary choose them? (Mediratta et al. 2023)"""

    name: ClassVar[str] = "paired-study"
    kind: ClassVar[Literal["discovery"]] = "discovery"
    title: ClassVar[str] = "How to choose the mazes that a student learns in: randomly, by curation, by an adversary"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = TrainingSettings
    options: ClassVar[type[Frozen]] = StudyOptions
    measures: ClassVar[Mapping[str, float]] = {
        END: 0.05,
        EQUAL_STEPS: 0.05,
        "solved_late": 0.05,
        "solved_late_equal_steps": 0.05,
        "returned": 50.0,
        "path": 2.0,
        "walls": 5.0,
        "teacher_entropy": 0.3,
    }

    def __init__(self, options: StudyOptions = StudyOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """The papers' claims, each at equal updates and, where the cost differs, at equal environment steps.

        `higher` with a margin of 0 asks for intervals apart, however small the difference.
        """
        curation = [
            self._against("robust-plr", "dr", END, "higher", 0.0, "replay finds levels at the edge of ability"),
            self._against("sfl", "dr", END, "higher", 0.0, "levels solved now and then teach most"),
            self._against("robust-plr", "dr", EQUAL_STEPS, "higher", 0.0, "rating new levels pays for itself"),
            self._against("sfl", "dr", EQUAL_STEPS, "higher", 0.0, "trying a pool of levels pays for itself"),
        ]
        adversary = [
            self._against("paired-stable", "paired", END, "higher", 0.0, "entropy and cloning keep the teacher useful"),
            self._against("paired-stable", "paired", "path", "higher", 0.0, "its levels do not become trivial"),
            self._against("paired-stable", "paired", "teacher_entropy", "higher", 0.3, "it keeps many plans"),
            self._against("paired-stable", "robust-plr", END, "same", 0.05, "stable, it is as good as curation"),
            self._against("paired-stable", "accel", END, "same", 0.05, "stable, it is as good as curation"),
            self._against("paired-stable", "dr", END, "higher", 0.0, "what it builds teaches more than random levels"),
            self._without("teacher_entropy", 0.0, -1.0, "without the bonus the teacher builds one level"),
            self._without("cloning", "none", "own", "without cloning one student lags behind"),
        ]
        driving = [self._learns(), curation[0], adversary[5]]
        tables = {"curation": curation, "adversary": adversary, "all": [*curation, *adversary], "driving": driving}
        return tables[self.settings.table]

    def seeds(self, rng: Random) -> Iterator[TrainingSettings]:
        """Every method once."""
        seed = rng.randrange(1_000_000)
        for method in METHODS:
            yield TrainingSettings(method=method, seed=seed)

    async def vary(
        self, parents: Sequence[Candidate[TrainingSettings]], aim: Cell | None, lab: Lab
    ) -> TrainingSettings | None:
        """A parent with one setting changed; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else TrainingSettings(seed=lab.rng.randrange(1_000_000))
        worlds = ("world", "sight")  # what there is to choose among depends on them
        settings = {name: values for name, values in settings_of(TrainingSettings).items() if name not in worlds}
        return another(genome, settings, lab.rng)

    def text(self, genome: TrainingSettings) -> str:
        """The method, and what differs from the papers' settings."""
        changed = genome.model_dump(exclude_defaults=True, exclude={"seed", "method"})
        return f"{genome.method} with {settings_in_words(changed) or 'the settings of the papers'}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[TrainingSettings]) -> Sequence[Job]:
        """One training. Settings at their defaults are no arguments, so that a new setting leaves old jobs theirs.

        Except the `tries` of `sfl`: jobs that do not name them are from before, and tried each level once.
        """
        genome, gpus = candidate.genome, self.settings.gpus
        named = {"method": genome.method} | ({"tries": genome.tries} if genome.method == "sfl" else {})
        return [
            Job(
                module=MODULE,
                args=genome.model_dump(exclude={"seed"}, exclude_defaults=True) | named,
                seed=genome.seed,
                inputs={"levels": genome.levels} if genome.levels else {},
                title=f"{genome.method}, seed {genome.seed}",
                needs=Resources(cores=1, memory_gib=2.0, gpus=gpus, gpu_memory_gib=4.0 * gpus),
                environment="worlds",
                attempts=5,
            )
        ]

    def read(self, candidate: Candidate[TrainingSettings], artifacts: Mapping[str, str]) -> Outcome:
        """The figures of `result.json`; `JobFailed` where it is not what the job promised."""
        (job,) = self.jobs(candidate)
        figures = figures_of(job, artifacts, END, EQUAL_STEPS)
        mazes = _by_maze(Path(artifacts[job.id])) if candidate.genome.held_out == "named" else {}
        return Outcome(score=figures[END], cell=None, measures=figures | mazes)

    def sections(self, tried: Iterable[Entry[TrainingSettings]]) -> Sequence[Section]:
        """Inter-quartile means of all ways, their teachers and levels, and single mazes."""
        return standings.sections(tried)

    def pictures(self, tried: Iterable[Entry[TrainingSettings]], artifacts: Mapping[str, str]) -> Sequence[Picture]:
        """The trainings over time, and of each way the levels of one training."""
        folders: dict[str, list[Path]] = {}
        for name, entries in standings.arms(tried).items():
            jobs = [job.id for one in entries for job in self.jobs(one.candidate)]
            folders[name] = [Path(artifacts[job]) for job in jobs if job in artifacts]
        found = {name: [read_curve(folder) for folder in own] for name, own in folders.items()}
        caption = "Trainings over time: the line is the median over seeds, the shade their middle half."
        drawn = [(curves(found), caption)] if any(any(runs) for runs in found.values()) else []
        for name, own in folders.items():
            sheets = [folder / "mazes.svg" for folder in own if (folder / "mazes.svg").is_file()]
            words = f"{name}: levels over one training, and its student's ways through held-out mazes."
            drawn += [(file.read_text("utf-8"), words) for file in sheets[:1]]
        return [Picture(media="image/svg+xml", data=drawing.encode(), caption=words) for drawing, words in drawn]

    def _against(
        self, method: str, other: str, measure: str, expects: Expectation, margin: float, because: str
    ) -> Hypothesis:
        return Hypothesis(
            domain=self.name,
            treatment={"method": method},
            control={"method": other},
            measure=measure,
            expects=expects,
            margin=margin,
            because=because,
        )

    def _learns(self) -> Hypothesis:
        return Hypothesis(
            domain=self.name,
            treatment={"updates": LEARNED},
            control={"updates": BROKEN_OFF},
            given={"method": "dr"},
            measure="returned",
            expects="higher",
            margin=300.0,
            because="random tracks teach driving; a track is worth 1000, and random actions return about -60",
        )

    def _without(self, setting: str, off: Plain, on: Plain, because: str) -> Hypothesis:
        return Hypothesis(
            domain=self.name,
            treatment={setting: off},
            control={setting: on},
            given={"method": "paired-stable"},
            measure=END,
            expects="lower",
            margin=0.0,
            because=because,
        )


def _by_maze(folder: Path) -> dict[str, float]:
    """How often each held-out maze was solved at the end; none where the job left no such file."""
    file = folder / "held_out.json"
    rates = json.loads(file.read_text("utf-8"))["end"] if file.is_file() else {}
    return {f"{standings.MAZE}{name}": float(rate) for name, rate in rates.items()}
