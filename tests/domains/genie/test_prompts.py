"""Frames to begin from, and pictures of any size made into one."""

from __future__ import annotations

import numpy as np
import pytest

imageio = pytest.importorskip("imageio.v3")

from wunderkammer.core.errors import ConfigError  # noqa: E402
from wunderkammer.domains.genie import prompts  # noqa: E402


def png(pixels: np.ndarray) -> bytes:
    return bytes(imageio.imwrite("<bytes>", pixels.astype(np.uint8), extension=".png"))


def test_frames_are_read_as_they_were_written(tmp_path):
    frames = np.random.default_rng(0).integers(0, 256, (5, 8, 8, 3), np.uint8)

    prompts.write(tmp_path, frames)

    np.testing.assert_array_equal(prompts.read(tmp_path, 8), frames)
    with pytest.raises(ConfigError, match="16 × 16"):
        prompts.read(tmp_path, 16)


def test_a_world_without_frames_has_none(tmp_path):
    assert prompts.read(tmp_path, 8).shape == (0, 8, 8, 3)


def test_the_middle_square_is_taken_and_averaged():
    wide = np.zeros((4, 12, 3))
    wide[:, 4:8] = 100
    wide[:2, 4:6] = 200

    fitted = prompts.fitted(png(wide), 2)

    assert fitted[..., 0].tolist() == [[200, 100], [100, 100]]


def test_a_small_picture_is_enlarged():
    small = np.array([[[0, 0, 0], [90, 90, 90]]] * 2)

    assert prompts.fitted(png(small), 4)[0, :, 0].tolist() == [0, 0, 90, 90]


@pytest.mark.parametrize("shape", [(4, 4), (4, 4, 4), (4, 4, 3)])
def test_grey_and_see_through_pictures_are_frames_too(shape):
    pixels = np.full(shape, 255)
    if shape[-1:] == (4,) and len(shape) == 3:
        pixels[..., :3], pixels[..., 3] = 0, 0  # nothing is to be seen

    np.testing.assert_array_equal(prompts.fitted(png(pixels), 2), np.full((2, 2, 3), 255))


def test_what_is_no_picture_is_told():
    with pytest.raises(ConfigError, match="cannot be read"):
        prompts.fitted(b"\x89PNG\r\n\x1a\n and no more", 4)
