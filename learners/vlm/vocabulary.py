"""Words as numbers, for a language that is closed: one word, one token."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError

FILE = "vocabulary.json"
PAD, UNKNOWN, BEGIN, END = range(4)
"""Numbers that stand for no word; `END` closes a sentence, and what fills it up to its length comes after. It is not 2:
to transformers' CLIP an end of 2 means an old mistake in its own files, and a sentence is then read up to whichever of
its tokens has the largest number."""
_WORD = re.compile(r"\w+")


@dataclass(frozen=True)
class Vocabulary:
    """The words, in their order."""

    words: tuple[str, ...]
    longest: int
    """Tokens of a sentence, its beginning and end among them; what is longer is cut."""

    @classmethod
    def of(cls, sentences: Iterable[str]) -> Vocabulary:
        """All words of these sentences, and room for the longest of them."""
        cut = [_words(one) for one in sentences]
        return cls(tuple(sorted({word for one in cut for word in one})), max(map(len, cut)) + 2)

    @classmethod
    def read(cls, folder: Path) -> Vocabulary:
        """As `write` left it; `ConfigError` where it did not."""
        try:
            kept = json.loads((folder / FILE).read_text("utf-8"))
            return cls(tuple(map(str, kept["words"])), int(kept["longest"]))
        except (OSError, ValueError, KeyError, TypeError) as fault:
            raise ConfigError(f"{folder / FILE} is no vocabulary: {fault}") from None

    def write(self, folder: Path) -> None:
        """Keep it beside a model."""
        (folder / FILE).write_text(json.dumps({"words": self.words, "longest": self.longest}), "utf-8")

    def __len__(self) -> int:
        """Tokens that there are."""
        return len(self.words) + END + 1

    def tokens(self, sentences: Sequence[str]) -> NDArray[np.int64]:
        """(sentences, longest)."""
        found = np.full((len(sentences), self.longest), PAD, np.int64)
        for row, sentence in zip(found, sentences, strict=True):
            told = [self._places.get(word, UNKNOWN) for word in _words(sentence)[: self.longest - 2]]
            row[: len(told) + 2] = [BEGIN, *told, END]
        return found

    @cached_property
    def _places(self) -> dict[str, int]:
        return {word: place for place, word in enumerate(self.words, END + 1)}


def _words(sentence: str) -> list[str]:
    return _WORD.findall(sentence.lower())
