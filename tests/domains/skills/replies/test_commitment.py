"""Which value of a reply counts."""

from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.domains.skills.replies import Number, refuses

PHRASES = (
    "{}",
    "{}.",
    "**{}**",
    "Answer: {}",
    "The answer is {}.",
    "The final answer is: **{}**.",
    "It is {}, obviously.",
    "That makes {}.",
    "= {}",
    "Respuesta: {}",
    "La réponse est {}.",
    "Die Antwort ist {}.",
    "\\boxed{{{}}}",
    "<think>Perhaps 8? No, 77.</think> {}",
    "First I tried 8 and then 77.\nThe answer is {}. I used my fingers.",
    "Answer: {} (not 77)",
    "```\n{}\n```",
    "Let me see.\n\n{} apples",
)


@given(
    phrase=st.sampled_from(PHRASES),
    a=st.integers(1, 9999),
    b=st.integers(1, 9999),
    written=st.sampled_from(("{}", "{:,}")),
)
def test_a_right_sum_is_accepted_however_it_is_put(phrase: str, a: int, b: int, written: str) -> None:
    reading = Number(Decimal(a + b)).read(phrase.format(written.format(a + b)), f"What is {a} + {b}?")
    assert reading.right, reading


@given(phrase=st.sampled_from(PHRASES), a=st.integers(1, 9999), b=st.integers(1, 9999), off=st.integers(1, 50))
def test_a_wrong_sum_is_refused_however_it_is_put(phrase: str, a: int, b: int, off: int) -> None:
    reading = Number(Decimal(a + b)).read(phrase.format(a + b + off), f"What is {a} + {b}?")
    assert reading.said is not None
    assert not reading.right


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("17 + 25 = 42", "42"),
        ("To add 17 and 25, we simply add them: 17 + 25 = 42.", "42"),
        ("42 = 17 + 25", "42"),
        ("Adding 17 and 25 gives a total of 42. Therefore, 17 + 25 =", "42"),
        ("17 plus 25 is 42, as 7 and 5 are 12", "12"),
        ("You're referring to 17 + 25, which is 42.", "42"),
        ("Answer: 17 + 25 = 42 apples", "42"),
        ("The answer is 42 and not 41.", "42"),
        ("forty-two", "forty-two"),
        ("I do not know.", None),
    ],
)
def test_working_that_repeats_the_question_is_passed_over(reply: str, said: str | None) -> None:
    assert Number(Decimal(42)).read(reply, "What is 17 + 25?").said == said


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("9", True),
        ("The answer is 9.", True),
        ("9 is larger than 3.", True),
        ("3 is smaller than 9, so 9.", True),
        ("Answer: 9 is larger, not 3", True),
        ("Answer: 3, 9", False),
        ("3 or 9", False),
        ("Either 3 or 9.", False),
        ("3 is larger than 9.", False),
        ("10", False),
    ],
)
def test_a_choice_between_the_questions_own_numbers(reply: str, right: bool) -> None:
    assert Number(Decimal(9)).read(reply, "Which number is larger: 3 or 9?").right is right


def test_a_hedge_is_read_and_wrong() -> None:
    reading = Number(Decimal(9)).read("Answer: 3, 9", "Which number is larger: 3 or 9?")
    assert (reading.said, reading.right) == ("3, 9", False)


@pytest.mark.parametrize("reply", ["I'm sorry, I can't help with that.", "As an AI, I won't say.", "I am unable to."])
def test_refusals_are_told_from_babble(reply: str) -> None:
    assert refuses(reply)
    assert not refuses("The moon is a banana.")
