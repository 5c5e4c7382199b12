"""Words without meaning, the same for the same generator, and their cutting into tokens."""

from __future__ import annotations

import re
from random import Random

_HEADS = (
    "bal", "cor", "den", "fel", "gar", "hol", "jin", "kam", "lor", "mir",
    "nal", "pel", "ras", "sil", "tam", "ul", "ven", "wil", "yor", "zan",
)  # fmt: skip
_TAILS = (
    "a", "ado", "an", "ara", "el", "em", "ena", "er", "ika", "il",
    "in", "io", "is", "ith", "o", "on", "or", "u", "um", "us",
)  # fmt: skip
_WORDS = tuple(head + tail for head in _HEADS for tail in _TAILS)
_TOKEN = re.compile(r"\s*\w+|\s*[^\w\s]|\s+\Z")


def sentence(rng: Random, count: int) -> str:
    """A sentence of `count` invented words (400 of them exist), so that it contains no name of any axis."""
    said = " ".join(rng.choices(_WORDS, k=max(1, count)))
    return said.capitalize() + "."


def tokens(text: str) -> list[str]:
    """Words and marks, each with the white space before it; their concatenation is the text."""
    return _TOKEN.findall(text)


def count(text: str) -> int:
    """How many tokens a text is billed as: about four characters each, at least one."""
    return max(1, (len(text) + 3) // 4)


TEN = "balado corena fel garel holio jinar kamem lorus mirika nalo "
"""Ten words, to be repeated where a great many are wanted."""
