"""What TiZero is shown of a match: 330 numbers a player, and which of the 19 actions it may choose.

Written from the public description of its submission. Only numpy: this runs where nothing of ours is installed but the
source. An observation is a raw one of the engine, of one player, who sees its own side as the left.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

Floats: TypeAlias = npt.NDArray[np.float64]
Raw: TypeAlias = Mapping[str, Any]

SIZE = 330
ACTIONS = 19
IDLE, LONG_PASS, HIGH_PASS, SHORT_PASS, SHOT, SPRINT = 0, 9, 10, 11, 12, 13
STOP, STOP_SPRINT, SLIDE, DRIBBLE, STOP_DRIBBLE = 14, 15, 16, 17, 18
LEFT, TOP_LEFT, TOP, TOP_RIGHT, RIGHT, BOTTOM_RIGHT, BOTTOM, BOTTOM_LEFT = range(1, 9)
PASSES = (LONG_PASS, HIGH_PASS, SHORT_PASS)
DIRECTIONS = np.array([(-1, 0), (-1, -1), (0, -1), (1, -1), (1, 0), (1, 1), (0, 1), (-1, 1)], float)
"""Of the actions 1 to 8."""
NORMAL, PENALTY = 0, 6
"""Modes of the game; between them stand kick-off, goal kick, free kick, corner and throw-in."""
FULL_GAME = 3001
"""Steps of the matches that it was trained in."""
_SPEED = np.array((0.03, 0.02))
_BALL_SPEED = np.array((0.15, 0.07, 4.0))
_BALL_SPIN = np.array((0.0005, 0.0004, 0.015))
_NEAR = 0.05
"""Who is nearer to the ball than this can play it."""


def encoded(raw: Raw) -> Floats:
    """Who one is (1), oneself (87), the ball and its owner (57), one's own side (88), the other (88), the match (9)."""
    me, ball = int(raw["active"]), np.asarray(raw["ball"], float)
    ours, theirs = _Side(raw, "left"), _Side(raw, "right")
    mine = ours.of(me)
    position = mine[:2]
    to_ball = ball[:2] - position
    around = [_away(to_ball[None]), _away(ours.positions - position), _away(theirs.positions - position)]
    myself = np.concatenate([np.asarray(raw["sticky_actions"][:10], float), mine, *around])
    owner = _owner(raw, ours, theirs)
    apart = owner[:2] - position if owner is not None else np.zeros(2)
    ball_now = np.concatenate(
        [
            ball,
            np.asarray(raw["ball_direction"], float) / _BALL_SPEED,
            np.eye(3)[int(raw["ball_owned_team"]) + 1],
            np.asarray(raw["ball_rotation"], float) / _BALL_SPIN,
            np.eye(23)[_owner_place(raw)],
            mine,
            to_ball,
            [np.linalg.norm(to_ball)],
            owner[:4] if owner is not None else np.zeros(4),
            apart,
            [np.linalg.norm(apart)],
            owner[4:] if owner is not None else np.zeros(4),
        ]
    )
    ahead = (raw["score"][0] - raw["score"][1]) / 5
    match = np.concatenate([np.eye(7)[int(raw["game_mode"])], [ahead, raw["steps_left"] / FULL_GAME]])
    return np.concatenate([[float(me)], myself, ball_now, ours.all(), theirs.all(), match])


class _Side:
    """One side's players: positions (n, 2), what stands in the observation of each (n, 8)."""

    def __init__(self, raw: Raw, side: str) -> None:
        self.positions = np.asarray(raw[f"{side}_team"], float)
        self.speeds = np.asarray(raw[f"{side}_team_direction"], float) / _SPEED
        marks = [
            raw[f"{side}_team_tired_factor"],
            raw[f"{side}_team_yellow_card"],
            ~np.asarray(raw[f"{side}_team_active"], bool),
            _offside(raw, side),
        ]
        self.marks = np.stack([np.asarray(mark, float) for mark in marks])

    def of(self, player: int) -> Floats:
        """Position, speed, and the four marks: tired, yellow card, red card, offside."""
        return np.concatenate([self.positions[player], self.speeds[player], self.marks[:, player]])

    def all(self) -> Floats:
        return np.concatenate([self.positions.ravel(), self.speeds.ravel(), self.marks.ravel()])


def _offside(raw: Raw, side: str) -> npt.NDArray[np.bool_]:
    """Who of a side stands beyond the line while that side has the ball."""
    own, other = np.asarray(raw[f"{side}_team"], float), "right" if side == "left" else "left"
    if int(raw["ball_owned_team"]) != (0 if side == "left" else 1):
        return np.zeros(len(own), bool)
    last, ball = np.sort(np.asarray(raw[f"{other}_team"], float)[:, 0]), raw["ball"][0]
    beyond = own[:, 0] > max(0.0, ball, last[-2]) if side == "left" else own[:, 0] < min(0.0, ball, last[1])
    beyond[int(raw["ball_owned_player"])] = False
    return np.asarray(beyond, bool)


def _owner_place(raw: Raw) -> int:
    """Of 23: our eleven, their eleven, nobody."""
    team = int(raw["ball_owned_team"])
    return 22 if team < 0 else 11 * team + int(raw["ball_owned_player"])


def _owner(raw: Raw, ours: _Side, theirs: _Side) -> Floats | None:
    team = int(raw["ball_owned_team"])
    return None if team < 0 else (ours, theirs)[team].of(int(raw["ball_owned_player"]))


def _away(offsets: Floats) -> Floats:
    return np.concatenate([offsets.ravel(), np.linalg.norm(offsets, axis=1)])


# ---- which actions may be chosen ---------------------------------------------------------------------------------


def allowed(raw: Raw) -> npt.NDArray[np.bool_]:
    """The mask of its training, shape (19,): at least one is allowed."""
    me, ball = int(raw["active"]), np.asarray(raw["ball"], float)[:2]
    ours, sticky = np.asarray(raw["left_team"], float), np.asarray(raw["sticky_actions"])
    position, mode = ours[me], int(raw["game_mode"])
    sprinting, to_ball = bool(sticky[8]), ball - ours[me]
    may = np.ones(ACTIONS, bool)
    may[[IDLE, STOP]] = False
    if mode == NORMAL and _is_caught_ahead(raw, me):
        may = _only((LEFT, BOTTOM_LEFT, TOP_LEFT) if sprinting else (SPRINT,))
    if abs(to_ball[0]) > 0.75 or abs(to_ball[1]) > 0.5:
        may = _only((_towards(to_ball),) if sprinting else (SPRINT,))
    back = _back_onto_pitch(raw, me)
    if back is not None and not _takes_the_ball(raw, me):
        may = _only((STOP_SPRINT,) if sprinting else (back,))
    if not sticky[:8].any():
        may[STOP] = False
    may[SPRINT if sprinting else STOP_SPRINT] = False
    may[DRIBBLE if sticky[9] else STOP_DRIBBLE] = False
    if position[0] < 0.4 or abs(position[1]) > 0.3:
        may[SHOT] = False
    may[list(_pointless(raw, me, float(np.linalg.norm(to_ball))))] = False
    if not may.any():
        may[IDLE] = True  # where its own program gives up
    return may


def _only(actions: Sequence[int]) -> npt.NDArray[np.bool_]:
    may = np.zeros(ACTIONS, bool)
    may[list(actions)] = True
    return may


def _towards(offset: Floats) -> int:
    units = DIRECTIONS / np.linalg.norm(DIRECTIONS, axis=1, keepdims=True)
    return 1 + int(np.argmax(units @ offset))


def _is_caught_ahead(raw: Raw, me: int) -> bool:
    """Ahead of a ball that is not ours, with fewer than two men behind."""
    ours = np.asarray(raw["left_team"], float)
    behind = int((ours[1:, 0] < ours[me, 0]).sum())
    return bool(ours[me, 0] > raw["ball"][0] + 0.05 and behind < 2 and raw["ball_owned_team"] != 0)


def _back_onto_pitch(raw: Raw, me: int) -> int | None:
    """The way in for who is about to leave the pitch; who has the ball turns earlier."""
    x, y = np.asarray(raw["left_team"], float)[me]
    holds = raw["ball_owned_team"] == 0 and raw["ball_owned_player"] == me
    reach = 0.05 if holds else 0.03
    if x <= reach - 1:
        return RIGHT
    if x >= 1 - reach:
        return LEFT
    if y >= 0.42 - reach:
        return TOP
    # Its own program looks at x here where it has the ball; it was trained so.
    if y <= 0.03 - 0.42 or (holds and x <= 0.05 - 0.42):
        return BOTTOM
    return None


def _takes_the_ball(raw: Raw, me: int) -> bool:
    """Whether it is for this player to put the ball into play."""
    mode = int(raw["game_mode"])
    if mode == PENALTY:
        return bool(raw["ball"][0] > 0 and raw["left_team"][me][0] > 0.7)
    if mode == NORMAL:
        return False
    ball = np.asarray(raw["ball"], float)[:2]
    ours = np.linalg.norm(np.asarray(raw["left_team"], float) - ball, axis=1)
    theirs = np.linalg.norm(np.asarray(raw["right_team"], float) - ball, axis=1)
    return bool(ours.min() < theirs.min() and me == int(ours.argmin()))


def _pointless(raw: Raw, me: int, far: float) -> Collection[int]:
    """What can do nothing as things stand."""
    kicks, footwork = {*PASSES, SHOT}, {SLIDE, DRIBBLE, STOP_DRIBBLE}
    if int(raw["game_mode"]) != NORMAL:
        if not _takes_the_ball(raw, me):
            return kicks | footwork
        still = {SPRINT, STOP_SPRINT} | footwork
        return still | set(PASSES) if int(raw["game_mode"]) == PENALTY else still
    near, team = far < _NEAR, int(raw["ball_owned_team"])
    if team == 0:
        return {SLIDE} if near else kicks | {SLIDE, DRIBBLE}
    return {DRIBBLE} if near else kicks | {SLIDE, DRIBBLE}
