"""Video files as frames: one after another, at a chosen pace, as squares of a chosen size."""

from __future__ import annotations

import math
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.fit import fit
from wunderkammer.worlds.film.games import Frames

_SLACK = 1e-3
"""Seconds by which a frame may come early and still count."""


class Broken(Exception):
    """A file cannot be decoded further."""


def pictures(file: Path, side: int, fps: float) -> Iterator[Frames]:
    """Frames (side, side, 3) of a video, one at a time, `fps` of them for each second, fewer where it has fewer.

    Scaled so that the shorter side fits, the middle cut out.

    Raises:
        Broken: the file is no video, or breaks off; what came before was good.
        ConfigError: PyAV is missing.
    """
    try:
        import av
    except ImportError:
        raise ConfigError("to read video files, install PyAV: pip install av") from None
    due = 0.0
    try:
        with av.open(str(file)) as opened:
            if not opened.streams.video:
                raise Broken("no picture in it")
            stream = opened.streams.video[0]
            pace = float(stream.average_rate or fps)
            for at, frame in enumerate(opened.decode(stream)):
                time = at / pace if frame.time is None else frame.time
                if not at:
                    due = time
                if time + _SLACK < due:
                    continue
                due = max(due + 1 / fps, time - 1 / fps)
                scale = side / min(frame.width, frame.height)
                size = max(side, math.ceil(frame.width * scale)), max(side, math.ceil(frame.height * scale))
                small = frame.to_ndarray(format="rgb24", width=size[0], height=size[1], interpolation="AREA")
                yield fit(np.asarray(small, np.uint8)[None], side)[0]
    except (av.FFmpegError, OSError) as fault:
        raise Broken(str(fault)) from None
