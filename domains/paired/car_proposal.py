"""A track that a language model wrote, mended by stated rules or refused with the reason."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

from wunderkammer.core.contract import Cell as Aim
from wunderkammer.core.contract import Lab, Sampling
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.car_layout import AXES, LENGTHS, complexity
from wunderkammer.worlds.car import text
from wunderkammer.worlds.car.text import POINTS, SIDE, Plan

SLACK = 2
"""So many points may be missing, too many, or off the sketch."""
_PAIR = re.compile(r"^\W*(?:\d+[.):]\s+)?\(?\s*(-?\d+(?:\.\d+)?)\s*[,;\s]\s*(-?\d+(?:\.\d+)?)\s*\)?\W*$")


class Mended(NamedTuple):
    """What came of a reply."""

    plan: Plan | None
    """None: refused."""
    faults: int
    """Points that were mended."""
    reason: str = ""
    """Why it was refused, in a few words."""


def mended(reply: str, parent: Plan) -> Mended:
    """The track in a reply. The longest run of lines with two numbers each counts. Then, in this order:

    1. numbers are rounded, and moved onto the sketch;
    2. up to `SLACK` points too many at the end are dropped, missing ones are taken from the parent;
    3. a point that repeats the one before it is moved by a metre.

    Refused: no such lines; more than `SLACK` points missing, too many or off the sketch; the parent itself.
    """
    rows = _block(reply)
    if not rows:
        return Mended(None, 0, "no track in the reply")
    if abs(len(rows) - POINTS) > SLACK:
        return Mended(None, 0, f"{len(rows)} points instead of {POINTS}")
    faults = abs(len(rows) - POINTS)
    points: list[tuple[int, int]] = []
    for x, y in [*rows[:POINTS], *parent.points[len(rows) :]]:
        place = (min(max(round(x), 0), SIDE), min(max(round(y), 0), SIDE))
        faults += not (0 <= x <= SIDE and 0 <= y <= SIDE)
        if points and place in (points[-1], points[0] if len(points) == POINTS - 1 else None):
            place, faults = (place[0] + (1 if place[0] < SIDE else -1), place[1]), faults + 1
        points.append(place)
    if faults > SLACK:
        return Mended(None, faults, f"{faults} faults")
    try:
        plan = text.read("\n".join(f"{x} {y}" for x, y in points))
    except ConfigError:
        return Mended(None, faults, "points on one another")
    return Mended(None, faults, "nothing was changed") if plan == parent else Mended(plan, faults)


async def proposed(parent: Plan, aim: Aim | None, lab: Lab) -> Mended:
    """A child of the mutator model's."""
    longest = Sampling(max_tokens=16 * POINTS + 64)
    return mended(await lab.say("mutator", "tracks/edit", wishes(parent, aim, lab.hint), sampling=longest), parent)


def wishes(parent: Plan, aim: Aim | None, hint: str) -> Mapping[str, object]:
    """What the prompt is told: the track, its figures, and how the child should differ."""
    found = complexity(parent)
    wanted = ["move a few points"]
    if aim is not None:
        want = AXES["length"].index(aim[0])
        longer = "longer" if LENGTHS[want] > found.length else "shorter"
        wanted = [f"make it {longer}, {aim[0]} in all", f"with {aim[1]} sharp turns"]
    return {
        "track": text.write(parent),
        "side": SIDE,
        "points": POINTS,
        "length": f"{found.length:.0f}",
        "sharp": found.sharp,
        "wanted": "; ".join(wanted),
        "hint": hint,
    }


def _block(reply: str) -> list[tuple[float, float]]:
    """The longest run of lines that hold two numbers; they may be numbered, and stand in brackets."""
    best: list[tuple[float, float]] = []
    run: list[tuple[float, float]] = []
    for line in [*reply.splitlines(), ""]:
        found = _PAIR.match(line)
        if found:
            run.append((float(found[1]), float(found[2])))
            continue
        best, run = max(best, run, key=len), []
    return best
