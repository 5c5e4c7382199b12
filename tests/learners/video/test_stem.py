"""How frames become tokens."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from wunderkammer.learners.video.settings import WorldSettings  # noqa: E402
from wunderkammer.learners.video.stem import stem  # noqa: E402


@pytest.mark.parametrize("convolved", [True, False])
@pytest.mark.parametrize("side", [2, 4, 8])
def test_each_patch_becomes_a_token(convolved, side) -> None:
    assert stem(6, 24, side, convolved)(torch.rand(2, 3, 16, 16, 6)).shape == (2, 3, (16 // side) ** 2, 24)


def test_only_convolutions_look_beyond_a_patch() -> None:
    frames, other = torch.zeros(1, 1, 16, 16, 3), torch.zeros(1, 1, 16, 16, 3)
    other[0, 0, 8, 8] = 1  # the first pixel of the last of four patches
    for convolved in (True, False):
        layer = stem(3, 16, 8, convolved)
        changed = ((layer(frames) - layer(other)).abs().amax(-1) > 0)[0, 0]
        assert changed[3]
        assert bool(changed[0]) == convolved


def test_convolutions_want_patches_that_can_be_halved() -> None:
    with pytest.raises(ValueError, match="action_patch: 5 is no power of two"):
        WorldSettings(side=20, patch=4, action_patch=5)
    with pytest.raises(ValueError, match="action_patch: 1 is no power of two above 1"):
        WorldSettings(action_patch=1)
    assert WorldSettings(side=20, patch=4, action_patch=5, convolved=False).action_patch == 5
