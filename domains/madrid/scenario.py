"""A level of football as something to search for: places with three decimals, and by whose standard it is judged."""

from __future__ import annotations

from functools import lru_cache
from typing import Annotated, Literal, Self

import numpy as np
from pydantic import BeforeValidator, Field, model_validator

from wunderkammer.core.contract import Cell, Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid.cells import cell_of
from wunderkammer.worlds.football import level as levels
from wunderkammer.worlds.football.level import Lineup
from wunderkammer.worlds.football.pitch import APART

DECIMALS = 3
SLACK = 0.002
"""By so much two players may be nearer than the football allows: rounding to `DECIMALS` may bring them there."""
By = Literal["seed", "gaussian", "aimed", "carried", "fresh", "cma", "given"]


def _rounded(places: object) -> object:
    """Plain lists of numbers as tuples with three decimals; all else as it is, for pydantic to refuse."""
    try:
        found = np.round(np.asarray(places, np.float64), DECIMALS) + 0.0
    except (TypeError, ValueError):
        return places
    if found.ndim == 1:
        return tuple(found.tolist())
    return tuple(map(tuple, found.tolist())) if found.ndim == 2 else places


Number = Annotated[float, Field(allow_inf_nan=False)]
Point = tuple[Number, Number]
Side = Annotated[tuple[Point, ...], BeforeValidator(_rounded), Field(min_length=2, max_length=11)]


class Scenario(Frozen):
    """Where everybody stands, and who is to do better from there than the target.

    A level that cannot be played as it was given is repaired by the football's rule (`worlds.football.level.repair`):
    whoever is off the pitch is put on its border, two that overlap are pushed apart. What is no place at all, or no two
    sides of one size, is refused with the field named.
    """

    left: Side
    """(x, y) of those who attack towards x = 1, the keeper first: the reference, and then the target, plays them."""
    right: Side
    """Of those who attack towards x = -1: the target plays them."""
    ball: Annotated[Point, BeforeValidator(_rounded)]
    reference: str = Field(min_length=1, max_length=200)
    """Name of the policy that the target is compared with."""
    by: By = "given"
    """Who made it."""
    repaired: int = Field(0, ge=0)
    """How many players, or the ball, had to be moved for it to be played."""

    @model_validator(mode="before")
    @classmethod
    def _playable(cls, values: object) -> object:
        """Repaired where it must be; what has not the shape of a level is left for the fields to refuse."""
        if not isinstance(values, dict):
            return values
        try:
            given = levels.lineup(values["left"], values["right"], values["ball"])
        except KeyError:
            return values
        except ConfigError as fault:
            raise ValueError(str(fault)) from fault
        if _fits(rounded(given)):
            return values
        try:
            mended = levels.repair(given)
        except ConfigError as fault:
            raise ValueError(str(fault)) from fault
        return {**values, **plain(mended.lineup), "repaired": int(values.get("repaired") or 0) + len(mended.changes)}

    @model_validator(mode="after")
    def _even(self) -> Self:
        if len(self.left) != len(self.right):
            raise ValueError(f"left has {len(self.left)} players, right has {len(self.right)}")
        return self

    @property
    def players(self) -> int:
        """Of each side, the keeper counted."""
        return len(self.left)

    @property
    def cell(self) -> Cell:
        """Where it belongs."""
        return cell_of(self.ball, self.reference)

    @property
    def lineup(self) -> Lineup:
        """As arrays, for the football."""
        return Lineup(*(np.array(part, np.float32) for part in (self.left, self.right, self.ball)))


def scenario(lineup: Lineup, reference: str, by: By, repaired: int = 0) -> Scenario:
    """A level of arrays, rounded, and repaired where it must be."""
    return Scenario(**plain(lineup), reference=reference, by=by, repaired=repaired)


def plain(lineup: Lineup) -> dict[str, object]:
    """Its fields in plain numbers, not yet rounded."""
    return {name: np.asarray(part, np.float64).tolist() for name, part in lineup._asdict().items()}


def rounded(lineup: Lineup) -> Lineup:
    """As a `Scenario` keeps it."""
    return Lineup(*(np.round(np.asarray(part, np.float64), DECIMALS) for part in lineup))


def _fits(lineup: Lineup) -> bool:
    """Whether all are on the pitch and nobody in another's place, `SLACK` allowed for rounding."""
    everyone = np.concatenate([lineup.left, lineup.right, lineup.ball[None]])
    if (np.abs(everyone) > levels.limits(len(lineup.left))).any():
        return False
    return levels.nearest(everyone[:-1]) >= APART - SLACK


@lru_cache(maxsize=2048)
def worded(level: Scenario) -> str:
    """What the memory embeds and people read: the situation in words, then every place."""
    ball = np.array(level.ball)
    left, right = np.array(level.left)[1:], np.array(level.right)[1:]
    third = "own third" if ball[0] < -0.3 else "last third" if ball[0] > 0.3 else "middle third"
    lane = "near the upper line" if ball[1] > 0.2 else "near the lower line" if ball[1] < -0.2 else "in the centre"
    near = [float(np.linalg.norm(side - ball, axis=1).min()) for side in (left, right)]
    who = "the attackers are nearer to it" if near[0] < near[1] else "the defenders are nearer to it"
    if abs(near[0] - near[1]) < 0.03:
        who = "both sides are as near to it"
    ahead, back = int((left[:, 0] > ball[0]).sum()), int((right[:, 0] > ball[0]).sum())
    beyond = int((left[:, 0] > max(float(ball[0]), float(np.sort(right[:, 0])[-1]))).sum())
    words = (
        f"Ball in the attackers' {third}, {lane}; {who}. {ahead} of {len(left)} attackers ahead of the ball, "
        f"{beyond} of them beyond the last defender; {back} of {len(right)} defenders between ball and goal. "
        f"Judged by {level.reference}."
    )
    return f"{words}\n{levels.text(level.lineup)}"
