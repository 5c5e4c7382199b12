"""Which rewordings state the same problem."""

from __future__ import annotations

import pytest

from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.statement import fault
from wunderkammer.domains.skills.tasks.arithmetic import Arithmetic
from wunderkammer.domains.skills.tasks.comparison import Comparison
from wunderkammer.domains.skills.tasks.edits import Edit, StringEdits
from wunderkammer.domains.skills.tasks.letters import CountingLetters
from wunderkammer.domains.skills.tasks.logic import Logic
from wunderkammer.domains.skills.tasks.sorting import Sorting
from wunderkammer.domains.skills.tasks.units import UnitConversion

SUM = Arithmetic(terms=(17, 25), signs=("+",))
LARGER = Comparison(numbers=("3", "9"))
TALLEST = Logic(relation="taller", chain=("Anna", "Ben", "Tom"), told=(0, 1))
LETTERS = CountingLetters(counted="letter", words=("banana",), letter="a")
ORDER = Sorting(words=("dog", "cat", "bird"))
MINUTES = UnitConversion(large="hour", small="minute", amount=2)
EDITS = StringEdits(word="cat", edits=(Edit(how="reversed"), Edit(how="capitals")))


@pytest.mark.parametrize(
    ("problem", "wording"),
    [
        (SUM, "yo what u get for 17 + 25"),
        (SUM, "Could you kindly tell me the value of 17 plus 25?"),
        (SUM, "¿Cuánto es 17 más 25?"),
        (LARGER, "tell me da bigger one, 3 or 9"),
        (LARGER, "Whcih nubmer is lagrer: 3 or 9?"),
        (TALLEST, "so Anna is taller than Ben and Ben is taller than Tom, who's the tallest dude"),
        (LETTERS, 'yo how often we see the letter "a" in banana'),
        (ORDER, "put em in alphabetical order pls: dog, cat and bird"),
        (MINUTES, "how many mins u got in 2 hrs"),
        (EDITS, 'grab "cat", flip it backwards, and shout it in capital letters'),
    ],
)
def test_same(problem: Problem, wording: str) -> None:
    assert fault(problem.statement, wording) is None


@pytest.mark.parametrize(
    ("problem", "wording", "why"),
    [
        (SUM, "What is 17 + 26?", "other numbers or entities"),
        (SUM, "What is 25 + 17?", "other numbers or entities"),
        (SUM, "What is 17 - 25?", "other numbers or entities"),
        (SUM, "What is 17 + 25 squared?", "adds to the problem"),
        (SUM, "What is 17 + 25 and twenty more?", "adds to the problem"),
        (SUM, "17 + 25 = 42", "gives the answer away"),
        (SUM, "Since it is forty-two, what is 17 + 25?", "gives the answer away"),
        (SUM, "What is 17 + 25? What is your name?", "asks more than it should"),
        (SUM, "What is 17 + 25? Add 1 to it.", "adds to the problem"),
        (SUM, "I have 3 cats. What is 17 + 25?", "brings in other numbers"),
        (SUM, "", "empty or too long"),
        (SUM, "What is 17 + 25? " + "x" * 2000, "empty or too long"),
        (LARGER, "Which number is smaller: 3 or 9?", "asks for something else"),
        (LARGER, "Which is larger or smaller: 3 or 9?", "asks for the contrary"),
        (LARGER, "The larger one is not 3 or 9?", "adds to the problem"),
        (TALLEST, "Anna is taller than Ben. Ben is taller than Tom. Who is the shortest?", "asks for the contrary"),
        (TALLEST, "Ben is taller than Anna. Ben is taller than Tom. Who is the tallest?", "other numbers or entities"),
        (TALLEST, "Anna is taller than Ben. Ben is taller than Tom and Rosa. Who is the tallest?", "other numbers"),
        (LETTERS, 'How many times does the letter "n" occur in the word "banana"?', "other"),
        (LETTERS, 'How many letters are in the word "banana"?', "other numbers or entities"),
        (LETTERS, 'How many times does the letter "a" occur in "banana split"?', "other words in quotes"),
        (ORDER, "Sort in alphabetical order: dog, cat, bird, unicorn", "other words in quotes or in the list"),
        (ORDER, "Sort in reverse alphabetical order: dog, cat, bird", "asks for the contrary"),
        (ORDER, "Sort in revrese alphabetical order: dog, cat, bird", "adds to the problem"),
        (MINUTES, "How many seconds are in 2 hours?", "other numbers or entities"),
        (EDITS, 'Write "cat" in capital letters, then backwards.', "other numbers or entities"),
    ],
)
def test_not_the_same(problem: Problem, wording: str, why: str) -> None:
    found = fault(problem.statement, wording)
    assert found is not None
    assert found.startswith(why)


def test_numbers_around_the_question_are_welcome_among_distractors_only() -> None:
    wording = "My bus is number 60. What is 17 + 25?"
    assert fault(SUM.statement, wording) == "brings in other numbers"
    assert fault(SUM.statement, wording, distracted=True) is None
    assert fault(SUM.statement, "My bus is number 42. What is 17 + 25?", distracted=True) == "gives the answer away"


def test_a_distracted_tail_of_a_longer_sum_is_no_distractor() -> None:
    assert fault(SUM.statement, "12 + 17 + 25 =", distracted=True) is not None
    assert fault(SUM.statement, "3 * 17 + 25?", distracted=True) is not None
