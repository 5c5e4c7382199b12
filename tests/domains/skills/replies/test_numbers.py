"""Numbers in free text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wunderkammer.domains.skills.replies import Number
from wunderkammer.domains.skills.replies.numbers import numbers, numerals


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("7 - 4", ["7", "4"]),
        ("7-4", ["7", "4"]),
        ("-4 and −5", ["-4", "-5"]),
        ("minus 3, negative 2", ["-3", "-2"]),
        ("7 minus 3", ["7", "3"]),
        ("1,234,567.5", ["1234567.5"]),
        ("1, 2, 3", ["1", "2", "3"]),
        ("3,5 Meter", ["3.5"]),
        ("1.234,5", ["1234.5"]),
        ("9.11 or 9.9?", ["9.11", "9.9"]),
        ("60km, v2", ["60"]),
        ("20 000", ["20000"]),
    ],
)
def test_numerals(text: str, values: list[str]) -> None:
    assert [s.value for s in numerals(text)] == [Decimal(v) for v in values]


def test_spelt_numbers_count_where_there_are_no_digits() -> None:
    assert [s.value for s in numbers("thirty-five or twice")] == [35, 2]
    assert [s.value for s in numbers("one of the 12")] == [12]
    assert [s.value for s in numbers("only once in a non-zero word")] == [1]


@pytest.mark.parametrize("reply", ["1234", "1,234", "1.234", "1 234", "1234 minutes", "1,234.0"])
def test_separators(reply: str) -> None:
    assert Number(Decimal(1234)).read(reply, "How many?").right


@pytest.mark.parametrize("reply", ["-1234", "12345", "234", "12.34", "1,2345"])
def test_other_numbers_are_wrong(reply: str) -> None:
    assert not Number(Decimal(1234)).read(reply, "How many?").right


def test_negative_answers() -> None:
    for reply in ("-12", "−12", "Answer: -12", "minus 12", "3 - 15 = -12"):
        assert Number(Decimal(-12)).read(reply, "What is 3 - 15?").right, reply
    assert not Number(Decimal(-12)).read("12", "What is 3 - 15?").right
