"""Names for groups: words from the model, figures from code alone."""

from __future__ import annotations

from wunderkammer.agents.naming import Named, named
from wunderkammer.core.abilities import Group
from wunderkammer.core.errors import BadReply, ServerDown
from wunderkammer.models.ask import Ask

GROUP = Group(
    name="late shots",
    claim="Late shots: in 7 of 21 elites the target waits, 0.60 times a match.",
    figures={"elites": 7, "rate of the target": 0.6},
    evidence=("a", "b"),
    refuted_by="matches in which it does not wait",
)
OTHER = GROUP.model_copy(update={"name": "offsides", "claim": "Offsides: in 5 of 21 elites it is offside."})


class Scribe:
    """A gateway that says what it was given, in order."""

    def __init__(self, *said: Named | Exception) -> None:
        self.said = list(said)
        self.asked: list[Ask] = []

    async def structured(self, ask: Ask):
        self.asked.append(ask)
        reply = self.said.pop(0)
        if isinstance(reply, Exception):
            raise reply
        return reply, None


def words(name: str = "Waits before shooting", description: str = "It keeps the ball until a defender comes.") -> Named:
    return Named(name=name, description=description)


async def test_the_model_s_name_stands_beside_code_s_claim() -> None:
    scribe = Scribe(words())
    (finding,) = await named("r1", "madrid", "madrid/name", [GROUP], scribe)
    assert finding.claim == GROUP.claim
    assert finding.statistics == GROUP.figures
    assert finding.evidence == GROUP.evidence
    assert finding.comment == "Waits before shooting: It keeps the ball until a defender comes."
    (ask,) = scribe.asked
    assert ask.role == "scientist"
    assert "rate of the target: 0.6" in ask.messages[-1].content


async def test_a_number_that_the_group_does_not_hold_is_refused_and_asked_for_once_more() -> None:
    scribe = Scribe(words(description="It waits 12 steps before it shoots."), words())
    (finding,) = await named("r1", "madrid", "madrid/name", [GROUP], scribe)
    assert finding.comment.startswith("Waits before shooting")
    assert [ask.nonce for ask in scribe.asked] == [0, 1]
    stubborn = Scribe(*[words(description="It waits twice as long as it should.")] * 2)
    (finding,) = await named("r1", "madrid", "madrid/name", [GROUP], stubborn)
    assert finding.comment == ""


async def test_a_name_that_another_group_has_is_refused() -> None:
    scribe = Scribe(words(), words(), words("Runs beyond the line", "It is called back where it could wait."))
    first, second = await named("r1", "madrid", "madrid/name", [GROUP, OTHER], scribe)
    assert first.comment.startswith("Waits before shooting")
    assert second.comment.startswith("Runs beyond the line")


async def test_without_usable_words_code_s_names_stand() -> None:
    for scribe in (None, Scribe(BadReply("no"), BadReply("no")), Scribe(ServerDown("gone"))):
        (finding,) = await named("r1", "madrid", "madrid/name", [GROUP], scribe)
        assert finding.comment == ""
        assert finding.claim.startswith("Late shots")
