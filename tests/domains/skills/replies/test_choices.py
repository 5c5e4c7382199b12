"""Weekdays, names, yes and no in free text."""

from __future__ import annotations

import pytest

from wunderkammer.domains.skills.lexicon import WEEKDAYS, named
from wunderkammer.domains.skills.replies import Choice

DAYS = tuple(named(WEEKDAYS, n) for n in range(7))
QUESTION = "Which day of the week comes 3 days after Monday?"


@pytest.mark.parametrize(
    "reply",
    [
        "Thursday",
        "thursday.",
        "Answer: Thursday",
        "The day 3 days after Monday is Thursday.",
        "Thursday comes 3 days after Monday.",
        "Monday + 3 = Thursday",
        "Thursday, which is later than Monday.",
        "jueves",
        "Donnerstag!",
        "Thursday. Monday is three days before.",
    ],
)
def test_right_day(reply: str) -> None:
    assert Choice("Thursday", DAYS).read(reply, QUESTION).right


@pytest.mark.parametrize(
    "reply", ["Monday", "Tuesday", "Answer: Friday, not Thursday", "Thursday or Friday", "Thursdays?"]
)
def test_wrong_day(reply: str) -> None:
    assert not Choice("Thursday", DAYS).read(reply, QUESTION).right


def test_names_of_the_question_are_claims_where_all_are_named() -> None:
    choice = Choice("Anna", (("Anna",), ("Ben",), ("Felix",)), inside=True)
    question = "Anna is taller than Ben. Who is the tallest?"
    assert choice.read("Anna is taller than Ben.", question).right
    assert not choice.read("Ben is taller than Anna.", question).right
    assert choice.read("Nobody knows.", question).said is None
    assert choice.read("Felix", question).said == "Felix"


@pytest.mark.parametrize("reply", ["Answer: no idea", "I have no clue.", "There is no way to know"])
def test_one_who_does_not_know_has_not_said_no(reply: str) -> None:
    choice = Choice("no", (("yes",), ("no",)), silent=True)

    assert not choice.read(reply, "Is Tom a wug? Answer yes or no.").right


def test_yes_and_no() -> None:
    choice = Choice("no", (("yes", "sí", "oui", "ja"), ("no", "non", "nein")), silent=True)
    question = "Is Tom a wug? Answer yes or no."
    assert choice.read("No, Tom is not a wug.", question).right
    assert choice.read("Nein.", question).right
    assert not choice.read("Yes, since no wug is a dax.", question).right
    assert choice.count("There is no answer.") == 0
