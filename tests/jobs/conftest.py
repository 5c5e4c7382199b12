"""Dispatchers over a folder of the test's own, whose jobs all end with the test."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from wunderkammer.core.settings import JobSettings, Settings
from wunderkammer.jobs.local import LocalDispatcher


@pytest.fixture
async def local(tmp_path: Path) -> AsyncIterator[Callable[..., LocalDispatcher]]:
    """Opens a dispatcher in HOME = tmp_path/home; keywords go into the `[jobs]` settings."""
    made: list[LocalDispatcher] = []

    def opened(devices: Path | None = None, **jobs: Any) -> LocalDispatcher:
        settings = Settings(home=tmp_path / "home", jobs=JobSettings(**{"cores": 4, "memory_gib": 64, **jobs}))
        made.append(LocalDispatcher(settings, devices=devices, grace_s=0.3))
        return made[-1]

    yield opened
    for one in made[-1:]:
        for standing in await one.all():
            await one.cancel(standing.job.id)
