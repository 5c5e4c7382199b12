"""Sorted lists in free text."""

from __future__ import annotations

from decimal import Decimal

import pytest

from wunderkammer.domains.skills.replies import Listing

NUMBERS = Listing((Decimal(1), Decimal(2), Decimal(30)))
WORDS = Listing(("bird", "cat", "dog"))


@pytest.mark.parametrize(
    "reply",
    [
        "1, 2, 30",
        "1,2,30",
        "Answer: 1 2 30",
        "[1, 2, 30]",
        "1 < 2 < 30",
        "1\n2\n30",
        "1. 1\n2. 2\n3. 30",
        "- 1\n- 2\n- 30",
        "Sorting 30, 1, 2 gives 1, 2, 30.",
        "The numbers are 1, 2 and 30.",
        "Answer: 1, 2, 30. The largest is 30.",
    ],
)
def test_right_numbers(reply: str) -> None:
    assert NUMBERS.read(reply, "Sort 30, 1, 2").right


@pytest.mark.parametrize("reply", ["30, 1, 2", "1, 2", "1, 2, 30, 31", "Answer: 30, 2, 1", "2, 1, 30"])
def test_wrong_numbers(reply: str) -> None:
    reading = NUMBERS.read(reply, "Sort 30, 1, 2")
    assert reading.said is not None
    assert not reading.right


def test_words() -> None:
    question = "Sort these words: dog, cat, bird."
    for reply in ("bird, cat, dog", "Answer:\n1. Bird\n2. Cat\n3. Dog", '"bird", "cat", and "dog"', "bird → cat → dog"):
        assert WORDS.read(reply, question).right, reply
    for reply in ("dog, cat, bird", "cat, dog", "bird, cat, fish, dog"):
        assert not WORDS.read(reply, question).right, reply
    assert WORDS.read("The dog barks.", question).said is None
