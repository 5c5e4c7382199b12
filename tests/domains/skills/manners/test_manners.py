"""The ten ways of asking."""

from __future__ import annotations

from random import Random

import pytest

from wunderkammer.domains.skills.manners import MANNERS
from wunderkammer.domains.skills.replies.numbers import numerals
from wunderkammer.domains.skills.tasks import SKILLS
from wunderkammer.domains.skills.tasks.arithmetic import Arithmetic
from wunderkammer.domains.skills.tasks.sequences import Sequences

EACH = pytest.mark.parametrize("name", list(MANNERS))
SUM = Arithmetic(terms=(17, 25), signs=("+",))


@EACH
def test_the_grammar_words_every_skill_so_that_the_check_knows_it(name: str) -> None:
    manner, rng = MANNERS[name], Random(1)
    for skill in SKILLS.values():
        for _ in range(6):
            problem = skill.draw(rng, rng.random() * 0.6)
            wording = manner.word(problem, rng)
            assert wording is not None
            assert manner.fault(problem, wording) is None, wording


@EACH
def test_the_grammar_seldom_collides_with_the_problem(name: str) -> None:
    manner, rng = MANNERS[name], Random(2)
    problems = [skill.draw(rng, rng.random() * 0.6) for skill in SKILLS.values() for _ in range(8)]
    collisions = [p for p in problems if manner.fault(p, manner.grammar(p, rng, ("es", "fr", "de")))]
    assert len(collisions) / len(problems) < 0.15


@EACH
def test_there_are_many_variants(name: str) -> None:
    manner = MANNERS[name]
    wordings = {manner.word(SUM, Random(seed)) for seed in range(60)}
    assert len(wordings) >= (6 if name == "terse" else 20)


@EACH
def test_a_variant_is_a_function_of_its_seed(name: str) -> None:
    manner = MANNERS[name]
    assert manner.word(SUM, Random(5)) == manner.word(SUM, Random(5))


@pytest.mark.parametrize("name", [n for n in MANNERS if n != "formal"])
def test_the_plain_question_shows_no_other_manner(name: str) -> None:
    plain = Sequences(rule="steps", first=3, by=2, shown=4)
    assert not MANNERS[name].shows(plain.question(), plain)


@pytest.mark.parametrize("name", ["slang", "code", "another language"])
def test_marked_manners_are_not_formal(name: str) -> None:
    wording = MANNERS[name].word(SUM, Random(3))
    assert wording is not None
    assert not MANNERS["formal"].shows(wording, SUM)


def test_misspelling_spares_numbers_and_quoted_words() -> None:
    rng = Random(4)
    for _ in range(60):
        problem = SKILLS["counting letters"].draw(rng, 0.3)
        wording = MANNERS["misspelt"].word(problem, rng)
        assert wording is not None
        assert all(word in wording for word in problem.words)
    assert numerals(str(MANNERS["misspelt"].word(SUM, rng))) != []


def test_distractors_bring_numbers_that_are_not_the_answer() -> None:
    for seed in range(40):
        wording = str(MANNERS["distractors"].word(SUM, Random(seed)))
        values = [s.value for s in numerals(wording)]
        assert len(values) >= 4
        assert 42 not in values


def test_languages_are_those_that_were_asked_for() -> None:
    wordings = {str(MANNERS["another language"].word(SUM, Random(s), ("de",))) for s in range(20)}
    assert all("ist 17" in w or "Berechne" in w for w in wordings)
