"""What can be said of a room of toys: a closed language of sentences that are true or false of a picture."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import product
from typing import Literal, TypeAlias, get_args

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead

COLOURS = ("red", "green", "blue", "yellow", "purple", "orange")
SHAPES = ("ball", "box", "ring", "cross", "diamond", "pyramid")
Kind: TypeAlias = Literal["reach", "beside", "above", "left"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""reach: the robot is in a toy's cell. beside: two toys are in cells that share an edge; above, left: so that the first
is over the second, or to its left. A toy that is being carried is nowhere yet, but the robot is at it."""
TEMPLATES: dict[Kind, str] = {
    "reach": "the robot is at the {colour} {shape}",
    "beside": "the {colour} {shape} is beside the {other_colour} {other_shape}",
    "above": "the {colour} {shape} is above the {other_colour} {other_shape}",
    "left": "the {colour} {shape} is left of the {other_colour} {other_shape}",
}
PAD = ""
VOCABULARY = (PAD, "the", "robot", "is", "at", "beside", "above", "left", "of", *COLOURS, *SHAPES)
"""Every word there is; what stands for nothing is the first."""
LONGEST = max(len(words.split()) for words in TEMPLATES.values())
"""Words of the longest sentence."""
Combination: TypeAlias = tuple[str, str]
"""A colour and a shape."""
HELD: frozenset[Combination] = frozenset(zip(COLOURS, SHAPES, strict=True))
"""Six combinations that nothing learns from, where it is asked what somebody makes of those never seen: each colour and
each shape is in one of them, and in five others that are learned from."""
_SENTENCES = {
    kind: re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>\\w+)", words), re.IGNORECASE) for kind, words in TEMPLATES.items()
}


@dataclass(frozen=True)
class Goal:
    """What is to become true. The other toy is of no meaning to `reach`, and empty there."""

    kind: Kind
    colour: str
    shape: str
    other_colour: str = ""
    other_shape: str = ""

    def __post_init__(self) -> None:
        named = [(self.colour, COLOURS), (self.shape, SHAPES)]
        if self.kind != "reach":
            named += [(self.other_colour, COLOURS), (self.other_shape, SHAPES)]
            if self.combinations[0] == self.combinations[1]:
                raise ConfigError(f"the {self.colour} {self.shape} has no place beside itself: name two toys")
        for word, known in named:
            if word not in known:
                raise ConfigError(f"{word!r} is no {'colour' if known is COLOURS else 'shape'}{instead(word, known)}")

    @property
    def combinations(self) -> tuple[Combination, ...]:
        """What it names."""
        first = (self.colour, self.shape)
        return (first,) if self.kind == "reach" else (first, (self.other_colour, self.other_shape))


def sentence(goal: Goal) -> str:
    """A goal in words, true of every picture in which it is met."""
    return TEMPLATES[goal.kind].format(
        colour=goal.colour, shape=goal.shape, other_colour=goal.other_colour, other_shape=goal.other_shape
    )


def read(words: str) -> Goal:
    """The goal that a sentence means; `ConfigError` for what is none."""
    plain = " ".join(words.strip().rstrip(".").split())
    for kind, pattern in _SENTENCES.items():
        if found := pattern.fullmatch(plain):
            return Goal(kind, **{name: word.lower() for name, word in found.groupdict().items()})
    example = "; ".join(
        one.format(colour="C", shape="S", other_colour="C", other_shape="S") for one in TEMPLATES.values()
    )
    raise ConfigError(f"{words[:80]!r} says nothing of toys; a goal is one of: {example}")


def combinations(*, held: bool | None = None) -> tuple[Combination, ...]:
    """All of them, or only those that are held out, or are not."""
    return tuple(one for one in product(COLOURS, SHAPES) if held is None or (one in HELD) == held)
