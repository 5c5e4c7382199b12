"""Where adapters are made and served: jobs, the registry, and a server that sleeps while its GPU is needed."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from wunderkammer.apps.hardening.exam import Utility
from wunderkammer.apps.hardening.happenings import Tell, Worked
from wunderkammer.apps.hardening.plan import HardenPlan
from wunderkammer.core.errors import JobFailed
from wunderkammer.core.serving import Adapter, Serves
from wunderkammer.core.work import Job, Standing
from wunderkammer.jobs.adapters import Registry
from wunderkammer.jobs.dispatcher import Dispatcher

RESULT = "result.json"
"""What a job's `main` returned, among its artifacts."""


@dataclass(frozen=True)
class Chain:
    """The jobs that end in an adapter, each after those whose artifacts it consumes."""

    jobs: tuple[Job, ...]
    adapter: str
    """Id of the one that trains."""
    gguf: str | None = None
    """Id of the one that made its twin for llama.cpp, `adapter.gguf`."""


@dataclass(frozen=True)
class Data:
    """The artifacts of a round's data set."""

    lessons: str
    watched: str
    """On which the trainer watches its loss."""


class Recipe(Protocol):
    """Which jobs train and measure."""

    def training(self, data: Data, plan: HardenPlan, number: int) -> Chain:
        """The jobs of a round."""
        ...

    def adapter(self, artifacts: Path) -> tuple[Path, str]:
        """The folder of the adapter in the artifacts of the job that trained, and the hash of its base weights."""
        ...

    def utility(self, plan: HardenPlan, trained: Chain | None) -> Chain | None:
        """The jobs that measure the base, or an adapter; the last one's result is `read`. None: nobody can."""
        ...

    def read(self, result: Mapping[str, Any]) -> Utility:
        """What such a job found."""
        ...


Wait = Callable[[Awaitable[Any]], Awaitable[Any]]
"""Waits for work, unless the hardening is asked to rest meanwhile."""


@dataclass
class Forge:
    """Trains and measures through a dispatcher, registers what comes of it, and serves it."""

    dispatcher: Dispatcher
    recipe: Recipe
    registry: Registry
    serves: Serves
    tell: Tell
    gpu_s: float | None = None
    """Seconds of GPUs that a job may take at most; it is ended beyond them."""

    async def train(self, name: str, data: Data, plan: HardenPlan, number: int, wait: Wait) -> tuple[Adapter, Chain]:
        """An adapter, trained and registered under a name; training the same again changes nothing.

        Raises `JobFailed` with the reason of the job that failed. Nothing is registered then, and the server is awake.
        """
        chain = self.recipe.training(data, plan, number)
        await self._run(chain, wait)
        gguf = self.dispatcher.artifacts(chain.gguf) / "adapter.gguf" if chain.gguf else None
        folder, base = self.recipe.adapter(self.dispatcher.artifacts(chain.adapter))
        adapter = await asyncio.to_thread(self.registry.register, name, folder, base=base, gguf=gguf, job=chain.adapter)
        return adapter, chain

    async def serve(self, adapter: Adapter) -> str:
        """Serve an adapter beside its base; the address at which it answers."""
        await self.serves.open()
        return await self.serves.load(adapter)

    async def utility(self, plan: HardenPlan, trained: Chain | None, wait: Wait) -> Utility | None:
        """What the base, or an adapter, is still good for; None where nobody can tell."""
        chain = self.recipe.utility(plan, trained)
        if chain is None:
            return None
        await self._run(chain, wait)
        return self.recipe.read(self.result(chain.jobs[-1].id))

    def result(self, job: str) -> Mapping[str, Any]:
        """What a finished job returned."""
        file = self.dispatcher.artifacts(job) / RESULT
        try:
            found = json.loads(file.read_bytes())
        except (OSError, ValueError) as fault:
            raise JobFailed(f"job {job} left no {RESULT} that can be read ({fault})") from None
        return found if isinstance(found, dict) else {}

    async def _run(self, chain: Chain, wait: Wait) -> None:
        """See all jobs done; a server that holds a GPU which they need sleeps meanwhile."""
        names = [job.id for job in chain.jobs]
        async with self._room(chain):
            for job in chain.jobs:
                await self.dispatcher.submit(self._limited(job))
            standings: Mapping[str, Standing] = await wait(self.dispatcher.wait(names, self._told))
        for name in names:
            if standings[name].status != "done":
                what = standings[name].job.title or standings[name].job.module
                raise JobFailed(f"job {name[:12]} ({what}) {standings[name].status}: {standings[name].reason}")

    def _limited(self, job: Job) -> Job:
        if self.gpu_s is None or not job.needs.gpus:
            return job
        most = max(1.0, self.gpu_s / job.needs.gpus)
        return job.model_copy(update={"limit_s": most if job.limit_s is None else min(most, job.limit_s)})

    def _told(self, standing: Standing) -> None:
        self.tell(Worked(standing))

    @asynccontextmanager
    async def _room(self, chain: Chain) -> AsyncIterator[None]:
        """The GPU to the jobs for the length of the block. Who leaves it early takes the jobs along: a server that
        wakes beside them would find no memory. They go on from their checkpoints; jobs without a GPU simply go on."""
        if not any(job.needs.gpus for job in chain.jobs):
            yield
            return
        await self.serves.open()
        await self.serves.sleep()
        try:
            yield
        except BaseException:  # being cancelled too; it is raised again
            for job in chain.jobs:
                await asyncio.shield(self.dispatcher.cancel(job.id))
            raise
        finally:
            await asyncio.shield(self.serves.wake())
