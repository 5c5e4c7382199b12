"""What the mutator model may and may not do to a question."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from wunderkammer.domains.skills.lexicon import FOREIGN
from wunderkammer.domains.skills.manners import MANNERS
from wunderkammer.domains.skills.rewording import rewording, stripped
from wunderkammer.domains.skills.tasks.arithmetic import Arithmetic
from wunderkammer.prompts import load

LabMaker = Callable[..., Any]

SUM = Arithmetic(terms=(17, 25), signs=("+",))


async def test_a_faithful_rewording_is_taken(lab: LabMaker) -> None:
    scripted = lab(mutator=lambda _: "yo what's 17 + 25 dude")
    assert await rewording(SUM, MANNERS["slang"], scripted, FOREIGN) == "yo what's 17 + 25 dude"


@pytest.mark.parametrize(
    "reply",
    [
        "17 + 25 = 42",
        "The answer is 42, dude.",
        "yo what's 17 + 26 dude",
        "What is the value of 17 + 25?",
        "What is 17 + 25?",
        "I'm sorry, I can't do that.",
        "   ",
    ],
)
async def test_an_answer_or_another_problem_or_another_manner_is_refused(lab: LabMaker, reply: str) -> None:
    scripted = lab(mutator=lambda _: reply)
    assert await rewording(SUM, MANNERS["slang"], scripted, FOREIGN) is None


async def test_the_prompt_gets_what_it_declares_and_the_users_hint(lab: LabMaker) -> None:
    scripted = lab(mutator=lambda _: "yo what's 17 + 25 dude")
    scripted.hint = "use rhymes"
    await rewording(SUM, MANNERS["slang"], scripted, FOREIGN)
    values = scripted.rewritten[0]
    messages = load("skills/reword").render({**values, "text": SUM.question()})
    assert messages[-1].content == f"Rewrite this question {MANNERS['slang'].about}:\n{SUM.question()}"
    assert "use rhymes" in messages[0].content
    assert MANNERS["slang"].about in messages[1].content


@pytest.mark.parametrize(
    "reply",
    [
        '"Yo, 2 + 3?"',
        "Sure! Here is the question: Yo, 2 + 3?",
        "```\nYo, 2 + 3?\n```",
        "Rewritten: Yo, 2 + 3?",
        "Yo, 2 + 3?",
    ],
)
def test_wrappings_are_taken_off(reply: str) -> None:
    assert stripped(reply) == "Yo, 2 + 3?"
