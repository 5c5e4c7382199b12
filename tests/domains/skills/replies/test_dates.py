"""Calendar days in free text."""

from __future__ import annotations

from datetime import date

import pytest

from wunderkammer.domains.skills.replies import Day

RIGHT = Day(date(2024, 3, 1))
QUESTION = "What date is 2 days after 28 February 2024?"


@pytest.mark.parametrize(
    "reply",
    [
        "1 March 2024",
        "March 1, 2024",
        "March 1st, 2024.",
        "the 1st of March",
        "2024-03-01",
        "01/03/2024",
        "3/1/2024",
        "1. März 2024",
        "1 de marzo de 2024",
        "1er mars 2024",
        "Two days after 28 February 2024 is 1 March 2024.",
        "Answer: Mar 1",
    ],
)
def test_right_date(reply: str) -> None:
    assert RIGHT.read(reply, QUESTION).right


@pytest.mark.parametrize("reply", ["28 February 2024", "2 March 2024", "1 March 2023", "March 12", "2024-01-03"])
def test_wrong_date(reply: str) -> None:
    reading = RIGHT.read(reply, QUESTION)
    assert reading.said is not None
    assert not reading.right


def test_no_date() -> None:
    assert RIGHT.read("In spring.", QUESTION).said is None
