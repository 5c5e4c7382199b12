"""Ordinary text that is at hand everywhere: the prose of Python's own manual, as `pydoc` ships it."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator, Sequence
from random import Random

WORDS = 40
"""A passage has at least so many."""
_CODE = re.compile(r">>>|::=|^\.\.\.", re.M)


def paragraphs() -> list[str]:
    """All paragraphs of prose, in the order of their topics; each once.

    Cleaned: what is indented, underlined, a list, a table, a grammar or an example is left out; lines are joined, and
    the marks of emphasis and code are taken away. Which there are depends on Python's version; see `digest`.
    """
    from pydoc_data.topics import topics

    return list(dict.fromkeys(text for name in sorted(topics) for text in _prose(topics[name])))


def _prose(page: str) -> Iterator[str]:
    for block in re.split(r"\n\s*\n", page):
        if block[:1].isspace() or block[:1] in "*-+|=^~" or _CODE.search(block):
            continue
        text = re.sub(r"[*`“”\"]", "", " ".join(block.split()))
        letters = sum(sign.isalpha() or sign == " " for sign in text)
        if len(text.split()) >= WORDS and letters >= 0.93 * len(text) and text[0].isupper() and text[-1] == ".":
            yield text


def choose(texts: Sequence[str], count: int, rng: Random) -> list[str]:
    """`count` different ones, or all where there are fewer, in random order."""
    return rng.sample(list(texts), min(count, len(texts)))


def digest(texts: Sequence[str]) -> str:
    """A name for what was chosen: figures over passages of different names do not compare."""
    return hashlib.blake2b("\n".join(texts).encode(), digest_size=12).hexdigest()
