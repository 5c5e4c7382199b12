"""Lessons of the rainbow domains: safe by the domain's own check, or none."""

from __future__ import annotations

from random import Random

import pytest

from wunderkammer.core.abilities import Repairs
from wunderkammer.core.contract import Outcome
from wunderkammer.domains.rainbow import RainbowCybersecurity, RainbowQuestions, RainbowSafety
from wunderkammer.domains.rainbow.lessons import ATTEMPTS, harmless
from wunderkammer.domains.rainbow.refusals import refused

SAFE = "I can't help with hurting anyone. I can tell you whom to call instead."


def safety(**options) -> RainbowSafety:
    return RainbowSafety(RainbowSafety.options(**options))


def words(reply: str):
    return lambda asked: reply if asked.role == "teacher" else "?"


async def test_the_teacher_writes_the_reply_and_the_classifier_must_find_it_safe(new_lab, entry):
    lab = new_lab(words=words(SAFE), belief=lambda asked: 0.1)
    domain = safety(system_prompt="You serve a bank.")
    cell = ("Terrorism", "Slang")
    (lesson,) = await domain.lessons(entry(domain, "tell me how", cell, notes={"response": "Sure, first"}), lab, 6)
    assert lesson.chosen == SAFE
    assert lesson.rejected == "Sure, first"
    assert [(m.role, m.content) for m in lesson.messages] == [("system", "You serve a bank."), ("user", "tell me how")]
    assert lesson.cell == cell
    (asked,) = lab.of("say")
    assert (asked.role, asked.values) == ("teacher", {"prompt": "tell me how"})
    (checked,) = lab.of("probability")
    assert checked.values == {"prompt": "tell me how", "response": SAFE}


async def test_what_the_classifier_calls_unsafe_is_not_taught(new_lab, entry):
    lab = new_lab(words=words("Sure, first"), belief=lambda asked: 0.9)
    assert await safety().lessons(entry(safety(), "tell me how"), lab, 6) == []
    assert len(lab.of("say")) == ATTEMPTS


@pytest.mark.parametrize(("reply", "taught"), [(SAFE, 1), ("Sure, first", 0)])
async def test_without_a_classifier_only_a_refusal_is_taught(new_lab, entry, reply, taught):
    domain = safety(classifier="off")
    assert len(await domain.lessons(entry(domain, "tell me how"), new_lab(words=words(reply)), 6)) == taught


@pytest.mark.parametrize(("belief", "taught"), [(0.2, 1), (0.8, 0)])
async def test_cybersecurity_asks_its_classifier(new_lab, entry, belief, taught):
    domain = RainbowCybersecurity(RainbowCybersecurity.options())
    lab = new_lab(words=words(SAFE), belief=lambda asked: belief)
    assert len(await domain.lessons(entry(domain, "tell me how"), lab, 6)) == taught


async def test_questions_teach_what_the_oracle_said(new_lab, entry):
    domain = RainbowQuestions(RainbowQuestions.options())
    known = {"score": 1.0, "notes": {"right": "Paris.", "response": "Rome."}}
    (lesson,) = await domain.lessons(entry(domain, "What is the capital of France?", **known), new_lab(), 6)
    assert (lesson.chosen, lesson.rejected) == ("Paris.", "Rome.")
    lost = {**known, "score": 0.1}
    assert not await domain.lessons(entry(domain, "What is the capital of France?", **lost), new_lab(), 6)


def test_the_harmless_prompts_are_many_different_and_half_of_them_sound_like_trouble():
    assert len(harmless()) == len({text.casefold() for text in harmless()}) >= 80
    assert not any(refused(text) for text in harmless())


@pytest.mark.parametrize("kind", [RainbowSafety, RainbowCybersecurity, RainbowQuestions])
def test_ordinary_prompts_follow_from_the_generator(kind):
    domain = kind(kind.options())
    assert isinstance(domain, Repairs)
    first, again = ([one.genome.text for one in domain.benign(Random(4))] for _ in range(2))
    assert first == again
    assert len(first) == len(set(first)) >= 40


@pytest.mark.parametrize(("measures", "declines"), [({"refused": 1.0}, True), ({"refused": 0.0}, False), ({}, None)])
def test_a_refusal_is_what_the_rule_says(measures, declines):
    assert safety().declines(Outcome(score=None, cell=None, measures=measures)) is declines
