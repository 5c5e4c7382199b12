"""What may have been meant, and things by their number."""

from __future__ import annotations

import pytest

from wunderkammer.core.spelling import counted, instead, nearest


@pytest.mark.parametrize(("number", "said"), [(0, "no jobs"), (1, "1 job"), (2, "2 jobs")])
def test_things_are_counted_in_words(number: int, said: str) -> None:
    assert counted(number, "job") == said


def test_what_is_spelt_alike_comes_before_what_holds_the_word() -> None:
    assert nearest("madird", ["paired-study", "madrid", "car"]) == ["madrid"]
    assert nearest("study", ["paired-study", "madrid", "studyy"]) == ["studyy", "paired-study"]
    assert nearest("xyzzy", ["madrid"]) == []


def test_a_refusal_ends_with_what_may_have_been_meant_or_with_all_there_is() -> None:
    assert f"no car 'madird'{instead('madird', ['madrid', 'car'])}" == "no car 'madird': did you mean madrid?"
    assert instead("xyzzy", ["madrid", "car"]) == "; there are: madrid, car"
    assert instead("xyzzy", [], "; it has: ") == "; it has: none"
