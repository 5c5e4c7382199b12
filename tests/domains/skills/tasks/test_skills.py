"""What every skill owes to the search."""

from __future__ import annotations

from random import Random
from statistics import mean

import pytest

from wunderkammer.domains.skills.lexicon import LANGUAGES
from wunderkammer.domains.skills.question import SkillQuestion
from wunderkammer.domains.skills.tasks import SKILLS

EACH = pytest.mark.parametrize("skill", list(SKILLS))
REPLIES = ("{}", "Answer: {}", "The answer is {}.", "**{}**", "I think it is this:\n{}")


@EACH
def test_problems_are_drawn_near_the_difficulty_that_is_asked_for(skill: str) -> None:
    rng = Random(1)
    aims = [n / 40 for n in range(24)]
    assert mean(abs(SKILLS[skill].draw(rng, d).difficulty - d) for d in aims) < 0.08


@EACH
def test_the_scale_reaches_down_to_the_easiest(skill: str) -> None:
    rng = Random(2)
    assert min(SKILLS[skill].draw(rng, 0.0).difficulty for _ in range(8)) == 0.0


@EACH
def test_every_phrasing_states_the_problem_and_its_answer_is_recognised(skill: str) -> None:
    rng = Random(3)
    for _ in range(25):
        problem = SKILLS[skill].draw(rng, rng.random())
        for wording in (*(p for language in LANGUAGES for p in problem.phrasings(language)), *problem.terse()):
            assert problem.same_problem(wording), wording
        answer = problem.answer()
        for reply in REPLIES:
            assert answer.read(reply.format(answer.text), problem.question()).right, (problem.question(), reply)
        assert not answer.read("I cannot tell.", problem.question()).right


@EACH
def test_no_problem_is_mistaken_for_its_neighbour(skill: str) -> None:
    rng = Random(4)
    for _ in range(40):
        problem = SKILLS[skill].draw(rng, rng.random() * 0.7)
        other = problem.near(rng)
        if other.question() != problem.question():
            assert not other.same_problem(problem.question()), (problem.question(), other.question())
            assert not problem.same_problem(other.question()), (problem.question(), other.question())


@EACH
def test_steps_go_the_way_they_should_and_stay_within_the_limit(skill: str) -> None:
    rng = Random(5)
    tried, moved = 0, 0
    for _ in range(40):
        problem = SKILLS[skill].draw(rng, 0.3)
        for harder in (False, True):
            step = problem.step(rng, harder=harder, limit=0.5)
            assert step.difficulty <= max(0.5, problem.difficulty)
            tried += 1
            moved += (step.difficulty > problem.difficulty) is harder and step != problem
    assert moved / tried > 0.7


@EACH
def test_a_problem_survives_storage(skill: str) -> None:
    problem = SKILLS[skill].draw(Random(6), 0.4)
    question = SkillQuestion(problem=problem, manner="formal", wording=problem.question())
    stored = SkillQuestion.model_validate_json(question.model_dump_json())
    assert stored == question
    assert type(stored.problem) is SKILLS[skill]
    assert (stored.skill, stored.difficulty) == (skill, problem.difficulty)


@EACH
def test_equal_seeds_draw_equal_problems(skill: str) -> None:
    assert SKILLS[skill].draw(Random(7), 0.5) == SKILLS[skill].draw(Random(7), 0.5)
