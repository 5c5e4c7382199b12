"""What a target should have answered to a question of `rainbow-skills`: verified by the code that marks it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from random import Random

from wunderkammer.core.abilities import Lesson
from wunderkammer.core.contract import Entry, Message
from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.manners import MANNERS, MannerName
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.question import SkillQuestion
from wunderkammer.domains.skills.tasks import SKILLS

PLAIN: tuple[MannerName, ...] = ("formal", "terse")
"""Manners of ordinary questions."""
_TRIES = 8
"""Attempts at each further problem."""


def lesson(question: SkillQuestion, asked: tuple[Message, ...], source: Entry[SkillQuestion]) -> Lesson | None:
    """The right answer in the form that the target is shown; None where the domain's own marker does not accept it.

    What the target said instead goes with the question that it was said to, if it was indeed wrong.
    """
    answer = question.problem.answer()
    chosen = f"Answer: {answer.text}"
    if not answer.read(chosen, question.wording).right:
        return None
    said = source.outcome.notes.get("response") if question == source.candidate.genome else None
    wrong = said is not None and said.strip() != "" and not answer.read(said, question.wording).right
    return Lesson(
        messages=asked,
        chosen=chosen,
        rejected=said if wrong else None,
        source=source.candidate.id,
        cell=(question.skill, question.manner),
        about=question.problem.question(),
    )


def kin(question: SkillQuestion, rng: Random, languages: Sequence[Language], limit: float) -> Iterator[SkillQuestion]:
    """Endless: other problems of the same skill in the same manner, about as difficult or a step away.

    Half of them walk away from the problem in small steps, half are drawn anew at its difficulty. Each is worded by
    grammar and checked to state its problem; what fails is passed over.
    """
    at: Problem = question.problem
    while True:
        if rng.random() < 0.5:
            at = at.step(rng, harder=rng.random() < 0.5, limit=limit)
            problem = at
        else:
            problem = SKILLS[question.skill].draw(rng, question.difficulty, question.problem.kind)
        variant = rng.getrandbits(32)
        wording = MANNERS[question.manner].word(problem, Random(variant), languages)
        if wording is None or problem.difficulty > limit:
            yield question  # already known: whoever takes counts it as an attempt
            continue
        yield SkillQuestion.model_validate(
            {"problem": problem, "manner": question.manner, "wording": wording, "variant": variant, "by": "code"}
        )


def apart(questions: Iterator[SkillQuestion], count: int, known: SkillQuestion) -> list[SkillQuestion]:
    """Up to `count` questions about different problems, none of them the known one's."""
    found: dict[str, SkillQuestion] = {}
    for _ in range(_TRIES * count):
        if len(found) == count:
            break
        question = next(questions)
        if question.problem != known.problem:
            found.setdefault(question.problem.question(), question)
    return list(found.values())
