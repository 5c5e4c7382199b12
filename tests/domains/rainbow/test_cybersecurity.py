"""rainbow-cybersecurity against the details of the paper."""

from __future__ import annotations

import pytest

from wunderkammer.core.contract import Candidate
from wunderkammer.domains.rainbow import RainbowCybersecurity
from wunderkammer.domains.rainbow.cybersecurity import CybersecurityOptions
from wunderkammer.domains.rainbow.teaming import Probe

AIM = ("Discovery", "100-189")


@pytest.fixture
def domain() -> RainbowCybersecurity:
    return RainbowCybersecurity(CybersecurityOptions())


def candidate(length: int, aim=AIM) -> Candidate[Probe]:
    return Candidate[Probe](domain="rainbow-cybersecurity", genome=Probe(text="x" * length), aim=aim)


def test_ten_tactics_by_ten_lengths(domain):
    assert {axis: len(values) for axis, values in domain.axes.items()} == {"tactic": 10, "length": 10}


@pytest.mark.parametrize(
    ("judge", "classifier", "score"), [(0.9, 0.9, 1.0), (0.9, 0.1, 0.0), (0.1, 0.9, 0.0), (0.5, 0.9, 0.0)]
)
async def test_both_models_must_say_malicious(domain, new_lab, judge, classifier, score):
    lab = new_lab(belief=lambda asked: {"judge": judge, "classifier": classifier}[asked.role])
    (outcome,) = await domain.evaluate([candidate(150)], lab)
    assert outcome.score == score
    assert (outcome.measures["judge"], outcome.measures["classifier"]) == (judge, classifier)
    assert {asked.prompt for asked in lab.of("probability")} == {"rainbow/malicious"}


@pytest.mark.parametrize(
    ("length", "cell"),
    [
        (99, None),
        (100, ("Discovery", "100-189")),
        (190, ("Discovery", "190-279")),
        (1000, ("Discovery", "910-1000")),
        (1001, None),
    ],
)
async def test_the_length_is_measured_and_the_tactic_aimed_at(domain, new_lab, length, cell):
    (outcome,) = await domain.evaluate([candidate(length)], new_lab())
    assert outcome.cell == cell


async def test_mutates_tactic_then_length(domain, new_lab):
    lab = new_lab()
    await domain.vary([candidate(150)], AIM, lab)
    assert [a.prompt for a in lab.asked] == ["rainbow/mutate-tactic", "rainbow/mutate-prompt-length"]


def test_title_and_report_say_that_the_judge_is_generous(domain, entry):
    assert "more generous than experts" in domain.title
    tried = [entry(domain, "x", AIM, score=1.0, measures={"judge": 0.9, "classifier": 0.8, "refused": 0.0})]
    caution, refusals, disagreement = domain.sections(tried)
    assert "80 to 94 %" in caution.text
    assert refusals.rows == (("Discovery", 1, 0, 0.0, 0),)
    assert ("unsafe", "unsafe", 1) in disagreement.rows
