"""Who watches: a model that, having seen some artifacts, expects others, and says how surprised it is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from wunderkammer.memory.openendedness.series import Floats, Series


class Observer(Protocol):
    """Open-endedness is a relation between a system and one of these (Hughes et al. 2024, section 2)."""

    @property
    def name(self) -> str:
        """Names model and settings: losses of equal names may be compared, and are cached by it."""
        ...

    @property
    def horizon(self) -> str:
        """How far back it looks, in words."""
        ...

    def losses(self, series: Series, t: int, later: Sequence[int]) -> Floats:
        """ℓ(t, T): nats of artifacts `later`, none of them below t, for who has seen the first t, shape (len(later),).

        Nothing of the series beyond the first t may be looked at but the artifact in question. t may be 0.
        """
        ...
