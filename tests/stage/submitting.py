"""Jobs of `stage.errands` handed out for the length of a test."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from wunderkammer.core.settings import Settings
from wunderkammer.core.work import Job
from wunderkammer.jobs.choice import dispatcher


@contextmanager
def submitting(settings: Settings) -> Iterator[Callable[..., str]]:
    """Submits an errand and returns its id, when it is over or (without `wait`) at once; what is left running ends with
    the block. Not to be called while a browser is open: that has an event loop of its own."""
    made: list[str] = []

    def submit(what: str = "note", *, wait: bool = True, title: str = "", **args: object) -> str:
        job = Job(module="stage.errands", args={"what": what, **args}, title=title or f"a {what}")
        made.append(job.id)

        async def go() -> None:
            await dispatcher(settings).submit(job)
            if wait:
                await dispatcher(settings).wait([job.id])

        asyncio.run(go())
        return job.id

    async def end() -> None:
        for one in made:
            await dispatcher(settings).cancel(one)

    try:
        yield submit
    finally:
        asyncio.run(end())
