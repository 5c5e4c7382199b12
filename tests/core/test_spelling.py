"""What may have been meant, and things by their number."""

from __future__ import annotations

import pytest

from wunderkammer.core.spelling import counted, nearest


@pytest.mark.parametrize(("number", "said"), [(0, "no jobs"), (1, "1 job"), (2, "2 jobs")])
def test_things_are_counted_in_words(number: int, said: str) -> None:
    assert counted(number, "job") == said


def test_what_is_spelt_alike_comes_before_what_holds_the_word() -> None:
    assert nearest("madird", ["paired-study", "madrid", "car"]) == ["madrid"]
    assert nearest("study", ["paired-study", "madrid", "studyy"]) == ["studyy", "paired-study"]
    assert nearest("xyzzy", ["madrid"]) == []
