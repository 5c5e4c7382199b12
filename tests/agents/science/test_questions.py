"""What is asked next: the user's questions, the domain's, then what is new and open; never what is decided."""

from __future__ import annotations

import pytest

from stage.soil import Soil, lime, peat
from wunderkammer.agents.science.proposer import Proposal, Proposals, propose
from wunderkammer.agents.science.questions import ask, checked, contrasts, follow_ups, likeness
from wunderkammer.core.errors import BadReply, ConfigError
from wunderkammer.core.records import Finding
from wunderkammer.core.study import Hypothesis, StudyPlan, make_study, settings_of

PLAN = StudyPlan(domain="soil", rounds=3, width=3, pairs=10)


def finding(
    hypothesis: Hypothesis, verdict: str, difference: float = 0.5, deviation: float = 0.4, n: int = 10
) -> Finding:
    figures = {"n": float(n), "difference": difference, "deviation": deviation}
    return Finding(
        run="s", kind="study", claim=f"{hypothesis.id} {verdict}", verdict=verdict, hypothesis=hypothesis,
        statistics=figures, domain="soil",
    )  # fmt: skip


def test_settings_are_the_finite_fields_with_their_default_first() -> None:
    assert settings_of(Soil.genome) == {"lime": (False, True), "peat": (False, True), "depth": ("low", "deep")}


def test_the_users_questions_come_first_and_then_the_domains() -> None:
    own = lime("lower", 0.1)
    plan = PLAN.model_copy(update={"asked": (own,), "width": 2})

    first = ask(plan, Soil(), [], [])
    second = ask(plan, Soil(), [], [q.hypothesis.id for q in first])

    assert [q.hypothesis for q in first] == [own, lime("higher", 0.4)]
    assert [q.hypothesis for q in second] == [peat("higher", 0.4), peat("same", 0.4)]


def test_the_users_questions_are_put_under_the_given_settings_unless_they_set_them() -> None:
    plain, own = lime("higher", 0.4), lime("higher", 0.4).model_copy(update={"given": {"depth": "low"}})
    plan = make_study(
        {"domain": "soil", "given": {"depth": "deep", "peat": True}, "stated": False},
        asked=[plain.model_dump(), own.model_dump()],
    )

    assert [q.hypothesis.given for q in ask(plan, Soil(), [], [])] == [
        {"depth": "deep", "peat": True},
        {"depth": "low", "peat": True},
    ]


def test_a_question_that_the_domain_states_too_is_put_once_as_the_user_put_it() -> None:
    own = lime("higher", 0.4).model_copy(update={"source": "user"})
    plan = PLAN.model_copy(update={"asked": (own,), "given": {"depth": "deep"}, "width": 9})

    put = [q.hypothesis for q in ask(plan, Soil(), [], [])]

    assert [h.source for h in put] == ["user", "domain", "domain"]
    assert len({h.id for h in put}) == 3


def test_what_was_asked_for_is_not_corrected_for_curiosity() -> None:
    plan = PLAN.model_copy(update={"asked": (lime("lower", 0.1),), "stated": False})

    assert len(ask(plan, Soil(), [], [])) == 1


def test_an_undecided_finding_is_followed_by_more_seeds_up_to_a_limit() -> None:
    (question,) = follow_ups(PLAN, Soil(), [finding(lime("higher", 0.4), "undecided")])
    nearly = finding(lime("higher", 0.4), "undecided", n=PLAN.most_pairs)

    assert (question.hypothesis.id, question.pairs) == (lime("higher", 0.4).id, 20)
    assert list(follow_ups(PLAN, Soil(), [nearly])) == []


def test_a_decided_finding_is_followed_by_other_backgrounds() -> None:
    known = finding(lime("higher", 0.4), "supported")
    found = {q.hypothesis.contrast for q in follow_ups(PLAN, Soil(), [known])}

    assert found == {
        "lime=True against lime=False, given peat=True",
        "lime=True against lime=False, given depth=deep",
    }


def test_what_is_decided_is_not_asked_again() -> None:
    known = [finding(h, "supported") for h in contrasts(Soil())]
    tested = [h.id for h in Soil().hypotheses()]
    asked = ask(PLAN, Soil(), known, tested)

    assert asked
    assert {q.hypothesis.id for q in asked}.isdisjoint({f.hypothesis.id for f in known})


def test_new_things_are_worth_more_than_more_of_the_same() -> None:
    known = [finding(h, "undecided", difference=0.41) for h in Soil().hypotheses()]
    asked = ask(PLAN, Soil(), known, [h.id for h in Soil().hypotheses()])

    assert [q.hypothesis.measure for q in asked[:1]] == ["weeds"]
    assert asked[0].novelty > 0.5
    assert all(q.information > 0 for q in asked)


def test_a_study_runs_out_of_questions() -> None:
    """Everything near and far is decided: nothing is worth a job."""
    plan, domain, known = PLAN.model_copy(update={"stated": False}), Soil(), []
    for _ in range(60):
        questions = ask(plan, domain, known, [])
        if not questions:
            break
        known += [finding(q.hypothesis, "supported") for q in questions]

    assert not questions
    assert len({f.hypothesis.id for f in known}) == len(known)


def test_likeness() -> None:
    assert likeness(lime("higher", 0.4), lime("lower", 0.1)) == 1
    assert likeness(lime("higher", 0.4), peat("higher", 0.4)) == 0.5
    assert 0.5 < likeness(lime("higher", 0.4), lime("higher", 0.4, given={"depth": "deep"})) < 1


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"treatment": {"lemon": True}, "control": {"lemon": False}}, "no setting 'lemon'; it has: lime, peat, depth"),
        ({"measure": "taste"}, "no measure 'taste'; it has: yield, weeds"),
        ({"given": {"depth": "bottomless"}}, "settings of soil: depth"),
    ],
)
def test_what_cannot_be_tested_is_refused_in_one_line(change, words) -> None:
    hypothesis = Hypothesis(**{**lime("higher", 0.4).model_dump(), **change})

    with pytest.raises(ConfigError, match=words):
        checked(hypothesis, Soil())


class Oracle:
    """Answers with what it was given."""

    def __init__(self, *replies) -> None:
        self.replies = list(replies)
        self.asked = []

    async def structured(self, question):
        self.asked.append(question)
        reply = self.replies.pop(0)
        if reply is None:
            raise BadReply("nonsense")
        return Proposals(hypotheses=[Proposal(**one) for one in reply]), None


IDEA = {
    "setting": "depth", "value": "Deep", "instead_of": "low", "measure": "weeds", "expects": "higher",
    "because": "roots",
}  # fmt: skip


async def test_a_model_proposes_among_what_exists_and_the_threshold_is_the_domains() -> None:
    bad = [
        {**IDEA, "setting": "__class__"},
        {**IDEA, "value": "9"},
        {**IDEA, "measure": "taste"},
        {**IDEA, "value": "low"},
    ]
    (found,) = await propose("s", 1, Soil(), [], Oracle([IDEA, *bad]))

    assert found.contrast == "depth=deep against depth=low"
    assert (found.margin, found.source, found.because) == (0.2, "model", "roots")


async def test_nonsense_costs_one_more_try_and_then_the_figures_decide() -> None:
    assert len(await propose("s", 1, Soil(), [], Oracle(None, [IDEA]))) == 1
    oracle = Oracle(None, [{**IDEA, "setting": "x"}])

    assert await propose("s", 1, Soil(), [], oracle) == []
    assert [question.nonce for question in oracle.asked] == [0, 1]
