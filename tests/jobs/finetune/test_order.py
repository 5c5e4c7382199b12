"""The order of examples: everything equally often, batches of similar length, the same for the same seed."""

from __future__ import annotations

from collections import Counter
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.jobs.finetune.order import order, padded

LENGTHS = st.lists(st.integers(1, 400), min_size=1, max_size=80)


@given(LENGTHS, st.integers(1, 9), st.integers(1, 300), st.integers(0, 9))
def test_everything_is_seen_equally_often_within_one(lengths: list[int], batch: int, count: int, seed: int) -> None:
    found = order(lengths, batch, count, Random(seed))
    seen = Counter(found)

    assert len(found) == count
    assert max(seen.values()) - min(seen[index] for index in range(len(lengths))) <= 1
    assert found == order(lengths, batch, count, Random(seed))


def test_batches_are_of_similar_length_and_still_mixed() -> None:
    rng = Random(1)
    lengths = [rng.randint(20, 400) for _ in range(600)]
    grouped = order(lengths, 8, 600, Random(2))
    shuffled = rng.sample(range(600), 600)
    firsts = [lengths[index] for index in grouped[::8]]

    assert padded(lengths, grouped, 8) < 0.06 < 0.3 < padded(lengths, shuffled, 8)
    assert firsts != sorted(firsts)


def test_a_batch_that_is_not_full_comes_last_in_its_window() -> None:
    lengths = [1, 1, 1, 1, 9]

    assert order(lengths, 4, 5, Random(0))[-1] == 4


def test_padding_is_counted() -> None:
    assert padded([1, 3], [0, 1], 2) == pytest.approx(2 / 6)
    assert padded([1, 3], [0, 1], 1) == 0
    assert padded([], [], 4) == 0
