"""A scripted player for the football of vmas, who sees what vmas shows and no more: the first target of a search there.

It knows nothing of passing, of team-mates, or of opponents, and so it can be beaten.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Values = NDArray[np.floating]

TO_BALL, BALL_TO_GOAL, TO_GOAL, SPEED = slice(2, 4), slice(6, 8), slice(12, 14), slice(14, 16)
"""Where vmas's observation has: the player's place less the ball's, the ball's less the goal's, the player's less the
goal's, and the player's velocity; the goal is the one attacked, to the right."""
OF_ONESELF, OF_ANOTHER = 16, 8
"""Features before, and for each of the other players."""
PITCH, KEEPS, MOUTH = 3.0, 0.06, 0.15
"""From goal to goal; how far before its own the keeper stands, and how far from its middle it goes."""
FAST = 0.15
"""The speed that a player wants where it pushes; elsewhere as much as it has still to go, in a second."""
BEHIND = 0.08
"""How far behind the ball whoever means to push it goes first."""
IDLE = 0.05
"""Share of a player's steps in which it does nothing, so that matches from one level differ."""


def chaser(observation: Values, luck: Values) -> NDArray[np.int64]:
    """(matches, players, features) to actions of nine (matches, players): whoever is nearest pushes the ball to the
    goal, the first player keeps its own goal, and the others stay between it and the ball.

    Raises:
        ValueError: this is not what vmas shows.
    """
    shown = OF_ONESELF + OF_ANOTHER * (2 * observation.shape[1] - 1)
    if observation.shape[2] != shown:
        raise ValueError(f"made for the {shown} features of vmas's football")
    place, ball = observation[..., TO_GOAL], observation[..., BALL_TO_GOAL]
    from_ball = observation[..., TO_BALL]
    own_goal = np.array([-PITCH, 0.0])
    keeper = np.stack([np.full_like(ball[..., 0], KEEPS - PITCH), ball[..., 1].clip(-MOUTH, MOUTH)], axis=-1)
    wanted = np.where((np.arange(observation.shape[1]) == 0)[:, None], keeper, (own_goal + ball) / 2)
    nearest = np.linalg.norm(from_ball, axis=-1).argmin(axis=1)
    chases = np.arange(observation.shape[1]) == nearest[:, None]
    wanted = np.where(chases[..., None], _pushing(place, ball, from_ball), wanted)
    return np.where(luck < IDLE, 0, _towards(wanted - place - observation[..., SPEED]))


def _pushing(place: Values, ball: Values, from_ball: Values) -> Values:
    """Where to run: through the ball from behind it, else round it to there."""
    on = -ball / np.maximum(np.linalg.norm(ball, axis=-1, keepdims=True), 1e-6)
    along = (from_ball * on).sum(axis=-1, keepdims=True)
    aside = from_ball - along * on
    off = np.linalg.norm(aside, axis=-1, keepdims=True)
    way_round = np.where(along > -BEHIND / 2, BEHIND * aside / np.maximum(off, 1e-6), 0.0)
    through = place + FAST * on - 3 * aside
    return np.where((along < 0) & (off < 0.5 * -along), through, ball - BEHIND * on + way_round)


def _towards(way: Values) -> NDArray[np.int64]:
    """vmas's number of a push: three times that along x plus that along y, where 0 is none, 1 back and 2 on."""
    each = np.where(np.abs(way) < 0.01, 0, np.where(way < 0, 1, 2))
    return 3 * each[..., 0] + each[..., 1]
