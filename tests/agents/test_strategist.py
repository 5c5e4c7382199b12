"""Who decides what is next: the user's word, then a model that the bandit can live with, then the bandit."""

from __future__ import annotations

import pytest

from wunderkammer.agents.bandit import Pull
from wunderkammer.agents.strategist import Advice, Wishes, choose, heed
from wunderkammer.core.errors import BadReply, BudgetExceeded

ARMS = {"search skills": "", "search safety": "", "study search-study": ""}
HISTORY = [Pull("search skills", 10, 0.01), Pull("search safety", 9, 0.01), Pull("study search-study", 0, 0.3)]


class Adviser:
    """Says what it was given, one after the other; an error is raised."""

    def __init__(self, *said: object) -> None:
        self.said = list(said)
        self.asked = []

    async def structured(self, ask):
        self.asked.append(ask)
        reply = self.said.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return Advice(choice=reply, reason="because it is  new"), None


async def decide(adviser=None, wishes: Wishes = Wishes(), history=HISTORY):
    return await choose("w", 3, ARMS, history, wishes, adviser)


async def test_the_bandit_decides_alone_and_says_why() -> None:
    choice = await decide()

    assert (choice.arm, choice.by, choice.model) == ("search skills", "bandit", "")
    assert choice.reason.startswith("yields 1e+03 for the whole budget")
    assert set(choice.values) == set(ARMS)


async def test_a_model_is_followed_where_the_bandit_thinks_alike() -> None:
    choice = await decide(Adviser("Search Safety"))

    assert (choice.arm, choice.by, choice.reason) == ("search safety", "model", "because it is new")
    assert choice.bandit == "search skills"


async def test_a_model_that_would_waste_the_budget_is_overruled_and_kept_on_record() -> None:
    choice = await decide(Adviser("study search-study"), history=[*HISTORY, *[HISTORY[2]] * 2, *HISTORY[:2]])

    assert (choice.arm, choice.by, choice.model) == ("search skills", "bandit", "study search-study")


async def test_what_was_never_tried_may_be_tried_at_a_models_word() -> None:
    choice = await decide(Adviser("study search-study"), history=HISTORY[:2])

    assert choice.by == "model"
    assert "study search-study" not in choice.values


@pytest.mark.parametrize("nonsense", [BadReply("?"), "dance"])
async def test_nonsense_costs_one_more_try_and_then_the_bandit_decides(nonsense) -> None:
    adviser = Adviser(nonsense, nonsense)
    choice = await decide(adviser)

    assert (choice.by, choice.model) == ("bandit", "")
    assert [ask.nonce for ask in adviser.asked] == [0, 1]
    assert (await decide(Adviser(nonsense, "search safety"))).by == "model"


async def test_no_budget_for_advice_is_no_fault() -> None:
    assert (await decide(Adviser(BudgetExceeded("used up")))).by == "bandit"


async def test_the_users_word_goes_first() -> None:
    choice = await decide(Adviser("search safety"), Wishes(next="study search-study"))

    assert (choice.arm, choice.by, choice.model) == ("study search-study", "user", "search safety")


@pytest.mark.parametrize(
    ("text", "wishes", "effect"),
    [
        ("study search", Wishes(next="study search-study"), "next: study search-study"),
        ("Search SKILLS", Wishes(next="search skills"), "next: search skills"),
        ("focus safety", Wishes(only=frozenset({"search safety"})), "only: search safety"),
        ("avoid study", Wishes(avoid=frozenset({"study search-study"})), "not: study search-study"),
        ("stop", Wishes(halt="stop"), "stop before the next choice"),
        ("pause now", Wishes(halt="pause"), "pause before the next choice"),
        ("study hard", Wishes(hint="study hard"), "handed to the planner as guidance"),
        ("look at  dates", Wishes(hint="look at dates"), "handed to the planner as guidance"),
    ],
)
def test_messages_are_read_by_rule(text, wishes, effect) -> None:
    assert heed(Wishes(), text, list(ARMS)) == (wishes, effect)


def test_forgetting() -> None:
    wishes, _ = heed(Wishes(), "avoid study", list(ARMS))

    assert heed(wishes, "forget", list(ARMS))[0] == Wishes()
    assert not wishes.allows("study search-study")
    assert wishes.allows("search safety")
