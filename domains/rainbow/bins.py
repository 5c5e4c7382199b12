"""An axis of lengths: a range of characters cut into equal bins."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Bins:
    """`count` bins over the lengths `low` to `high`, both inside, in whole numbers throughout."""

    low: int
    high: int
    count: int

    @property
    def labels(self) -> tuple[str, ...]:
        """`24-31`, … : the shortest and the longest length of each bin, in characters."""
        return tuple(f"{first}-{last}" for first, last in map(self.span, range(self.count)))

    @property
    def meanings(self) -> dict[str, str]:
        """A line about each label, for the mutator."""
        return {label: f"between {label.replace('-', ' and ')} characters" for label in self.labels}

    def span(self, index: int) -> tuple[int, int]:
        """First and last length of a bin."""
        width = self.high - self.low
        first = self.low - (-index * width // self.count)
        last = self.high if index == self.count - 1 else self.low - (-(index + 1) * width // self.count) - 1
        return first, last

    def label(self, length: int) -> str | None:
        """The bin of a length; None outside: such a text is kept in the ledger but has no place in the archive."""
        if not self.low <= length <= self.high:
            return None
        index = (length - self.low) * self.count // (self.high - self.low)
        return self.labels[min(index, self.count - 1)]
