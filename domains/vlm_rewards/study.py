"""Rewards from pictures as the thing that is studied: one model, one way to ask it, and one agent are one trial."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import partial
from pathlib import Path
from random import Random
from typing import Any, ClassVar, get_args

from pydantic import Field

from wunderkammer.core.abilities import Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Job, Lab, Outcome
from wunderkammer.core.results import figures_of
from wunderkammer.core.study import Hypothesis, another, settings_in_words, settings_of
from wunderkammer.core.work import Resources
from wunderkammer.domains.vlm_rewards.charts import charts
from wunderkammer.domains.vlm_rewards.settings import (
    Asking,
    Looking,
    Practising,
    Reward,
    Room,
    SizeName,
    VlmSettings,
)
from wunderkammer.domains.vlm_rewards.standings import sections

LOOK = "wunderkammer.apps.studies.vlm_looking"
MEASURE = "wunderkammer.apps.studies.vlm_measuring"
PRACTISE = "wunderkammer.apps.studies.vlm_practising"
ENVIRONMENT = "vlm"
PRECISION, SUCCESS = "average_precision", "success"
MATTERS = 0.05
"""A share that matters to anybody."""
NEAR = 0.10
"""Within which a success counts as another's: of what chance gives, or of what the true reward does."""


class VlmOptions(Frozen):
    """What a study of rewards from pictures is about, and on what it trains."""

    sizes: tuple[SizeName, ...] = Field(("xxs", "xs", "s", "m"), min_length=2)
    """From small to large: each is set against the first, and the last against the controls."""
    gpus: int = Field(0, ge=0, le=1)
    """Of each job."""


class VlmRewardsStudy:
    """Does a larger vision-language model give a better reward, and a better agent? (Baumli et al. 2023)"""

    name: ClassVar[str] = "vlm-rewards-study"
    kind: ClassVar[str] = "discovery"
    title: ClassVar[str] = "Whether larger models of pictures and words give better rewards, and those better agents"
    axes: ClassVar[Mapping[str, Sequence[str]]] = {}
    genome: ClassVar[type[Frozen]] = VlmSettings
    options: ClassVar[type[Frozen]] = VlmOptions
    measures: ClassVar[Mapping[str, float]] = {
        SUCCESS: MATTERS,
        "reached": MATTERS,
        PRECISION: MATTERS,
        "area": MATTERS,
        "accuracy": MATTERS,
        "precision": MATTERS,
        "recall": MATTERS,
        "average_precision_known": MATTERS,
        "rewarded": MATTERS,
        "hacked": MATTERS,
    }

    def __init__(self, options: VlmOptions = VlmOptions()) -> None:
        self.settings = options

    def hypotheses(self) -> Sequence[Hypothesis]:
        """On held-out combinations: larger models tell better than the smallest, and their agents do better; the
        largest one's does as well as with the true reward; without a meaning it does no better than chance."""
        small, *_, large = self.settings.sizes
        stated = partial(Hypothesis, domain=self.name, measure=SUCCESS, expects="higher", margin=MATTERS)
        control = partial(stated, given={"size": large})
        better = "what is larger tells combinations that it never saw better apart"
        meant = "an agent does what is rewarded, and the better the reward the more of that was meant"
        nothing = "a reward without a meaning teaches nothing"
        first = {"control": {"size": small}, "treatment": {"size": large}}
        return [
            stated(**first, measure=PRECISION, because=better),
            stated(**first, because=meant),
            control(treatment={"reward": "vlm"}, control={"reward": "shuffled"}, because=nothing),
            control(
                treatment={"reward": "shuffled"},
                control={"reward": "none"},
                expects="same",
                margin=NEAR,
                because=nothing,
            ),
            control(
                treatment={"reward": "vlm"}, control={"reward": "true"}, expects="same", margin=NEAR, because=meant
            ),
            *(
                stated(treatment={"size": size}, control={"size": small}, margin=0.0, because=meant)
                for size in self.settings.sizes[1:-1]
            ),
        ]

    def seeds(self, rng: Random) -> Iterator[VlmSettings]:
        """Every size, then every control."""
        seed = rng.randrange(1_000_000)
        for size in get_args(SizeName):
            yield VlmSettings(size=size, seed=seed)
        for reward in get_args(Reward)[1:]:
            yield VlmSettings(reward=reward, seed=seed)

    async def vary(self, parents: Sequence[Candidate[VlmSettings]], aim: Cell | None, lab: Lab) -> VlmSettings | None:
        """A parent with one setting changed; a study itself chooses by hypotheses."""
        genome = parents[0].genome if parents else VlmSettings(seed=lab.rng.randrange(1_000_000))
        return another(genome, settings_of(VlmSettings), lab.rng)

    def text(self, genome: VlmSettings) -> str:
        """Size and reward, and what differs from the defaults."""
        changed = genome.model_dump(exclude_defaults=True, exclude={"seed", "size", "reward"})
        told = settings_in_words(changed) or "the defaults"
        return f"reward {genome.reward}, size {genome.size}, with {told}, seed {genome.seed}"

    def jobs(self, candidate: Candidate[VlmSettings]) -> Sequence[Job]:
        """The model and its measurement, where it has a part; the agent."""
        genome = candidate.genome
        if not genome.looks:
            title = f"agent, reward {genome.reward}, seed {genome.seed}"
            return [self._job(genome, PRACTISE, title, Room, Practising)]
        of = f"{genome.size}{', shuffled' if genome.reward == 'shuffled' else ''}, seed {genome.seed}"
        look = self._job(genome, LOOK, f"CLIP {of}", Looking, also={"reward"})
        measure = self._job(genome, MEASURE, f"reward of CLIP {of}", Room, Asking, after=(look.id,))
        both = (look.id, measure.id)
        own = {"template", "negatives", "tau"}
        return [
            look,
            measure,
            self._job(genome, PRACTISE, f"agent of CLIP {of}", Room, Practising, also=own, after=both),
        ]

    def read(self, candidate: Candidate[VlmSettings], artifacts: Mapping[str, str]) -> Outcome:
        """What the agent came to, and how good its reward was; `JobFailed` where a job lacks what it promised."""
        *before, agent = self.jobs(candidate)
        figures = figures_of(agent, artifacts, SUCCESS)
        for job, needed in zip(before, ("parameters", PRECISION), strict=False):
            figures |= figures_of(job, artifacts, needed)
        return Outcome(score=figures[SUCCESS], cell=None, measures=figures)

    def sections(self, tried: Iterable[Entry[VlmSettings]]) -> Sequence[Section]:
        """What each size comes to, the trend over them, and the controls."""
        return sections(tried)

    def pictures(self, tried: Iterable[Entry[VlmSettings]], artifacts: Mapping[str, str]) -> Sequence[Picture]:
        """Curves by size, figures against size, and frames that were rewarded for nothing."""
        known = [one for one in tried if one.outcome.error is None and one.candidate.genome.looks]
        found, hacks = list[tuple[VlmSettings, Mapping[str, Sequence[float]]]](), list[Picture]()
        for entry in known:
            _, measured, agent = (self._folder(job, artifacts) for job in self.jobs(entry.candidate))
            if measured is not None and (measured / "curves.json").is_file():
                found.append((entry.candidate.genome, json.loads((measured / "curves.json").read_text("utf-8"))))
            if agent is not None and (agent / "hacks.png").is_file():
                hacks.append(_hacks(entry.candidate.genome, agent / "hacks.png"))
        return [*charts(known, found), *_one_each(hacks)]

    def _folder(self, job: Job, artifacts: Mapping[str, str]) -> Path | None:
        return Path(artifacts[job.id]) if job.id in artifacts else None

    def _job(
        self,
        genome: VlmSettings,
        module: str,
        title: str,
        *told: type[Frozen],
        also: Iterable[str] = (),
        after: tuple[str, ...] = (),
    ) -> Job:
        names = {name for one in told for name in one.model_fields} | {*also}
        args: dict[str, Any] = genome.model_dump(include=names - {"seed"}, exclude_defaults=True)
        gpus = self.settings.gpus
        return Job(
            module=module,
            args=args,
            seed=genome.seed,
            after=after,
            title=title,
            needs=Resources(cores=1, memory_gib=2.0, gpus=gpus, gpu_memory_gib=4.0 * gpus),
            environment=ENVIRONMENT,
            attempts=5,
        )


def _hacks(genome: VlmSettings, file: Path) -> Picture:
    model = (
        "a model whose captions were shuffled" if genome.reward == "shuffled" else f"the model of size {genome.size}"
    )
    caption = f"Frames that {model} rewarded though the goal was not met, the surest first; seed {genome.seed}."
    return Picture(media="image/png", data=file.read_bytes(), caption=caption)


def _one_each(hacks: Iterable[Picture]) -> list[Picture]:
    """One for each model: captions differ by the seed alone where the model is of one kind."""
    return list({one.caption.rpartition(";")[0]: one for one in reversed([*hacks])}.values())[::-1]
