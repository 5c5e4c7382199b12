"""P(yes) from one token or from words."""

from __future__ import annotations

from math import log

import pytest

from wunderkammer.core.errors import BadReply
from wunderkammer.models import yesno


@pytest.mark.parametrize(
    "text", ["yes", " Yes", "YES", "▁yes", "Ġyes", "Yes.", '"Yes"', "**Yes**", "yes, it is", "Yes!\n"]
)
def test_spellings_of_yes(text):
    assert yesno.word(text) == "yes"


@pytest.mark.parametrize("text", ["no", " No", "NO.", "No, never"])
def test_spellings_of_no(text):
    assert yesno.word(text) == "no"


@pytest.mark.parametrize(
    "text", ["", " ", ".", "true", "y", "n", "Nope", "yesterday", "not", "noon", "well, yes", "да"]
)
def test_what_is_neither(text):
    assert yesno.word(text) is None


def test_all_spellings_of_both_are_summed():
    top = [("Yes", log(0.3)), (" yes", log(0.1)), ("No", log(0.1)), ("Maybe", log(0.4))]
    assert yesno.from_tokens(top) == pytest.approx(0.8)


@pytest.mark.parametrize(
    "top", [[], [("Maybe", log(0.99))], [("Yes", log(0.004)), ("No", log(0.004))], [("Yes", float("nan"))]]
)
def test_too_little_on_both_is_no_answer(top):
    with pytest.raises(BadReply, match="neither yes nor no"):
        yesno.from_tokens(top)


def test_certainty_is_allowed():
    assert yesno.from_tokens([("Yes", 0.0), ("No", float("-inf"))]) == 1.0
    assert yesno.from_tokens([("No", -0.01)]) == 0.0


def test_words_count_where_they_are_clear():
    assert yesno.from_words(["Yes.", "no", "hm", "Yes", ""]) == pytest.approx(2 / 3)
    with pytest.raises(BadReply, match="none of 2 replies"):
        yesno.from_words(["hm", "true"])
