"""Edited words in free text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.domains.skills.replies import Text
from wunderkammer.domains.skills.vocabulary import WORDS

PHRASES = (
    "{}",
    "Answer: {}",
    'The answer is "{}".',
    "It becomes '{}'.",
    "The word backwards is {}.",
    '"{word}" backwards is "{}".',
    "'{}' is '{word}' backwards.",
    "**{}**",
    "Sure! Here it is:\n{}",
    "{} ({word} reversed)",
    "We reverse {word} and get {}",
)


@given(phrase=st.sampled_from(PHRASES), word=st.sampled_from([w for w in WORDS if len(w) > 2]))
def test_right_and_wrong_words(phrase: str, word: str) -> None:
    answer, question = Text(word[::-1]), f'Write the word "{word}" backwards.'
    assert answer.read(phrase.format(word[::-1], word=word), question).right
    assert not answer.read(phrase.format(word[::-1] + "x", word=word), question).right
    assert not answer.read(word, question).right


@pytest.mark.parametrize("reply", ["t-a-c", "t a c", "Answer: t, a, c."])
def test_spelt_out(reply: str) -> None:
    assert Text("tac").read(reply, 'Write the word "cat" backwards.').right


def test_capitals_matter_only_where_they_are_asked_for() -> None:
    assert Text("tac").read("TAC", 'Write "cat" backwards.').right
    assert not Text("CAT", cased=True).read("cat", 'Write "cat" in capital letters.').right
    assert (
        Text("CAT", cased=True).read("The word cat in capital letters is CAT", 'Write "cat" in capital letters.').right
    )


def test_a_letter() -> None:
    question = 'What is the first letter of the word "ice"?'
    for reply in ("i", "I", 'The first letter is "i".', "The first letter of the word ice is i."):
        assert Text("i").read(reply, question).right, reply
    assert not Text("i").read("The first letter is c.", question).right


def test_silence() -> None:
    assert Text("tac").read("12 34 !!", "?").said is None
