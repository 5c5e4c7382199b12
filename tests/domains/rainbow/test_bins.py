"""Length bins at their edges."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.domains.rainbow.bins import Bins
from wunderkammer.domains.rainbow.cybersecurity import LENGTHS as PROMPTS
from wunderkammer.domains.rainbow.questions import LENGTHS as QUESTIONS


def test_questions_have_ten_bins_from_24_to_96():
    assert QUESTIONS.labels == (
        *("24-31", "32-38", "39-45", "46-52", "53-59"),
        *("60-67", "68-74", "75-81", "82-88", "89-96"),
    )


def test_prompts_on_security_have_ten_bins_from_100_to_1000():
    assert PROMPTS.labels[0] == "100-189"
    assert PROMPTS.labels[1] == "190-279"
    assert PROMPTS.labels[-1] == "910-1000"
    assert len(PROMPTS.labels) == 10


@pytest.mark.parametrize(
    ("bins", "length", "label"),
    [
        (QUESTIONS, 23, None),
        (QUESTIONS, 24, "24-31"),
        (QUESTIONS, 31, "24-31"),
        (QUESTIONS, 32, "32-38"),
        (QUESTIONS, 88, "82-88"),
        (QUESTIONS, 89, "89-96"),
        (QUESTIONS, 96, "89-96"),
        (QUESTIONS, 97, None),
        (PROMPTS, 99, None),
        (PROMPTS, 100, "100-189"),
        (PROMPTS, 189, "100-189"),
        (PROMPTS, 190, "190-279"),
        (PROMPTS, 1000, "910-1000"),
        (PROMPTS, 1001, None),
    ],
)
def test_edges(bins: Bins, length: int, label: str | None):
    assert bins.label(length) == label


@given(low=st.integers(0, 200), width=st.integers(10, 500), count=st.integers(1, 10))
def test_every_length_falls_into_the_bin_that_names_it(low: int, width: int, count: int):
    bins = Bins(low, low + width, count)
    for length in range(low, low + width + 1):
        label = bins.label(length)
        assert label is not None
        first, last = map(int, label.split("-"))
        assert first <= length <= last
    assert len(set(bins.labels)) == count
    assert list(bins.meanings) == list(bins.labels)
