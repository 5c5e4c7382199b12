"""A study without machines: soil whose yield is known, and a dispatcher that digs in this process, or fails to."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import ClassVar, Literal

from wunderkammer.core.contract import Candidate, Frozen, Outcome
from wunderkammer.core.errors import ConfigError, JobFailed
from wunderkammer.core.study import Hypothesis
from wunderkammer.core.work import Job, Standing


class Bed(Frozen):
    """Settings of one bed. Lime adds 1 to its yield, peat adds nothing, depth changes how much weeds there are."""

    lime: bool = False
    peat: bool = False
    depth: Literal["low", "deep"] = "low"
    seed: int = 0


class Patience(Frozen):
    """Options."""

    noise: float = 0.2


class Soil:
    """What makes a bed yield more."""

    name: ClassVar[str] = "soil"
    kind: ClassVar[str] = "discovery"
    title: ClassVar[str] = "Soil"
    axes: ClassVar[dict[str, tuple[str, ...]]] = {}
    genome: ClassVar[type[Frozen]] = Bed
    options: ClassVar[type[Frozen]] = Patience
    measures: ClassVar[Mapping[str, float]] = {"yield": 0.4, "weeds": 0.2}

    def __init__(self, options: Patience = Patience()) -> None:
        self.noise = options.noise

    def hypotheses(self) -> Sequence[Hypothesis]:
        return [lime("higher", 0.4), peat("higher", 0.4), peat("same", 0.4)]

    def seeds(self, rng: Random):
        yield Bed(seed=rng.randrange(100))

    async def vary(self, parents, aim, lab):
        return Bed(seed=lab.rng.randrange(100))

    def text(self, genome: Bed) -> str:
        return f"a bed {genome}"

    def jobs(self, candidate: Candidate[Bed]) -> Sequence[Job]:
        settings = candidate.genome.model_dump(exclude={"seed"})
        return [Job(module="soil.dig", args={**settings, "noise": self.noise}, seed=candidate.genome.seed, title="dig")]

    def read(self, candidate: Candidate[Bed], artifacts: Mapping[str, str]) -> Outcome:
        (job,) = self.jobs(candidate)
        try:
            found = json.loads((Path(artifacts[job.id]) / "result.json").read_text())
            return Outcome(score=found["yield"], cell=None, measures=found)
        except (OSError, ValueError, KeyError) as fault:
            raise JobFailed(f"job {job.id} left nothing to read: {fault}") from None


def dig(job: Job) -> dict[str, float]:
    """What a bed yields: of its settings and its seed."""
    rng = Random(f"{job.seed}")  # the same weather over both sides of a pair
    weather = rng.gauss(0, 1)
    noise = Random(f"{job.id}").gauss(0, float(job.args["noise"]))
    return {
        "yield": 5 + weather + float(bool(job.args["lime"])) + noise,
        "weeds": 2 + 0.5 * (job.args["depth"] == "deep") + noise / 4,
    }


def lime(expects: str, margin: float, **more: object) -> Hypothesis:
    sides = {"treatment": {"lime": True}, "control": {"lime": False}}
    return Hypothesis(domain="soil", **sides, measure="yield", expects=expects, margin=margin, **more)


def peat(expects: str, margin: float, **more: object) -> Hypothesis:
    sides = {"treatment": {"peat": True}, "control": {"peat": False}}
    return Hypothesis(domain="soil", **sides, measure="yield", expects=expects, margin=margin, **more)


class Spade:
    """A dispatcher whose jobs are calls of `dig`; their artifacts lie under a folder and outlive the process.

    fails: says of a job why it cannot be done, or nothing. before: is called with every job that is submitted. delay_s:
    how long a job takes.
    """

    name: ClassVar[str] = "spade"

    def __init__(
        self,
        folder: Path,
        *,
        fails: Callable[[Job], str] = lambda job: "",
        before: Callable[[Job], None] = lambda job: None,
        delay_s: float = 0.0,
    ) -> None:
        self.folder = folder
        self.submitted: list[str] = []
        self.dug: list[str] = []
        self.cancelled: list[str] = []
        self._jobs: dict[str, Job] = {}
        self._fails = fails
        self._before = before
        self._delay_s = delay_s

    async def submit(self, job: Job) -> Standing:
        self._before(job)
        self.submitted.append(job.id)
        self._jobs[job.id] = job
        return await self.standing(job.id)

    async def standing(self, job: str) -> Standing:
        if job not in self._jobs:
            raise ConfigError(f"no job {job}")
        reason = self._fails(self._jobs[job])
        done = (self.folder / job / "result.json").exists()
        status = "done" if done else "failed" if reason else "queued"
        return Standing(job=self._jobs[job], status=status, reason=reason, submitted=0.0, worked_s=1.0)

    async def all(self) -> Sequence[Standing]:
        return [await self.standing(job) for job in self._jobs]

    async def wait(self, jobs: Sequence[str], tell=None) -> Mapping[str, Standing]:
        for name in jobs:
            if (await self.standing(name)).status == "queued":
                await asyncio.sleep(self._delay_s)
                self._dig(name)
            if tell:
                tell(await self.standing(name))
        return {name: await self.standing(name) for name in jobs}

    def _dig(self, name: str) -> None:
        place = self.folder / name
        place.mkdir(parents=True, exist_ok=True)
        partial = place / "partial"
        partial.write_text(json.dumps(dig(self._jobs[name])))
        partial.replace(place / "result.json")
        self.dug.append(name)
        with (self.folder / "dug.log").open("a") as log:
            log.write(f"{name}\n")

    async def cancel(self, job: str) -> Standing:
        self.cancelled.append(job)
        return await self.standing(job)

    def artifacts(self, job: str) -> Path:
        if not (self.folder / job / "result.json").exists():
            raise JobFailed(f"job {job} is not done")
        return self.folder / job
