"""Video as the language of decisions: one trial is one role that a video model plays, or what stands against it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal, get_args

from pydantic import Field

from wunderkammer.core.abilities import Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Job, Lab, Outcome
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Hypothesis, another, settings_in_words, settings_of
from wunderkammer.core.work import Resources
from wunderkammer.domains.video_decisions.settings import (
    Computing,
    Examining,
    Modelling,
    Planning,
    Role,
    Simulating,
    VideoSettings,
    Watching,
)
from wunderkammer.domains.video_decisions.standings import sections

LEARN = "wunderkammer.apps.studies.video_learning"
ASK: Mapping[Role, str] = {
    "compute": "wunderkammer.apps.studies.video_computing",
    "plan": "wunderkammer.apps.studies.video_planning",
    "act": "wunderkammer.apps.studies.video_acting",
    "simulate": "wunderkammer.apps.studies.video_simulating",
}
CLONE = "wunderkammer.apps.studies.video_cloning"
SCORE: Mapping[Role, str] = {
    "compute": "exact", "plan": "success_held", "act": "prompted", "simulate": "success",
}  # fmt: skip
"""What a trial of each role comes to."""
ENVIRONMENTS: Mapping[str, str] = {"tasks": "video", "toys": "toys"}
"""Names of the virtual environments: the room of toys is a JAX program beside the model's torch."""
FRAMES = "frames in between are steps of a solver that need not be found all at once"
DRAWN = "what is to be seen says more of a goal than which way to go"
INSIDE = "who practises in a film of the world that obeys its rules learns what the world would have taught"
ENOUGH = 0.05
CLONE_RATE = Planning.model_fields["clone_rate"].default


class VideoOptions(Frozen):
    """What a study of video models is about, and on what it trains."""

    roles: tuple[Literal["compute", "plan", "simulate"], ...] = ("compute", "plan", "simulate")
    """Whose hypotheses are stated."""
    gpus: int = Field(0, ge=0, le=1)
    """Of each job."""


class VideoStudy:
    """Can one video model plan, act, simulate and compute? (Yang et al. 2024)"""

    name: ClassVar[str] = "video-study"
    kind: ClassVar[Literal["discovery"]] = "discovery"
    title: ClassVar[str] = "Whether a video model that is told what to show plans, acts, simulates and computes"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = VideoSettings
    options: ClassVar[type[Frozen]] = VideoOptions
    measures: ClassVar[Mapping[str, float]] = {
        "exact": ENOUGH,
        "mazes": ENOUGH,
        "success": ENOUGH,
        "success_held": ENOUGH,
        "prompted": ENOUGH,
        "hallucinated": 0.01,
    }

    def __init__(self, options: VideoOptions = VideoOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """compute: chains of frames are right more often than answers at once, of as many evaluations. plan: frames
        that are foreseen lead to goals that name new combinations more often than cloned actions do. simulate: who
        learned inside is as good in the world as who learned there, within a fifth."""
        stated = {
            "compute": Hypothesis(
                domain=self.name, treatment={"way": "chain"}, control={"way": "once"}, given={"role": "compute"},
                measure="exact", expects="higher", because=FRAMES,
            ),
            "plan": Hypothesis(
                domain=self.name, treatment={"learner": "planner"}, control={"learner": "cloning"},
                given={"role": "plan"}, measure="success_held", expects="higher", because=DRAWN,
            ),
            "simulate": Hypothesis(
                domain=self.name, treatment={"place": "inside"}, control={"place": "outside"},
                given={"role": "simulate"}, measure="success", expects="same", margin=0.2, because=INSIDE,
            ),
        }  # fmt: skip
        return [stated[role] for role in self.settings.roles]

    def seeds(self, rng: Random) -> Iterator[VideoSettings]:
        """Every role once."""
        seed = rng.randrange(1_000_000)
        for role in get_args(Role):
            yield VideoSettings(role=role, seed=seed)

    async def vary(
        self, parents: Sequence[Candidate[VideoSettings]], aim: Cell | None, lab: Lab
    ) -> VideoSettings | None:
        """A parent with one setting changed; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else VideoSettings(seed=lab.rng.randrange(1_000_000))
        return another(genome, settings_of(VideoSettings), lab.rng)

    def text(self, genome: VideoSettings) -> str:
        """Role and what decides in it, and what differs from the defaults."""
        deciding = {"compute": genome.way, "plan": genome.learner, "act": "with a demonstration"}
        changed = genome.model_dump(exclude_defaults=True, exclude={"seed", "role", "way", "learner", "place"})
        told = settings_in_words(changed) or "the default settings"
        return f"{genome.role}, {deciding.get(genome.role, genome.place)}, with {told}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[VideoSettings]) -> Sequence[Job]:
        """The model, then what is asked of it; who clones, or learns in the world itself, needs no model. Trials of one
        seed in one library share the model."""
        genome = candidate.genome
        told = f"seed {genome.seed}"
        if genome.role == "plan" and genome.learner == "cloning":
            args = self._args(genome, Modelling, Examining, Watching) | {"role": "plan", "learner": "cloning"}
            args |= {} if genome.clone_rate == CLONE_RATE else {"clone_rate": genome.clone_rate}
            return [self._job(genome, CLONE, f"actions cloned, {told}", args)]
        if genome.role == "simulate" and genome.place == "outside":
            args = self._args(genome, Simulating, Examining) | {"role": "simulate", "room": genome.room}
            return [self._job(genome, ASK["simulate"], f"PPO in the world, {told}", args)]
        if genome.role == "compute":
            args = self._args(genome, Modelling, Computing, Examining) | {"role": "compute"}
            learned = self._job(genome, LEARN, f"video model of tasks, {genome.way}, {told}", _less(args, "exams"))
        else:
            watched = self._args(genome, Modelling, Watching) | ({"prompted": True} if genome.role == "act" else {})
            learned = self._job(genome, LEARN, f"video model of toys, {told}", watched | {"role": "plan"})
            own = Simulating if genome.role == "simulate" else Planning
            args = self._args(genome, own, Examining) | watched | {"role": genome.role}
        asked = self._job(genome, ASK[genome.role], f"{genome.role}, {told}", args, after=(learned.id,))
        return [learned, asked]

    def read(self, candidate: Candidate[VideoSettings], artifacts: Mapping[str, str]) -> Outcome:
        """What the last job found; `JobFailed` where it does not hold what it promised."""
        jobs, score = self.jobs(candidate), SCORE[candidate.genome.role]
        figures = figures_of(jobs[-1], artifacts, score)
        if len(jobs) > 1:
            figures |= {f"video_{name}": value for name, value in figures_of(jobs[0], artifacts, "loss").items()}
        return Outcome(score=figures[score], cell=None, measures=figures)

    def sections(self, tried: Iterable[Entry[VideoSettings]]) -> Sequence[Section]:
        """A table for each role that was tried."""
        return sections(tried)

    def pictures(self, tried: Iterable[Entry[VideoSettings]], artifacts: Mapping[str, str]) -> Sequence[Picture]:
        """Film strips of one trial of each role and way."""
        drawn: dict[str, Picture] = {}
        for entry in tried:
            genome = entry.candidate.genome
            name, caption = _drawn(genome)
            folder = artifacts.get(self.jobs(entry.candidate)[-1].id)
            file = Path(folder) / name if folder and name else None
            if caption not in drawn and file is not None and file.is_file():
                drawn[caption] = Picture(media="image/png", data=file.read_bytes(), caption=caption)
        return list(drawn.values())

    def _args(self, genome: VideoSettings, *told: type[Frozen]) -> dict[str, Any]:
        """What differs from the defaults, of those fields."""
        names = {name for one in told for name in one.model_fields} - {"seed"}
        return genome.model_dump(include=names, exclude_defaults=True)

    def _job(
        self, genome: VideoSettings, module: str, title: str, args: dict[str, Any], after: tuple[str, ...] = ()
    ) -> Job:
        gpus = self.settings.gpus
        return Job(
            module=module,
            args=args,
            seed=genome.seed,
            after=after,
            title=title,
            needs=Resources(cores=1, memory_gib=2.0, gpus=gpus, gpu_memory_gib=4.0 * gpus),
            environment=ENVIRONMENTS[genome.library],
            attempts=5,
        )


def _less(args: dict[str, Any], *names: str) -> dict[str, Any]:
    return {name: value for name, value in args.items() if name not in names}


def _drawn(genome: VideoSettings) -> tuple[str, str]:
    """The file that a trial draws, and what it shows; empty: it draws none."""
    if genome.role == "compute":
        how = "frame after frame" if genome.way == "chain" else "at once"
        return "chains.png", f"Computations that the model was not shown, answered {how}: a row for each task."
    if genome.role == "plan" and genome.learner == "planner":
        return "plans.png", "Plans, and below each what truly happened when its actions were taken."
    if genome.role == "act":
        return "prompts.png", "A demonstration of three frames, and what was made of it in another room."
    return "", ""
