"""Where everybody stands when a match begins: the level, its text, and the rules that a level keeps."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, NamedTuple, TypeAlias

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football.pitch import APART, FIELD_X, FIELD_Y, LENGTH, WIDTH

Points: TypeAlias = NDArray[np.float32]
ROUNDS = 200
"""Of pushing players apart, before a level is refused; half of them make 22 players on one spot legal."""
_PAIR = re.compile(r"(-?\d+(?:\.\d+)?),(-?\d+(?:\.\d+)?)")


class Lineup(NamedTuple):
    """A level. A batch of levels has one more axis in front of each array; arrays are numpy's or JAX's."""

    left: Any
    """(n, 2) float32: x and y of the players who attack towards x = 1; the first is the keeper."""
    right: Any
    """(n, 2) float32: of those who attack towards x = -1; the first is the keeper."""
    ball: Any
    """(2,) float32."""


class Repaired(NamedTuple):
    """A legal level, and what had to be changed for it, one line for each field."""

    lineup: Lineup
    changes: tuple[str, ...]


def lineup(left: Sequence[Sequence[float]], right: Sequence[Sequence[float]], ball: Sequence[float]) -> Lineup:
    """A level of plain numbers; `ConfigError` where a side or the ball has not the shape of one, or is not finite."""
    ours, theirs = _points("left", left), _points("right", right)
    if len(ours) != len(theirs):
        raise ConfigError(f"left has {len(ours)} players and right has {len(theirs)}; give both the same number")
    if len(ours) < 2:
        raise ConfigError("left has fewer than 2 players; give each side a keeper and at least one more")
    return Lineup(ours, theirs, _points("ball", [ball])[0])


def legal(level: Lineup) -> tuple[str, ...]:
    """What is wrong with a level, one line for each field that is off; empty: it can be played.

    - The ball and all but the keepers are within ±0.9 along x and ±0.4 along y; keepers are on the pitch.
    - No two players are nearer to one another than 0.02.
    """
    places, most = _everyone(level)
    players = len(places) - 1
    faults = [
        f"{_name(at, players)} is at {_pair(places[at])}, outside ±{most[at][0]:g}, ±{most[at][1]:g}"
        for at in np.flatnonzero((np.abs(places) > most + 1e-6).any(1)).tolist()
    ]
    first, second = _pairs(players)
    apart = places[first] - places[second]
    gaps = np.sqrt(np.einsum("ij,ij->i", apart, apart))
    faults += [
        f"{_name(int(second[at]), players)} is {gaps[at]:.3f} from {_name(int(first[at]), players)}, nearer than "
        f"{APART:g}"
        for at in np.flatnonzero(gaps < APART - 1e-4).tolist()
    ]
    return tuple(faults)


def repair(level: Lineup) -> Repaired:
    """The nearest legal level by two rules: whoever is outside is put on the border at the same height, and two who are
    too near are pushed apart, each by half of what is missing, until nobody is.

    Those on the same spot are pushed apart along a direction that follows from who they are, so that the same level is
    always repaired in the same way. A legal level is left as it is.

    Raises:
        ConfigError: a coordinate is not a finite number, or there is no room.
    """
    level = lineup(level.left, level.right, level.ball)
    changes = legal(level)
    if not changes:
        return Repaired(level, ())
    places, most = _everyone(level)
    places = np.clip(places, -most, most)
    players = len(places) - 1
    for _ in range(ROUNDS):
        push = _push(places[:players])
        if not push.any():
            break
        places[:players] = np.clip(places[:players] + push, -most[:players], most[:players])
    count = players // 2
    mended = Lineup(*(part.astype(np.float32) for part in (places[:count], places[count:players], places[-1])))
    if left := legal(mended):
        raise ConfigError(f"there is no room for everybody: {left[0]}; spread the players")
    return Repaired(mended, changes)


def text(level: Lineup) -> str:
    """The canonical text, three decimals: equal texts are equal levels as far as anybody is told."""
    sides = (("left", level.left), ("right", level.right), ("ball", np.asarray(level.ball)[None]))
    return "\n".join(" ".join([name, *(_pair(place) for place in np.asarray(side))]) for name, side in sides)


def read(words: str) -> Lineup:
    """The level that a text means; `ConfigError` names the line that is wrong. Whether it is legal is not asked."""
    found: dict[str, list[list[float]]] = {}
    for line in filter(None, map(str.strip, words.splitlines())):
        name, *pairs = line.split()
        if name not in Lineup._fields or name in found:
            raise ConfigError(f"a line of the level begins with {name!r}; write one line each for left, right and ball")
        read = [_PAIR.fullmatch(pair) for pair in pairs]
        for pair, hit in zip(pairs, read, strict=True):
            if hit is None:
                raise ConfigError(f"{name}: {pair!r} is no place; write x,y such as -0.500,0.120")
        found[name] = [[float(hit[1]), float(hit[2])] for hit in read if hit]
    missing = [name for name in Lineup._fields if name not in found]
    if missing:
        raise ConfigError(f"the level has no line for {missing[0]}; write left, right and ball")
    if len(found["ball"]) != 1:
        raise ConfigError(f"ball: {len(found['ball'])} places; write one")
    return lineup(found["left"], found["right"], found["ball"][0])


def plain(level: Lineup) -> dict[str, Any]:
    """As JSON has it: lists of numbers with three decimals."""
    return {name: np.round(np.asarray(part, np.float64), 3).tolist() for name, part in level._asdict().items()}


def of_plain(values: Mapping[str, Any]) -> Lineup:
    """The level that `plain` gave."""
    if set(values) != set(Lineup._fields):
        raise ConfigError(f"a level has the fields left, right and ball, not {', '.join(sorted(values)) or 'none'}")
    return lineup(values["left"], values["right"], values["ball"])


def dumps(level: Lineup) -> str:
    """As a line of JSON."""
    return json.dumps(plain(level), separators=(",", ":"))


def stack(levels: Sequence[Lineup]) -> Lineup:
    """A batch of levels of one size."""
    return Lineup(*(np.stack([np.asarray(part, np.float32) for part in parts]) for parts in zip(*levels, strict=True)))


def mirrored(level: Lineup) -> Lineup:
    """The same level seen by the other side: turned by half a circle, and the sides exchanged."""
    return Lineup(-np.asarray(level.right), -np.asarray(level.left), -np.asarray(level.ball))


def sample(rng: np.random.Generator, players: int) -> Lineup:
    """Everybody but the keepers anywhere, and the ball too; keepers before their goals. Repaired, so legal."""

    def side(home: float) -> Points:
        places = rng.uniform((-FIELD_X, -FIELD_Y), (FIELD_X, FIELD_Y), (players, 2))
        places[0] = home, 0.0
        return places.astype(np.float32)

    ball = rng.uniform((-FIELD_X, -FIELD_Y), (FIELD_X, FIELD_Y)).astype(np.float32)
    return repair(Lineup(side(-0.97), side(0.97), ball)).lineup


def _points(name: str, values: Any) -> Points:
    try:
        places = np.asarray(values, np.float32)
    except (TypeError, ValueError) as fault:
        raise ConfigError(f"{name}: not numbers; give x and y of each") from fault
    if places.ndim != 2 or places.shape[1] != 2:
        raise ConfigError(f"{name}: shape {places.shape}; give x and y of each")
    off = np.flatnonzero(~np.isfinite(places).all(1))
    if off.size:
        raise ConfigError(f"{name}[{off[0]}]: {places[off[0]].tolist()} is no place; give finite numbers")
    return places


def _everyone(level: Lineup) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Left, right and the ball: places, and how far out each may be."""
    places = np.concatenate([np.asarray(part, np.float64).reshape(-1, 2) for part in level])
    return places, limits((len(places) - 1) // 2)


@cache
def limits(players: int) -> NDArray[np.float64]:
    """How far out everybody may be, left, right and the ball: (2 players + 1, 2). Not to be written to."""
    most = np.tile([FIELD_X, FIELD_Y], (2 * players + 1, 1))
    most[[0, players]] = LENGTH, WIDTH
    return most


@cache
def _pairs(count: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Every two of so many, in order."""
    first, second = np.triu_indices(count, 1)
    return first, second


def nearest(places: NDArray[np.float64]) -> float:
    """How far the two are from each other that are nearest; (players, 2)."""
    first, second = _pairs(len(places))
    apart = places[first] - places[second]
    return float(np.sqrt(np.einsum("ij,ij->i", apart, apart).min()))


def _name(at: int, players: int) -> str:
    """The field of one of `_everyone`."""
    if at == players:
        return "ball"
    count = players // 2
    return f"left[{at}]" if at < count else f"right[{at - count}]"


def _push(places: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each player is to move so that all are apart, (players, 2); zeros if they are."""
    towards = places[:, None] - places[None]
    gap = np.linalg.norm(towards, axis=-1)
    near = (gap < APART) & ~np.eye(len(places), dtype=bool)
    turn = np.arange(len(places)) * 2.4
    own = np.stack([np.cos(turn), np.sin(turn)], -1)
    spread = own[:, None] - own[None]
    same = gap < 1e-9
    away = np.where(same[..., None], spread, towards)
    length = np.linalg.norm(away, axis=-1)
    step = np.where(near, (APART * 1.01 - gap) / 2, 0.0) / np.where(near, length, 1.0)
    return np.asarray((step[..., None] * away).sum(1))


def _pair(place: Any) -> str:
    """x,y with three decimals; no minus before nothing."""
    return ",".join(f"{round(number, 3) + 0.0:.3f}" for number in np.asarray(place, np.float64).tolist())
