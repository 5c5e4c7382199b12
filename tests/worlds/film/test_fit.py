"""Pictures as squares: the middle, and the mean of what each pixel covers."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.worlds.film.fit import fit


def noise(height: int, width: int) -> np.ndarray:
    return np.random.default_rng(0).integers(0, 256, (2, height, width, 3), np.uint8)


def test_the_middle_is_cut_out():
    wide = noise(8, 12)

    assert np.array_equal(fit(wide, 8), wide[:, :, 2:10])
    assert np.array_equal(fit(wide.transpose(0, 2, 1, 3), 8), wide.transpose(0, 2, 1, 3)[:, 2:10])


@pytest.mark.parametrize("side", [4, 8, 5, 7, 16, 20, 32])
def test_every_size_keeps_the_mean(side):
    found = fit(noise(16, 16), side)

    assert found.shape == (2, side, side, 3)
    assert found.dtype == np.uint8
    assert found.mean() == pytest.approx(noise(16, 16).mean(), abs=1.0)


def test_blocks_become_their_mean_and_repetition_undoes_nothing():
    small = noise(4, 4)

    assert np.array_equal(fit(fit(small, 8), 4), small)
