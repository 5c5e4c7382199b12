"""Lessons of rainbow-skills: right by the domain's own marker, about other problems of the same kind."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wunderkammer.core.abilities import Repairs
from wunderkammer.core.contract import Candidate, Entry
from wunderkammer.domains.skills.domain import RainbowSkills, marked
from wunderkammer.domains.skills.manners import MANNERS
from wunderkammer.domains.skills.options import SkillOptions

DOMAIN = RainbowSkills(SkillOptions(max_difficulty=0.5, seed_difficulty=0.3, examples=2))


class Draws:
    def __init__(self, seed: int) -> None:
        self.rng = Random(seed)


def failed(question, reply: str = "Answer: no idea") -> Entry:
    return Entry(candidate=Candidate(domain=DOMAIN.name, genome=question), outcome=marked(question, [reply]))


def question_at(seed: int):
    return next(DOMAIN.seeds(Random(seed)))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
async def test_every_lesson_is_right_by_the_marker_and_of_the_same_cell(seed):
    question = question_at(seed)
    lessons = await DOMAIN.lessons(failed(question), Draws(seed), 5)
    assert lessons[0].messages == DOMAIN.asked(question)
    assert lessons[0].rejected == "Answer: no idea"
    for lesson in lessons:
        assert lesson.cell == (question.skill, question.manner)
        assert lesson.messages[-1].role == "user"
        assert lesson.rejected is None or lesson is lessons[0]
    assert len({lesson.about for lesson in lessons}) == len(lessons)


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000))
async def test_kin_state_their_problem_and_their_answer_is_marked_right(seed):
    """Read again from the words alone: the problem behind a lesson is found by its canonical question."""
    from wunderkammer.domains.skills.lessons import apart, kin, lesson

    question = question_at(seed)
    found = apart(kin(question, Random(seed), ("es", "fr", "de"), 0.5), 4, question)
    for one in found:
        assert one.problem != question.problem
        assert one.manner == question.manner
        assert one.difficulty <= 0.5
        assert MANNERS[one.manner].fault(one.problem, one.wording) is None
        taught = lesson(one, DOMAIN.asked(one), failed(question))
        assert taught is not None
        assert marked(one, [taught.chosen]).measures["error_rate"] == 0


async def test_most_failures_give_as_many_lessons_as_are_asked_for():
    asked = [question_at(seed) for seed in range(40)]
    counts = [len(await DOMAIN.lessons(failed(one), Draws(1), 6)) for one in asked]
    assert sum(counts) / len(counts) > 5


async def test_a_right_answer_is_never_what_was_rejected():
    question = question_at(3)
    (lesson,) = await DOMAIN.lessons(failed(question, f"Answer: {question.problem.answer().text}"), Draws(1), 1)
    assert lesson.rejected is None


async def test_equal_places_draw_equal_lessons():
    entry = failed(question_at(5))
    assert await DOMAIN.lessons(entry, Draws(9), 6) == await DOMAIN.lessons(entry, Draws(9), 6)


def test_ordinary_questions_are_easy_plain_and_stated_well():
    assert isinstance(DOMAIN, Repairs)
    for one in itertools.islice(DOMAIN.benign(Random(2)), 60):
        question = one.genome
        assert question.difficulty <= 0.4  # drawn near 0 to 0.3
        assert MANNERS[question.manner].fault(question.problem, question.wording) is None


@pytest.mark.parametrize(
    ("replies", "declines"),
    [
        (["I'm sorry, I can't help with that."], True),
        (["Answer: 3"], False),
        (["I cannot answer.", "Answer: 3", "Answer: 3"], False),
    ],
)
def test_refusing_half_of_the_time_is_declining(replies, declines):
    assert DOMAIN.declines(marked(question_at(1), replies)) is declines
