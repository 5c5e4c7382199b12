"""Sentences as numbers: a closed list of words, with one number for the rest of a short sentence."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead

REST = 0
"""What stands after the last word."""


class Words:
    """The words that a video model knows.

    length: of the longest sentence; shorter ones are filled up.
    """

    def __init__(self, known: Sequence[str], length: int) -> None:
        self.known, self.length = tuple(known), length
        self._number = {word: number for number, word in enumerate(known, 1)}

    @classmethod
    def of(cls, sentences: Iterable[str]) -> Words:
        """All words of some sentences."""
        split = [sentence.split() for sentence in sentences]
        return cls(sorted({word for words in split for word in words}), max(map(len, split), default=1))

    def read(self, sentence: str) -> NDArray[np.int64]:
        """(length,); `ConfigError` names a word that is not known, or that there are too many."""
        words = sentence.split()
        if len(words) > self.length:
            raise ConfigError(f"{sentence!r} has {len(words)} words; this video model reads {self.length}")
        for word in words:
            if word not in self._number:
                raise ConfigError(f"{word!r} in {sentence!r} is no word of this video model{instead(word, self.known)}")
        numbers = [self._number[word] for word in words]
        return np.array(numbers + [REST] * (self.length - len(words)), np.int64)

    def all(self, sentences: Sequence[str]) -> NDArray[np.int64]:
        """(sentences, length)."""
        return np.stack([self.read(sentence) for sentence in sentences])
