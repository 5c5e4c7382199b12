"""What a report says about a run."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from random import Random

import pytest

from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.domains.skills.domain import RainbowSkills, marked
from wunderkammer.domains.skills.question import SkillQuestion
from wunderkammer.domains.skills.sections import Tally, wilson


def entry(question: SkillQuestion, outcome: Outcome, slot: int) -> Entry[SkillQuestion]:
    return Entry(
        candidate=Candidate[SkillQuestion](domain="rainbow-skills", genome=question), outcome=outcome, slot=slot
    )


def run(domain: RainbowSkills, n: int, able: float) -> Iterator[Entry[SkillQuestion]]:
    """Seeds put to a target that is right up to a difficulty and wrong beyond it."""
    for slot, question in enumerate(islice(domain.seeds(Random(1)), n)):
        right = question.problem.answer().text
        reply = right if question.difficulty <= able else "Bananas 123456789."
        yield entry(question, marked(question, (reply,) * 3), slot)


def named(found: tuple[Section, ...] | list[Section], title: str) -> Section:
    return next(s for s in found if s.title == title)


def test_sections_from_a_stream_that_is_walked_once(domain: RainbowSkills) -> None:
    found = list(domain.sections(run(domain, 400, 0.15)))
    frontier = named(found, "Frontier by skill")
    assert [row[0] for row in frontier.rows] == list(domain.axes["skill"])
    crossings = [row[1] for row in frontier.rows]
    assert all(isinstance(c, float) and 0.05 < c < 0.25 for c in crossings)
    cells = named(found, "Frontier by cell")
    assert cells.columns == ("skill", *domain.axes["manner"])
    assert all(len(row) == 11 for row in cells.rows)
    failures = named(found, "The easiest failures")
    assert len(failures.rows) == 30
    difficulties = [float(row[2] or 0) for row in failures.rows]
    assert difficulties == sorted(difficulties)
    assert min(difficulties) >= 0.15
    rates = named(found, "Error rate by manner")
    for _, rate, low, high, *_, n in rates.rows:
        assert isinstance(rate, float)
        assert float(low or 0) <= rate <= float(high or 0)
        assert n == 120


def test_errors_and_strange_wordings_are_no_findings(domain: RainbowSkills) -> None:
    question = next(domain.seeds(Random(2)))
    broken = entry(question, Outcome(score=None, cell=None, error="server down"), 0)
    strange = entry(question, Outcome(score=None, cell=None, notes={"off": "other numbers"}), 1)
    found = list(domain.sections([broken, strange]))
    assert named(found, "The easiest failures").rows == ()
    assert all(row[-1] == 0 for row in named(found, "Error rate by skill").rows)


def test_forms_count_who_took_their_cell(domain: RainbowSkills) -> None:
    question = next(domain.seeds(Random(3)))
    by_model = question.model_copy(update={"by": "model"})
    wrong, right = marked(question, ("banana",)), marked(question, (question.problem.answer().text,))
    found = list(domain.sections([entry(question, right, 0), entry(by_model, wrong, 1), entry(by_model, wrong, 2)]))
    forms = {row[0]: row[1:4] for row in named(found, "Forms of rewording").rows}
    assert forms == {"seed": (1, 1, 1.0), "code": (0, 0, None), "model": (2, 1, 0.5)}


def test_memory_does_not_grow_with_the_run(domain: RainbowSkills) -> None:
    tally = Tally()
    for one in run(domain, 600, 0.0):
        tally.add(one)
    assert all(len(kept) <= 3 for kept in tally.failures.values())
    assert len(tally.frontiers) <= 100


@pytest.mark.parametrize(
    ("successes", "n", "low", "high"), [(0, 10, 0.0, 0.278), (5, 10, 0.237, 0.763), (10, 10, 0.722, 1.0)]
)
def test_wilson(successes: int, n: int, low: float, high: float) -> None:
    assert wilson(successes, n) == pytest.approx((low, high), abs=0.001)
    assert wilson(0, 0) == (0.0, 1.0)
