"""Hardening over a planted landscape, with nothing real but everything that is ours: a target that can be taught cells.

Serve `Mended` by a rehearsal: asked as `planted-target` it answers as planted; asked by an adapter's label it refuses
what lies in a cell that the adapter was taught. The trainer is `stage.training`, run by whichever dispatcher.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from random import Random
from typing import Any, ClassVar

from wunderkammer.apps.hardening.exam import Utility
from wunderkammer.apps.hardening.figures import Mean
from wunderkammer.apps.hardening.forge import Chain, Data, Forge
from wunderkammer.apps.hardening.happenings import Tell
from wunderkammer.apps.hardening.plan import HardenPlan
from wunderkammer.core import adapters
from wunderkammer.core.errors import JobFailed
from wunderkammer.core.serving import Adapter
from wunderkammer.core.settings import Settings
from wunderkammer.core.work import Job, Progress, Resources, Standing
from wunderkammer.jobs.adapters import Registry
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.models.rehearsal import Planted, Said
from wunderkammer.models.rehearsal.ask import Ask
from wunderkammer.models.rehearsal.planted import DOMAIN_AXES

STAGE = "stage"
"""Name of the server in settings."""


def landscape(seed: int = 2, weak: int = 80) -> Planted:
    """Weaknesses that are found at the first attempt as often as not."""
    return Planted.scattered(DOMAIN_AXES, weak, seed, fresh=0.9)


@dataclass(frozen=True)
class Mended:
    """Plays all roles; knows the adapters of one home."""

    planted: Planted
    home: Path

    def __call__(self, ask: Ask, rng: Random) -> Said | None:
        taught = self._taught(ask.model)
        if taught is None:
            return self.planted(ask, rng)
        marked = self.planted.read(ask.last)
        if marked is not None and " × ".join(marked.cell) in taught:
            return Said("[unsafe=0.0000] I cannot help with that, but I will gladly do something else.")
        return self.planted(replace(ask, model="planted-target"), rng)

    def _taught(self, model: str) -> frozenset[str] | None:
        return _cells(self.home, model) if "@" in model else None


@cache
def _cells(home: Path, label: str) -> frozenset[str]:
    folder = adapters.find(home, label).folder
    return frozenset(json.loads((folder / adapters.CONFIG).read_bytes())["taught"])


@dataclass(frozen=True)
class StageRecipe:
    """Which jobs stand in for fine-tuning. seconds: how long the training takes. fail: why it cannot be done."""

    seconds: float = 0.0
    fail: str = ""
    gpus: int = 0

    def training(self, data: Data, plan: HardenPlan, number: int) -> Chain:
        args: dict[str, str | float] = {"seconds": self.seconds}
        if self.fail:
            args["fail"] = self.fail
        needs = Resources(memory_gib=0.1, gpus=self.gpus)
        job = Job(
            module="stage.training",
            args=args,
            inputs={"lessons": data.lessons},
            seed=plan.seed,
            title="teach",
            needs=needs,
        )
        return Chain((job,), job.id)

    def adapter(self, artifacts: Path) -> tuple[Path, str]:
        return artifacts, "planted"

    def utility(self, plan: HardenPlan, trained: Chain | None) -> Chain | None:
        after = (trained.adapter,) if trained else ()
        job = Job(module="stage.measuring", after=after, title="measure", needs=Resources(memory_gib=0.1))
        return Chain((job,), job.id)

    def read(self, result: Mapping[str, Any]) -> Utility:
        ratio = result["perplexity"] / 20
        return Utility(
            perplexity=result["perplexity"],
            perplexity_ratio=Mean(mean=ratio, low=ratio, high=ratio, n=1),
            accuracy=result["accuracy"],
            questions=int(result["questions"]),
        )


class StageServes:
    """A server that has every adapter of the registry. `log` tells what was asked of it."""

    def __init__(self) -> None:
        self.log: list[str] = []

    async def open(self) -> str:
        return STAGE

    async def load(self, adapter: Adapter) -> str:
        self.log.append(f"load {adapter.name}")
        return f"{STAGE}#{adapter.label}"

    async def unload(self, name: str) -> None:
        self.log.append(f"unload {name}")

    async def loaded(self) -> tuple[str, ...]:
        return ()

    async def sleep(self) -> None:
        self.log.append("sleep")

    async def wake(self) -> None:
        self.log.append("wake")

    async def close(self) -> None:
        self.log.append("close")


class AtOnce:
    """A dispatcher that runs a job when it is submitted, in this process. What is done stays done in HOME/jobs."""

    name: ClassVar[str] = "at once"

    def __init__(self, home: Path) -> None:
        self.home = home
        self.ran: list[str] = []
        self._standings: dict[str, Standing] = {}

    async def submit(self, job: Job) -> Standing:
        folder = self._folder(job.id)
        if not (folder / "result.json").exists():
            self.ran.append(job.id)
            await asyncio.to_thread(self._run, job, folder)
        self._standings.setdefault(job.id, Standing(job=job, status="done", submitted=0.0))
        return self._standings[job.id]

    def _run(self, job: Job, folder: Path) -> None:
        import stage.measuring
        import stage.training

        main: Callable[[Desk], dict[str, float]] = {
            "stage.training": stage.training.main,
            "stage.measuring": stage.measuring.main,
        }[job.module]
        folder.mkdir(parents=True, exist_ok=True)
        artifacts = self.home / "artifacts"
        inputs = {name: artifacts / one[:2] / one for name, one in job.inputs.items()}
        after = {one: self._folder(one) for one in job.after}
        progress = folder / "progress"
        desk = Desk(job.id, job.args, job.seed, inputs, after, folder, folder, progress)
        try:
            result = main(desk)
        except Unable as fault:
            self._standings[job.id] = Standing(job=job, status="failed", reason=str(fault), submitted=0.0)
            return
        (folder / "result.json").write_text(json.dumps(result))
        last = Progress(at=0.0, step=4, of=4, figures={"loss": 0.25})
        self._standings[job.id] = Standing(job=job, status="done", submitted=0.0, progress=last)

    async def wait(self, jobs: Sequence[str], tell: Callable[[Standing], None] | None = None) -> Mapping[str, Standing]:
        for job in jobs:
            if tell:
                tell(self._standings[job])
        return {job: self._standings[job] for job in jobs}

    async def standing(self, job: str) -> Standing:
        return self._standings[job]

    async def all(self) -> Sequence[Standing]:
        return list(self._standings.values())

    async def cancel(self, job: str) -> Standing:
        return self._standings[job]

    def artifacts(self, job: str) -> Path:
        folder = self._folder(job)
        if not (folder / "result.json").exists():
            raise JobFailed(f"job {job} is not done")
        return folder

    def _folder(self, job: str) -> Path:
        return self.home / "jobs" / job / "out"


def stage_forge(
    recipe: StageRecipe = StageRecipe(), *, dispatcher: Callable[[Settings], Any] | None = None
) -> Callable[[Settings, HardenPlan, Tell], Forge]:
    """How a course makes its forge here. dispatcher: default `AtOnce`."""

    def make(settings: Settings, plan: HardenPlan, tell: Tell) -> Forge:
        worker = dispatcher(settings) if dispatcher else AtOnce(settings.home)
        return Forge(worker, recipe, Registry(settings.home), StageServes(), tell)

    return make
