"""The measures of the pitch and of what moves on it, in the coordinates of Google Research Football.

The pitch reaches from -1 to 1 along x and from -0.42 to 0.42 along y; left attacks towards x = 1. All speeds are
distances per step. Everybody is somewhat quicker than in a real match, so that much can happen in 128 steps.
"""

from __future__ import annotations

LENGTH, WIDTH, MOUTH = 1.0, 0.42, 0.044
"""Half the pitch along x and y, and half the goal."""
BOX_LENGTH, BOX_WIDTH = 0.25, 0.24
"""The penalty area: how far it reaches into the pitch, and half of it along y."""

FIELD_X, FIELD_Y = 0.9, 0.4
"""Levels put the ball and all but the keepers within these."""
APART = 0.02
"""Levels put no two players closer than this."""

RUN, SPRINT = 0.014, 0.020
WITH_BALL = 0.93
"""Whoever has the ball is so much slower."""
INERTIA = 0.65
"""Share of a player's velocity that is left of the step before."""
AT_FEET = 0.012
"""How far before its owner the ball is."""

ROLLING, LANDING = 0.97, 0.5
"""What a step of rolling, and coming down, leave of the ball's speed."""
SHOT, LOB = 0.09, 0.06
"""The ball's speed when it is shot and while it flies."""
ARRIVING, FASTEST_PASS = 0.04, 0.08
"""A short pass is as quick as it must be to arrive at this speed, and no quicker than that."""

REACH, KEEPERS_REACH = 0.024, 0.045
"""How near the ball must come to be taken, and to be saved."""
TACKLE, SLIDE = 0.028, 0.045
"""How near the ball must be to be tackled for, on foot and sliding."""
PRESSED = 0.05
"""An opponent nearer than this makes kicks worse."""
