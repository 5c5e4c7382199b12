"""A world small enough to be learned by a test."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from wunderkammer.learners.video.settings import WorldSettings  # noqa: E402
from wunderkammer.learners.video.world_model import WorldModel  # noqa: E402

TINY = {"side": 16, "patch": 4, "action_patch": 8, "width": 16, "heads": 2, "layers": 2, "frames": 6, "codes": 16}


@pytest.fixture
def settings() -> WorldSettings:
    return WorldSettings(**TINY)


@pytest.fixture
def world(settings) -> WorldModel:
    torch.manual_seed(0)
    return WorldModel(settings).eval()
