"""Right answers, worked out by hand."""

from __future__ import annotations

from datetime import date

import pytest

from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.tasks.arithmetic import Arithmetic
from wunderkammer.domains.skills.tasks.comparison import Comparison
from wunderkammer.domains.skills.tasks.dates import Dates
from wunderkammer.domains.skills.tasks.edits import Edit, StringEdits
from wunderkammer.domains.skills.tasks.letters import CountingLetters
from wunderkammer.domains.skills.tasks.logic import Logic
from wunderkammer.domains.skills.tasks.sequences import Sequences
from wunderkammer.domains.skills.tasks.sorting import Sorting
from wunderkammer.domains.skills.tasks.space import Move, SpatialSteps
from wunderkammer.domains.skills.tasks.units import UnitConversion

MONDAY = date(2024, 1, 1)

BY_HAND = [
    (Arithmetic(terms=(2, 3), signs=("+",)), "5"),
    (Arithmetic(terms=(2, 3, 4), signs=("+", "*")), "14"),
    (Arithmetic(terms=(2, 3, 4), signs=("*", "-")), "2"),
    (Arithmetic(terms=(3, 89), signs=("-",)), "-86"),
    (Dates(sort="weekday", start=MONDAY, shift=3), "Thursday"),
    (Dates(sort="weekday", start=MONDAY, shift=1, back=True), "Sunday"),
    (Dates(sort="month", start=date(2024, 11, 1), shift=3), "February"),
    (Dates(sort="date", start=date(2024, 2, 28), shift=2), "1 March 2024"),
    (Dates(sort="date", start=date(2023, 2, 28), shift=1), "1 March 2023"),
    (Dates(sort="span", start=date(2023, 12, 25), shift=10), "10"),
    (UnitConversion(large="hour", small="minute", amount=2, rest=15), "135"),
    (UnitConversion(large="hour", small="minute", amount=2, up=True), "2"),
    (UnitConversion(large="kilometre", small="metre", amount=3), "3000"),
    (CountingLetters(counted="letter", words=("banana",), letter="a"), "3"),
    (CountingLetters(counted="letters", words=("cat", "dog")), "6"),
    (CountingLetters(counted="vowels", words=("umbrella",)), "3"),
    (Sorting(numbers=(3, 20, 1)), "1, 3, 20"),
    (Sorting(words=("cat", "dog", "bird"), down=True), "dog, cat, bird"),
    (Logic(relation="taller", chain=("Anna", "Ben", "Tom"), told=(1, 0)), "Anna"),
    (Logic(relation="taller", chain=("Anna", "Ben", "Tom"), told=(1, 0), turned=True), "Tom"),
    (Logic(relation="class", chain=("Tom", "wug", "dax"), told=(0, 1)), "yes"),
    (Logic(relation="class", chain=("Tom", "wug", "dax"), told=(0, 1), turned=True), "no"),
    (SpatialSteps(ground="turns", start=0, moves=(Move(way="right"), Move(way="around"))), "west"),
    (SpatialSteps(ground="turns", start=3, moves=(Move(way="left"),)), "south"),
    (SpatialSteps(ground="line", start=2, moves=(Move(way="forward", steps=5), Move(way="back", steps=9))), "-2"),
    (SpatialSteps(ground="grid", moves=(Move(way="south", steps=5), Move(way="north", steps=2))), "3"),
    (StringEdits(word="cat", edits=(Edit(how="reversed"),)), "tac"),
    (StringEdits(word="banana", edits=(Edit(how="removed", letters="a"), Edit(how="capitals"))), "BNN"),
    (StringEdits(word="cat", edits=(Edit(how="replaced", letters="co"), Edit(how="appended", letters="s"))), "oats"),
    (StringEdits(word="cat", edits=(Edit(how="capitals"), Edit(how="last letter"))), "T"),
    (Comparison(numbers=("9.9", "9.11")), "9.9"),
    (Comparison(numbers=("-3", "2", "1"), least=True), "-3"),
    (Comparison(words=("banana", "fig")), "banana"),
    (Sequences(rule="steps", first=1, by=1, shown=3), "4"),
    (Sequences(rule="factors", first=3, by=2, shown=4), "48"),
    (Sequences(rule="alternating", first=1, by=5, other=-2, shown=5), "12"),
    (Sequences(rule="growing", first=1, by=1, other=1, shown=5), "16"),
    (Sequences(rule="sums", first=1, by=2, shown=5), "13"),
]


@pytest.mark.parametrize(("problem", "right"), BY_HAND, ids=[problem.question()[:70] for problem, _ in BY_HAND])
def test_answer(problem: Problem, right: str) -> None:
    assert problem.answer().text == right


@pytest.mark.parametrize(
    ("model", "fields"),
    [
        (Arithmetic, {"terms": (1, 2, 3), "signs": ("+",)}),
        (Dates, {"sort": "weekday", "start": date(2024, 2, 1), "shift": 3}),
        (Dates, {"sort": "span", "start": date(2024, 2, 1), "shift": 3, "back": True}),
        (UnitConversion, {"large": "hour", "small": "gram", "amount": 1}),
        (UnitConversion, {"large": "hour", "small": "minute", "amount": 1, "rest": 60}),
        (CountingLetters, {"counted": "letters", "words": ("cat",), "letter": "a"}),
        (Sorting, {"numbers": (1, 2)}),
        (Sorting, {"numbers": (2, 1), "words": ("cat", "ant")}),
        (Logic, {"relation": "taller", "chain": ("Anna", "Ben"), "told": (0, 1)}),
        (SpatialSteps, {"ground": "line", "moves": ({"way": "north", "steps": 1},)}),
        (StringEdits, {"word": "aa", "edits": ({"how": "removed", "letters": "a"},)}),
        (Comparison, {"numbers": ("1", "1.50")}),
        (Comparison, {"words": ("cat", "dog")}),
        (Sequences, {"rule": "factors", "first": 9, "by": 99, "shown": 8}),
    ],
)
def test_parameters_without_one_right_answer_are_refused(model: type[Problem], fields: dict[str, object]) -> None:
    with pytest.raises(ValueError):
        model.model_validate(fields)


def test_the_scale_begins_with_one_step() -> None:
    easiest = (
        Arithmetic(terms=(2, 3), signs=("+",)),
        Comparison(numbers=("3", "9")),
        Sequences(rule="steps", first=1, by=1, shown=3),
        Dates(sort="weekday", start=MONDAY, shift=1),
        UnitConversion(large="hour", small="minute", amount=1),
        Logic(relation="taller", chain=("Anna", "Ben"), told=(0,)),
        Sorting(numbers=(2, 1)),
    )
    assert [p.difficulty for p in easiest] == [0.0] * len(easiest)


def test_more_work_is_more_difficult() -> None:
    ladder = [Arithmetic(terms=t, signs=s) for t, s in (((2, 3), ("+",)), ((17, 25), ("+",)), ((417, 625), ("*",)))]
    assert [round(p.difficulty, 2) for p in ladder] == [0.0, 0.23, 0.6]
