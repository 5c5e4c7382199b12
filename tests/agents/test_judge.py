"""The judge: four votes, both orders, ties and silence keep the incumbent."""

from __future__ import annotations

import pytest

from wunderkammer.agents.judge import Choice, Judge
from wunderkammer.core.contract import Verdict
from wunderkammer.core.errors import BadReply


async def verdict(choose) -> tuple[Verdict, list]:
    asked = []

    async def ask(prompt, values):
        asked.append((values["a"], values["b"]))
        choice = choose(values["a"], values["b"], len(asked))
        if choice is None:
            raise BadReply("no choice")
        return Choice(choice=choice)

    return await Judge(2).compare("p", {}, "new", "old", ask), asked


async def test_two_evaluations_in_each_order_see_nothing_but_the_two_texts():
    _, asked = await verdict(lambda a, b, n: "A")
    assert sorted(asked) == [("new", "old"), ("new", "old"), ("old", "new"), ("old", "new")]


async def test_a_real_preference_wins_in_both_orders():
    found, _ = await verdict(lambda a, b, n: "A" if a == "new" else "B")
    assert found.votes == ("challenger",) * 4
    assert found.accepted


@pytest.mark.parametrize("habit", ["A", "B"])
async def test_a_habit_for_one_place_cancels_out_and_the_incumbent_stays(habit):
    found, _ = await verdict(lambda a, b, n: habit)
    assert sorted(found.votes) == ["challenger", "challenger", "incumbent", "incumbent"]
    assert not found.accepted


async def test_a_judge_without_words_votes_for_nobody():
    found, _ = await verdict(lambda a, b, n: None if n <= 2 else ("A" if a == "new" else "B"))
    assert sorted(found.votes) == ["challenger", "challenger", "void", "void"]
    assert not found.accepted


@pytest.mark.parametrize(
    ("votes", "accepted"),
    [
        (("challenger", "challenger", "challenger", "incumbent"), True),
        (("challenger", "challenger", "challenger", "void"), True),
        (("challenger", "challenger", "tie", "tie"), False),
        (("void",), False),
        ((), False),
    ],
)
def test_a_strict_majority_of_all_votes_is_needed(votes, accepted):
    assert Verdict(votes=votes).accepted is accepted
