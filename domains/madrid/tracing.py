"""A match of another football as the football of this house tells its own: from the positions alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

if TYPE_CHECKING:
    from wunderkammer.worlds.football.match import Trace


def traced(
    moments: Sequence[Mapping[str, Any]], value: int, features: dict[str, float], names: tuple[str, str]
) -> Trace:
    """moments: left, right and ball, step by step. Where players look is where they went; nobody has the ball."""
    from wunderkammer.worlds.football.match import Trace

    place = np.array([[*one["left"], *one["right"]] for one in moments], np.float32)
    moved = np.diff(place, axis=0, prepend=place[:1])
    length = np.linalg.norm(moved, axis=-1, keepdims=True)
    attack = np.repeat([[1.0, 0.0], [-1.0, 0.0]], place.shape[1] // 2, axis=0)
    return Trace(
        place=place,
        heading=np.where(length > 1e-6, moved / np.maximum(length, 1e-6), attack).astype(np.float32),
        down=np.zeros(place.shape[:2], bool),
        ball=np.array([one["ball"] for one in moments], np.float32),
        air=np.zeros(len(moments), bool),
        owner=np.full(len(moments), -1, np.int32),
        value=value,
        features=features,
        names=names,
    )
