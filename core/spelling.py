"""Words: what may have been meant by a name that is not known, and things by their number."""

from __future__ import annotations

from collections.abc import Iterable
from difflib import get_close_matches


def nearest(word: str, known: Iterable[str]) -> list[str]:
    """At most three names that may have been meant: those spelt alike, then those that hold the word."""
    names = list(known)
    alike = get_close_matches(word.lower(), names, n=3, cutoff=0.75)
    return list(dict.fromkeys([*alike, *(name for name in names if len(word) > 2 and word.lower() in name)]))[:3]


def instead(word: str, known: Iterable[str], otherwise: str = "; there are: ") -> str:
    """How the refusal of a name ends: `: did you mean this or that?`, or all names where none is near."""
    names = list(known)
    if near := nearest(word, names):
        return f": did you mean {' or '.join(near)}?"
    return f"{otherwise}{', '.join(names) or 'none'}"


def counted(number: int, what: str) -> str:
    """`1 job`, `2 jobs`, `no jobs`."""
    return f"{number} {what}" if number == 1 else f"{number or 'no'} {what}s"
