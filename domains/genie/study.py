"""Worlds learned from video as the thing that is studied: settings say how, a job trains one world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any, ClassVar, Literal, get_args

from pydantic import Field

from wunderkammer.core.contract import Candidate, Cell, Frozen, Job, Lab, Outcome
from wunderkammer.core.play import Cartridge
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Hypothesis, Plain, another, settings_in_words, settings_of
from wunderkammer.core.work import Resources
from wunderkammer.domains.genie.settings import GenieSettings
from wunderkammer.learners.video.settings import FORMAT
from wunderkammer.worlds.film.console import ENVIRONMENT as PROCGEN

MODULE = "wunderkammer.apps.studies.genie_training"
PLAYER = "wunderkammer.domains.genie.player"
ENVIRONMENT = "video"
"""Name of the virtual environment with torch, PyAV, imageio and safetensors."""
DELTA, ABOVE = "delta_psnr", "ahead_of_copy"
Aid = Literal[
    "residual",
    "differences",
    "convolved",
    "shake",
    "action_quantiser",
    "moved",
    "action_way",
    "neighbours",
    "quantiser",
    "whole",
]
AIDS: Mapping[Aid, tuple[Plain, Plain, str]] = {
    "residual": (True, False, "a decoder that adds to the last frame need not paint what stays"),
    "differences": (True, False, "an encoder that is shown the difference finds what moved"),
    "convolved": (True, False, "what moves from one patch to the next is seen in one place"),
    "shake": (4, 0, "an encoder that does not know where it looks names what happens, not where"),
    "action_quantiser": ("choice", "vq", "no code has to be the nearest to anything before it is of use"),
    "moved": (4.0, 0.0, "a loss that counts changed pixels more does not overlook a small agent"),
    "action_way": ("added", "prepended", "what every place is told need not be looked up"),
    "neighbours": (True, False, "where a picture moves, what comes next comes from beside"),
    "quantiser": ("fsq", "vq", "a grid has no codebook that could collapse"),
    "whole": (0.5, 0.0, "what it is shown while it learns is what it is shown when it is played"),
}
"""Each aid against the plain model: with, without, and why it should help."""


class GenieOptions(Frozen):
    """What a study of learned worlds is about, and on what it trains."""

    videos: str = "squares"
    """A folder of film, as `wunder genie train` leaves it in HOME/film; or `squares`, which need no data."""
    gpus: int = Field(0, ge=0, le=1)
    """Of each training."""
    aids: tuple[Aid, ...] = get_args(Aid)
    """Which are asked about."""


class GenieStudy:
    """What makes a world that is learned from unlabelled video do as it is told? (Bruce et al. 2024)"""

    name: ClassVar[str] = "genie-study"
    kind: ClassVar[Literal["discovery"]] = "discovery"
    title: ClassVar[str] = "Which aids make worlds learned from video controllable"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = GenieSettings
    options: ClassVar[type[Frozen]] = GenieOptions
    measures: ClassVar[Mapping[str, float]] = {DELTA: 0.5, ABOVE: 0.5, "psnr": 0.5}

    def __init__(self, options: GenieOptions = GenieOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """Every aid against doing without, first in control and then in foresight."""
        return [
            Hypothesis(
                domain=self.name,
                treatment={aid: with_it},
                control={aid: without},
                given=self._fitting(aid),
                measure=measure,
                expects="higher",
                margin=0.0,
                because=because,
            )
            for measure in (DELTA, ABOVE)
            for aid, (with_it, without, because) in self._asked()
        ]

    def seeds(self, rng: Random) -> Iterator[GenieSettings]:
        """All aids, then each left out."""
        seed = rng.randrange(1_000_000)
        yield GenieSettings(seed=seed)
        for aid, (with_it, without, _) in self._asked():
            other = without if GenieSettings.model_fields[aid].default == with_it else with_it
            yield GenieSettings.model_validate({**self._fitting(aid), aid: other, "seed": seed})

    async def vary(
        self, parents: Sequence[Candidate[GenieSettings]], aim: Cell | None, lab: Lab
    ) -> GenieSettings | None:
        """A parent with one setting changed; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else GenieSettings(seed=lab.rng.randrange(1_000_000))
        switches = settings_of(GenieSettings)
        if genome.codes != FSQ_CODES:  # a grid knows few numbers of codes
            switches = {name: values for name, values in switches.items() if name != "quantiser"}
        return another(genome, {name: switches[name] for name in switches if name not in MACHINE}, lab.rng)

    def text(self, genome: GenieSettings) -> str:
        """What differs from the `cpu` preset."""
        changed = genome.model_dump(exclude_defaults=True, exclude={"seed"})
        return f"genie with {settings_in_words(changed) or 'the settings of the cpu preset'}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[GenieSettings]) -> Sequence[Job]:
        """One training."""
        return [training_job(candidate.genome, self.settings.videos, gpus=self.settings.gpus)]

    def read(self, candidate: Candidate[GenieSettings], artifacts: Mapping[str, str]) -> Outcome:
        """The figures of `result.json`; `JobFailed` where it is not what the job promised."""
        (job,) = self.jobs(candidate)
        figures = figures_of(job, artifacts, DELTA, ABOVE)
        return Outcome(score=figures[DELTA], cell=None, measures=figures)

    def cartridge(self, job: Job, out: Path) -> Cartridge | None:
        """The world that a training left."""
        if job.module != MODULE or not (out / "world" / "settings.json").is_file():
            return None
        return game_of(out / "world", job.title or "a learned world", job.id)

    def _asked(self) -> Iterator[tuple[Aid, tuple[Plain, Plain, str]]]:
        return ((aid, AIDS[aid]) for aid in self.settings.aids)

    @staticmethod
    def _fitting(aid: str) -> dict[str, Plain]:
        """Settings under which an aid can be had and left out."""
        return {"codes": FSQ_CODES} if aid == "quantiser" else {}


FSQ_CODES = 512
MACHINE = ("bf16", "compiled")
"""How it is computed, not what."""


def game_of(world: Path, title: str, name: str, game: str = "") -> Cartridge:
    """A world in a folder as a game. game: the true one to stand beside; default: as is written beside the world."""
    args = (str(world), *(("--game", game) if game else ()))
    return Cartridge(id=name, title=title, module=PLAYER, args=args, environment=ENVIRONMENT, also=(PROCGEN,))


def training_job(settings: GenieSettings, videos: str, *, recipe: str = "", gpus: int = 0, cores: int = 1) -> Job:
    """A training as a job. Settings at their defaults are no arguments, so that a new setting leaves old jobs theirs;
    of another format it is another job.

    videos: a folder of film, or `squares`. recipe: of the film, which is its name wherever it lies.
    cores: threads, which decide nothing but the last digits.
    """
    args: dict[str, Any] = settings.model_dump(exclude={"seed"}, exclude_defaults=True) | {"format": FORMAT}
    return Job(
        module=MODULE,
        args={**args, "recipe": recipe} if recipe else {**args, "videos": videos},
        places={"videos": videos} if recipe else {},
        seed=settings.seed,
        title=f"genie on {Path(videos).name}, seed {settings.seed}",
        needs=Resources(cores=cores, memory_gib=2.0, gpus=gpus, gpu_memory_gib=16.0 * gpus),
        environment=ENVIRONMENT,
        attempts=5,
    )
