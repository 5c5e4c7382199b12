"""A model's words may repeat a finding's figures and may not bring figures of their own."""

from __future__ import annotations

import pytest

from stage.soil import lime
from wunderkammer.agents.science.commenting import comment
from wunderkammer.agents.science.figures import unfounded
from wunderkammer.core.calls import Call
from wunderkammer.core.errors import BadReply
from wunderkammer.core.records import Finding
from wunderkammer.models.ask import Reply

FINDING = Finding(
    run="s",
    kind="study",
    claim="With planted=80, the difference is +0.135 over 8 pairs.",
    statistics={"difference": 0.1347, "n": 8.0, "p": 0.0078, "low": -0.02},
    hypothesis=lime("higher", 0.4),
    threshold="mean difference of yield > 0.4",
)


@pytest.mark.parametrize(
    "words",
    [
        "It helps.",
        "A difference of 0.13 over 8 seeds.",
        "It is 13 % more, or 13.5 percent.",
        "The interval begins at −0.02; p is 0.008.",
        "The threshold of 0.4 was not reached with planted=80.",
        "A v2 of this, p-values aside.",
    ],
)
def test_figures_of_the_finding_may_be_said(words: str) -> None:
    assert unfounded(words, FINDING) == []


@pytest.mark.parametrize(
    ("words", "wrong"),
    [
        ("A difference of 0.15.", ["0.15"]),
        ("It is 15 % more.", ["15 %"]),
        ("Over 80,000 seeds and 12 more.", ["80,000", "12"]),
        ("It is twice as good, a tenfold gain.", ["twice", "tenfold"]),
        ("It rose by 1.3e-1 or 5e3.", ["5e3"]),
    ],
)
def test_other_figures_may_not(words: str, wrong: list[str]) -> None:
    assert unfounded(words, FINDING) == wrong


class Speaker:
    """Says what it was given, one text after the other."""

    def __init__(self, *texts: str) -> None:
        self.texts = list(texts)
        self.asked = []

    async def complete(self, ask):
        self.asked.append(ask)
        if not self.texts:
            raise BadReply("nothing left")
        said = self.texts.pop(0)
        call = Call(id="c", run="s", slot=-1, role="scientist", server="", model="", request="", texts=(said,))
        return Reply((said,), call)


async def test_invented_figures_cost_one_more_try() -> None:
    speaker = Speaker("It is 90 % better.", "It is  better.")

    assert (await comment(FINDING, speaker)).comment == "It is better."
    assert [ask.nonce for ask in speaker.asked] == [0, 1]


async def test_who_keeps_inventing_is_not_quoted() -> None:
    found = await comment(FINDING, Speaker("It is 90 % better.", "No, 91 %."))

    assert found == FINDING


async def test_a_mute_model_leaves_the_finding_as_it_is() -> None:
    assert await comment(FINDING, Speaker()) == FINDING
