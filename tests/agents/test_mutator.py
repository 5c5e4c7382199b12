"""The mutator: steps in order, and the filter that keeps copies out."""

from __future__ import annotations

import pytest

from wunderkammer.agents.mutator import Mutator, likeness

PARENT = "Explain how the old clock in the tower is wound up every Sunday morning."


async def rewritten(limit: float | None, *replies: str) -> tuple[str | None, list]:
    asked = []

    async def say(prompt, values):
        asked.append((prompt, dict(values)))
        return replies[len(asked) - 1]

    steps = [(f"p{n}", {"aim": n}) for n in range(len(replies))]
    return await Mutator(limit).rewrite(steps, PARENT, say), asked


async def test_an_exact_copy_is_refused_however_long_the_prompt_around_it():
    assert (await rewritten(0.6, PARENT))[0] is None


async def test_each_step_rewrites_the_last_and_the_filter_looks_at_the_parent_alone():
    text, asked = await rewritten(0.6, "Something else entirely.", "Who feeds the swans?")
    assert text == "Who feeds the swans?"
    assert [values["text"] for _, values in asked] == [PARENT, "Something else entirely."]
    assert (await rewritten(0.6, "Something else entirely.", PARENT))[0] is None


@pytest.mark.parametrize(
    "wrapped", ['"{}"', "Sure! Here is the rewritten prompt: {}", "Rewritten prompt: {}\nNote: done."]
)
async def test_a_copy_in_wrappings_is_a_copy(wrapped):
    assert (await rewritten(0.6, wrapped.format(PARENT)))[0] is None


async def test_the_ablation_lets_copies_pass():
    assert (await rewritten(None, PARENT))[0] == PARENT


@pytest.mark.parametrize(
    ("child", "alike"),
    [
        (PARENT, True),
        (PARENT.replace("Sunday", "Monday"), True),
        ("Yo, how d'they crank that ancient tower clock come Sunday?", False),
        ("2+2", False),
    ],
)
def test_likeness_tells_copies_from_rewordings(child, alike):
    assert (likeness(PARENT, child) >= 0.6) is alike


@pytest.mark.parametrize("text", ["a", "2+2?", "日本", "a b c"])
def test_a_short_copy_is_a_copy_too(text):
    assert likeness(text, text) == 1.0
