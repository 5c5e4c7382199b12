"""What an observer watches: the artifacts of a system, in the order in which they were made."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Series:
    """Artifacts as texts, and as unit vectors for observers that look at embeddings, shape (n, dimension)."""

    texts: Sequence[str]
    vectors: NDArray[np.float32] | None = None
    embedder: str = ""
    """Who made the vectors."""

    def __post_init__(self) -> None:
        if self.vectors is not None and len(self.vectors) != len(self.texts):
            raise ValueError(f"{len(self.texts)} texts and {len(self.vectors)} vectors: one each")

    def __len__(self) -> int:
        return len(self.texts)

    @cached_property
    def ids(self) -> tuple[str, ...]:
        """Per artifact a hash of it and of all before it: a loss that was found once holds for every series that
        begins alike."""
        running, found = hashlib.blake2b(self.embedder.encode(), digest_size=12), []
        for text in self.texts:
            data = text.encode("utf-8", "replace")
            running.update(len(data).to_bytes(8) + data)
            found.append(running.hexdigest())
        return tuple(found)
