"""Novelty: exact, looking back only, written once, and contradicted by nothing that is stored."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.core.contract import Candidate, Frozen, Outcome
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Aim
from wunderkammer.memory import runs, slots
from wunderkammer.memory.ledger import Ledger, address_of, opened
from wunderkammer.memory.neighbours import Floats, Neighbours
from wunderkammer.memory.novelty import (
    disagreeing,
    evaluated,
    keep_novelty,
    measure,
    measure_afterwards,
    novelty_as,
    novelty_of,
)


class Word(Frozen):
    text: str


def directions(n: int, seed: int = 0) -> Floats:
    rows = np.random.default_rng(seed).normal(size=(n, 8)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def stored(vectors: Floats, groups: list[str], sizes: list[int], k: int) -> list:
    """Figures of vectors that come in batches of the given sizes."""
    near, found, at = Neighbours(8), [], 0
    names = [f"c{i}" for i in range(len(vectors))]
    for size in sizes:
        part = slice(at, at + size)
        found += measure(near, names[part], vectors[part], groups[part], k)
        near.add(names[part], vectors[part], groups[part])
        at += size
    return found


def test_it_is_the_mean_distance_to_the_nearest_before_in_the_domain_and_across() -> None:
    vectors, groups = directions(60), ["maze", "attack", "attack"] * 20
    found = stored(vectors, groups, [60], k=4)
    for i in (1, 2, 7, 59):
        away = 1 - vectors[:i] @ vectors[i]
        assert found[i].across == pytest.approx(np.sort(away)[:4].mean(), abs=1e-5)
        assert found[i].nearest == f"c{int(np.argmin(away))}"
        own = away[[group == groups[i] for group in groups[:i]]]
        assert found[i].in_domain == (pytest.approx(np.sort(own)[:4].mean(), abs=1e-5) if len(own) else None)
        assert found[i].held == i
    assert found[0].across is found[0].nearest is None


def test_it_does_not_depend_on_how_candidates_came_in_batches() -> None:
    vectors, groups = directions(50), ["a", "b"] * 25
    whole, single = stored(vectors, groups, [50], k=3), stored(vectors, groups, [1] * 20 + [7, 23], k=3)
    for a, b in zip(whole, single, strict=True):
        assert (a.nearest, a.held) == (b.nearest, b.held)
        assert a.across == (None if b.across is None else pytest.approx(b.across, abs=1e-6))


def test_a_candidate_is_never_its_own_neighbour() -> None:
    near, rows = Neighbours(8), directions(3)
    near.add(["a", "b"], rows[:2], ["g", "g"])
    again, twice, _ = measure(near, ["a", "c", "c"], rows[[0, 2, 2]], ["g"] * 3, k=1)
    assert again.nearest == "b"
    assert again.held == 1
    assert twice.distance is not None
    assert twice.distance > 0.01


@pytest.fixture
def ledger(tmp_path) -> Ledger:
    with opened(address_of(tmp_path)) as found:
        runs.begin(found, RUN)
        for slot in range(6):
            candidate = Candidate(domain="words", genome=Word(text=f"word {slot}"))
            slots.keep_candidate(found, candidate, candidate.genome.text)
            aim, outcome = Aim(slot=slot, step=slot // 2, origin="seed"), Outcome(score=0.0, cell=None)
            slots.keep_outcome(found, "r", aim, fate="evaluated", candidate=candidate.id, outcome=outcome, arm=None)
        found.flush_now()
        yield found


RUN = runs.Run("r", "words", SearchPlan(domain="words", batch=2), {}, None, 0, 0.0)


def test_twice_is_once_and_what_lacks_is_measured_afterwards(ledger: Ledger) -> None:
    made = list(evaluated(ledger, "e"))
    rows = dict(zip((one.candidate for one in made), directions(6), strict=True))
    near = Neighbours(8)
    first = measure(near, [made[0].candidate], rows[made[0].candidate][None], ["words"])[0]
    for figure in (first, measure(near, ["x"], directions(1, 9), ["y"])[0]):  # the second comes too late
        keep_novelty(ledger, [novelty_as("r", 0, made[0].candidate, "e", figure)])
    ledger.flush_now()

    assert measure_afterwards(ledger, "e", 8, rows.get) == 5
    ledger.flush_now()
    assert measure_afterwards(ledger, "e", 8, rows.get) == 0
    found = list(novelty_of(ledger, RUN))
    assert [one.slot for one in found] == list(range(6))
    assert [one.held for one in found] == list(range(6))
    assert all(one.measured for one in evaluated(ledger, "e"))
    assert not any(one.measured for one in evaluated(ledger, "another"))


def test_figures_that_the_vectors_contradict_are_found(ledger: Ledger) -> None:
    made = list(evaluated(ledger, "e"))
    rows = dict(zip((one.candidate for one in made), directions(6), strict=True))
    measure_afterwards(ledger, "e", 8, rows.get)
    ledger.flush_now()
    near = Neighbours(8)
    near.add(list(rows), np.stack(list(rows.values())), ["words"] * 6)
    moved = Neighbours(8)
    moved.add(list(rows), directions(6, 5), ["words"] * 6)
    found = list(novelty_of(ledger, RUN))

    assert disagreeing(found, near) == []
    assert len(disagreeing(found, moved)) >= 4
