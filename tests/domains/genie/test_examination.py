"""A short look at a world that still learns."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from wunderkammer.domains.genie.examination import look  # noqa: E402
from wunderkammer.learners.video.settings import WorldSettings  # noqa: E402
from wunderkammer.learners.video.squares import Squares  # noqa: E402
from wunderkammer.learners.video.world_model import WorldModel  # noqa: E402


@pytest.fixture(scope="module")
def world() -> WorldModel:
    """Untrained."""
    torch.manual_seed(0)
    return WorldModel(WorldSettings(side=16, frames=6, width=16, heads=2, layers=1, codes=16, code_width=8)).eval()


CLIPS = next(Squares(16, square=4).batches(0, 3, 5))


def test_figures_are_of_the_frames_that_are_shown(world) -> None:
    seen = look(world, CLIPS, torch.Generator().manual_seed(0))
    last = {name: frames[:, -1].astype(float) for name, frames in seen.rows.items()}

    def decibels(name: str) -> float:
        return float((10 * np.log10(255**2 / ((last[name] - last["true"]) ** 2).mean((1, 2, 3)))).mean())

    assert set(seen.figures) == {"psnr", "delta_psnr", "rollout_psnr", "ahead_of_copy"}
    assert seen.figures["rollout_psnr"] == pytest.approx(decibels("inferred"), abs=1e-3)
    assert seen.figures["delta_psnr"] == pytest.approx(decibels("inferred") - decibels("random"), abs=1e-3)
    assert (seen.rows["inferred"][:, 0] == CLIPS[:, 0]).all()


def test_before_the_dynamics_learn_nothing_is_foreseen(world) -> None:
    whole = look(world, CLIPS, torch.Generator().manual_seed(0))
    seen = look(world, CLIPS, torch.Generator().manual_seed(0), foreseen=False)

    assert seen.figures == {"psnr": whole.figures["psnr"]}
    assert list(seen.rows) == ["true", "painted"]
    assert seen.sheet().startswith(b"\x89PNG")
