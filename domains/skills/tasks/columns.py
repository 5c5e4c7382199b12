"""Steps of written calculation: how many columns a person works through."""

from __future__ import annotations


def digits(n: int) -> int:
    """Decimal digits of a whole number, its sign aside."""
    return len(str(abs(n)))


def size(rng_unit: float, most: int, difficulty: float) -> int:
    """A count from 1 to `most` that grows with difficulty, spread by a uniform draw in [0, 1)."""
    return 1 + int(rng_unit * (1 + difficulty * (most - 1)))


def adding(a: int, b: int) -> int:
    """Columns of a ± b, and a step more for each carry or borrow."""
    small, large = sorted((abs(a), abs(b)))
    borrows = (a < 0) != (b < 0)
    steps, carry = 0, 0
    for _ in range(digits(large)):
        low, high = small % 10, large % 10
        carry = int(high - low - carry < 0) if borrows else int(high + low + carry > 9)
        steps += 1 + carry
        small, large = small // 10, large // 10
    return steps


def multiplying(a: int, b: int) -> int:
    """A product and an addition for each pair of digits."""
    return 2 * digits(a) * digits(b)
