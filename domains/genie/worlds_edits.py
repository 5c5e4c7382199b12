"""Changes of a frame in a small language, one a line: mirrored, shifted, patches exchanged or copied, another frame
blended in, a shape drawn. Who proposes them, a die or a model, is all the same.

Places and lengths are counted on a grid of `GRID` cells a side, whatever the frame has in pixels; what is drawn beyond
the edge is cut off.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np

from wunderkammer.worlds.film.games import Frames

GRID = 16
COLOURS: dict[str, tuple[int, int, int]] = {
    "black": (16, 16, 16), "white": (240, 240, 240), "grey": (128, 128, 128), "red": (208, 48, 48),
    "orange": (232, 136, 40), "yellow": (236, 216, 64), "green": (56, 160, 72), "blue": (48, 88, 200),
    "purple": (136, 64, 168), "brown": (120, 80, 48), "sky": (120, 190, 232), "sand": (236, 232, 222),
}  # fmt: skip
_NUMBER = re.compile(r"-?\d{1,4}")


@dataclass(frozen=True)
class Edit:
    """One change.

    verb: of `VERBS`. numbers: as many as that wants. colour: of `COLOURS`, where it wants one.
    """

    verb: str
    numbers: tuple[int, ...] = ()
    colour: str = ""

    def __str__(self) -> str:
        return " ".join([self.verb, *([self.colour] if self.colour else []), *map(str, self.numbers)])

    def of(self, frame: Frames, others: Frames) -> Frames:
        """The frame, (side, side, 3), changed. others: what `blend` draws from, (n, side, side, 3)."""
        return VERBS[self.verb].change(frame, others, self.numbers, self.colour)


@dataclass(frozen=True)
class _Verb:
    """How a verb is written, drawn at random, and done."""

    ranges: tuple[tuple[int, int], ...]
    """Of its numbers, both ends included."""
    change: Callable[[Frames, Frames, tuple[int, ...], str], Frames]
    coloured: bool = False


def read(line: str) -> Edit | None:
    """The change that a line names; None for a line that names none."""
    words = line.strip().strip("-*`.").lower().split()
    verb = VERBS.get(words[0]) if words else None
    if verb is None:
        return None
    colour = words.pop(1) if verb.coloured and len(words) > 1 else ""
    numbers = words[1:]
    if len(numbers) != len(verb.ranges) or verb.coloured != (colour in COLOURS):
        return None
    if not all(_NUMBER.fullmatch(one) for one in numbers):
        return None
    held = (max(low, min(high, int(one))) for one, (low, high) in zip(numbers, verb.ranges, strict=True))
    return Edit(words[0], tuple(held), colour)


def drawn(rng: Random) -> Edit:
    """Any change, by chance."""
    name = rng.choice(list(VERBS))
    verb = VERBS[name]
    numbers = tuple(rng.randint(low, high) for low, high in verb.ranges)
    return Edit(name, numbers, rng.choice(list(COLOURS)) if verb.coloured else "")


def applied(frame: Frames, edits: Sequence[Edit], others: Frames) -> Frames:
    """One after the other."""
    for edit in edits:
        frame = edit.of(frame, others)
    return frame


def _mirror(frame: Frames, _: Frames, numbers: tuple[int, ...], __: str) -> Frames:
    return np.flip(frame, numbers[0]).copy()


def _shift(frame: Frames, _: Frames, numbers: tuple[int, ...], __: str) -> Frames:
    down, right = (_pixels(frame, one) for one in numbers)
    return np.roll(frame, (down, right), (0, 1))


def _swap(frame: Frames, _: Frames, numbers: tuple[int, ...], __: str) -> Frames:
    one, other = _patch(frame, *numbers[:2], *numbers[4:]), _patch(frame, *numbers[2:4], *numbers[4:])
    found = frame.copy()
    height, width = np.minimum(frame[one].shape[:2], frame[other].shape[:2])
    one, other = _of_size(one, height, width), _of_size(other, height, width)
    found[one], found[other] = frame[other], frame[one]
    return found


def _copy(frame: Frames, _: Frames, numbers: tuple[int, ...], __: str) -> Frames:
    one, other = _patch(frame, *numbers[:2], *numbers[4:]), _patch(frame, *numbers[2:4], *numbers[4:])
    height, width = np.minimum(frame[one].shape[:2], frame[other].shape[:2])
    found = frame.copy()
    found[_of_size(other, height, width)] = frame[_of_size(one, height, width)]
    return found


def _blend(frame: Frames, others: Frames, numbers: tuple[int, ...], __: str) -> Frames:
    if not len(others):
        return frame
    share = numbers[1] / 100
    mixed = (1 - share) * frame.astype(np.float64) + share * others[numbers[0] % len(others)]
    return np.rint(mixed).astype(np.uint8)


def _box(frame: Frames, _: Frames, numbers: tuple[int, ...], colour: str) -> Frames:
    found = frame.copy()
    found[_patch(frame, *numbers)] = COLOURS[colour]
    return found


def _disc(frame: Frames, _: Frames, numbers: tuple[int, ...], colour: str) -> Frames:
    row, column, radius = (one * len(frame) / GRID for one in numbers)
    rows, columns = np.ogrid[: len(frame), : len(frame)]
    found = frame.copy()
    found[(rows + 0.5 - row) ** 2 + (columns + 0.5 - column) ** 2 <= radius**2] = COLOURS[colour]
    return found


def _pixels(frame: Frames, cells: int) -> int:
    return round(cells * len(frame) / GRID)


def _patch(frame: Frames, row: int, column: int, height: int, width: int) -> tuple[slice, slice]:
    top, left, bottom, right = (_pixels(frame, one) for one in (row, column, row + height, column + width))
    return slice(top, max(bottom, top + 1)), slice(left, max(right, left + 1))


def _of_size(patch: tuple[slice, slice], height: int, width: int) -> tuple[slice, slice]:
    rows, columns = patch
    return slice(rows.start, rows.start + int(height)), slice(columns.start, columns.start + int(width))


_AT, _LENGTH = (0, GRID - 1), (1, GRID // 2)
VERBS: dict[str, _Verb] = {
    "mirror": _Verb(((0, 1),), _mirror),
    "shift": _Verb(((-GRID // 2, GRID // 2),) * 2, _shift),
    "swap": _Verb((_AT, _AT, _AT, _AT, _LENGTH, _LENGTH), _swap),
    "copy": _Verb((_AT, _AT, _AT, _AT, _LENGTH, _LENGTH), _copy),
    "blend": _Verb(((0, 9999), (10, 90)), _blend),
    "box": _Verb((_AT, _AT, _LENGTH, _LENGTH), _box, coloured=True),
    "disc": _Verb((_AT, _AT, (1, GRID // 4)), _disc, coloured=True),
}
"""mirror AXIS (0: upside down, 1: left and right); shift DOWN RIGHT, around the edges; swap and copy ROW COLUMN ROW
COLUMN HEIGHT WIDTH; blend NUMBER PERCENT, of another frame; box COLOUR ROW COLUMN HEIGHT WIDTH; disc COLOUR ROW COLUMN
RADIUS."""
