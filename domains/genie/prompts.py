"""Frames of unseen levels, kept beside a world so that one can begin from them wherever it is played."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from wunderkammer.core.errors import ConfigError

FILE = "prompts.png"
COUNT = 16
_MODES = ("L", "LA", "RGB", "RGBA", "I;16", "I")
"""Taken as they are: grey and colours, with and without transparency, of more than eight bits to be refused. Others,
such as those with a palette, are brought to colours."""
Frames = NDArray[np.uint8]


def write(folder: Path, frames: Frames) -> None:
    """frames: (count, side, side, 3); one picture, side by side."""
    Image.fromarray(np.concatenate(list(frames), 1)).save(folder / FILE)


def read(folder: Path, side: int) -> Frames:
    """Those of a world, (count, side, side, 3); none where none were kept.

    Raises:
        ConfigError: the picture does not hold frames of this size.
    """
    file = folder / FILE
    if not file.is_file():
        return np.zeros((0, side, side, 3), np.uint8)
    try:
        strip = np.asarray(Image.open(file).convert("RGB"))
    except (OSError, ValueError, SyntaxError) as fault:
        raise ConfigError(f"{file} cannot be read: {fault}") from None
    if strip.shape[0] != side or strip.shape[1] % side:
        raise ConfigError(f"{file} holds no frames of {side} × {side} pixels; train the world anew")
    return np.stack(np.split(strip, strip.shape[1] // side, 1))


def fitted(picture: bytes, side: int) -> Frames:
    """A picture of any size as a frame: its middle square, each pixel the mean of those that it covers.

    Raises:
        ConfigError: it cannot be read.
    """
    try:
        image = Image.open(io.BytesIO(picture), formats=("PNG",))
        found = np.asarray(image if image.mode in _MODES else image.convert("RGBA"))
    except (OSError, ValueError, SyntaxError) as fault:
        raise ConfigError(f"the picture cannot be read: {fault}") from None
    if found.ndim == 2:
        found = np.repeat(found[..., None], 3, 2)
    if found.ndim != 3 or found.dtype != np.uint8:
        raise ConfigError("the picture has no colours of eight bits")
    if found.shape[2] in (2, 4):  # see-through shows white
        alpha = found[..., -1:].astype(np.float64) / 255
        found = np.rint(found[..., :-1] * alpha + 255 * (1 - alpha)).astype(np.uint8)
    if found.shape[2] == 1:
        found = np.repeat(found, 3, 2)
    least = min(found.shape[:2])
    top, left = (found.shape[0] - least) // 2, (found.shape[1] - least) // 2
    return _shrunk(_shrunk(found[top : top + least, left : left + least], side).swapaxes(0, 1), side).swapaxes(0, 1)


def _shrunk(frame: Frames, size: int) -> Frames:
    """Its first axis at another length; a pixel that lies between two old ones takes a share of both."""
    old = frame.shape[0]
    edges = np.linspace(0, old, size + 1)
    share = np.minimum(edges[1:, None], np.arange(1, old + 1)) - np.maximum(edges[:-1, None], np.arange(old))
    share = np.maximum(share, 0)
    share /= share.sum(1, keepdims=True)
    mixed = np.tensordot(share, frame.astype(np.float64), axes=(1, 0))
    return np.rint(mixed).astype(np.uint8)
