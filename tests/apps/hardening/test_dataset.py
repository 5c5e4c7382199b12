"""The data set: nothing twice, nothing held out, evenly over the cells; what is dropped is counted."""

from __future__ import annotations

import json
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wunderkammer.agents.teacher import ORDINARY
from wunderkammer.apps.hardening import dataset
from wunderkammer.apps.hardening.dataset import DROPS, Counts, Sieve, Taken, Text
from wunderkammer.core.abilities import Lesson
from wunderkammer.core.contract import Message
from wunderkammer.core.errors import ConfigError
from wunderkammer.jobs.finetune.lessons import Example, check_apart


def lesson(words: str, about: str = "", *, cell: str = "c", chosen: str = "yes", rejected: str | None = None) -> Lesson:
    messages = (Message(role="user", content=words),)
    return Lesson(messages=messages, chosen=chosen, rejected=rejected, source=words, cell=(cell,), about=about)


def taken(*lessons: Lesson, archive: str = "a") -> list[Taken]:
    return [Taken(lesson=one, archive=archive) for one in lessons]


def sifted(offered, held_out=(), *, most=1000, pairs=False, overlap=0.8):
    return dataset.sift(offered, Sieve(held_out, overlap), most=most, pairs=pairs, rng=Random(0))


WORDS = st.lists(
    st.sampled_from(["red", "green", "blue", "two", "three", "plus", "minus", "+", "-", "*", "why", "when"]),
    min_size=1,
    max_size=9,
)
TEXTS = st.builds(" ".join, WORDS)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(TEXTS, st.sampled_from(["", "p", "q", "r"])), max_size=25), st.lists(TEXTS, max_size=6))
def test_nothing_held_out_and_nothing_twice_stays_and_every_lesson_is_accounted_for(offered, held_out):
    lessons = taken(*(lesson(words, about) for words, about in offered))
    stay, dropped = sifted(lessons, [(words, "q") for words in held_out])
    assert len(stay) + sum(dropped.values()) == len(lessons)
    assert set(dropped) <= set(DROPS)
    kept = [(one.lesson.messages[-1].content, one.lesson.about) for one in stay]
    assert len(set(kept)) == len(kept)
    assert not {words for words, _ in kept} & set(held_out)
    if held_out:
        assert all(about != "q" for _, about in kept)


@settings(max_examples=100, deadline=None)
@given(TEXTS, st.integers(0, 3))
def test_case_and_space_do_not_hide_a_text_and_signs_tell_two_apart(words, spaces):
    disguised = words.upper().replace(" ", " " * (spaces + 1)) + "  "
    assert Text.of(disguised).plain == Text.of(words).plain
    assert sifted(taken(lesson(disguised)), [(words, "")])[1] == {"held out": 1}
    assert Text.of("2 + 3").plain != Text.of("2 * 3").plain


def test_a_text_with_a_few_words_changed_is_near_and_a_frame_around_another_problem_is_not():
    long = "once upon a time in a village far away there lived an old clockmaker who had {} wheels in a drawer"
    near = lesson(long.format("two"))
    assert sifted(taken(near), [(long.format("seven"), "")], overlap=0.6)[1] == {"near held out": 1}
    known = lesson(long.format("two"), about="2 wheels")
    assert sifted(taken(known), [(long.format("seven"), "7 wheels")], overlap=0.6)[1] == {}
    assert sifted(taken(known), [("How many wheels?", "2  WHEELS")], overlap=0.6)[1] == {"same problem held out": 1}


def test_one_problem_in_two_manners_is_two_lessons():
    stay, dropped = sifted(taken(lesson("add two and three", "2 + 3"), lesson("yo wat is 2 + 3", "2 + 3")))
    assert (len(stay), dropped) == (2, {})


@settings(max_examples=60, deadline=None)
@given(st.lists(st.sampled_from("abc"), min_size=6, max_size=40), st.integers(1, 30))
def test_a_limit_takes_evenly_from_the_cells(cells, most):
    lessons = taken(*(lesson(f"text {n}", cell=cell) for n, cell in enumerate(cells)))
    stay, dropped = sifted(lessons, most=most)
    assert len(stay) == min(most, len(lessons))
    assert dropped.get("over the limit", 0) == len(lessons) - len(stay)
    counts = {cell: sum(one.lesson.cell == (cell,) for one in stay) for cell in set(cells)}
    short = {cell for cell in counts if counts[cell] == cells.count(cell)}
    left = [count for cell, count in counts.items() if cell not in short]
    assert not left or max(left) - min(left) <= 1


def test_preferences_need_what_was_rejected():
    stay, dropped = sifted(taken(lesson("a", rejected="no"), lesson("b")), pairs=True)
    assert [one.lesson.source for one in stay] == ["a"]
    assert dropped == {"without a rejected answer": 1}


def test_no_lessons_or_one_answer_alone_is_one_clear_line():
    with pytest.raises(
        ConfigError, match=r"data set is empty: 3 failures gave 2 lessons, and none stayed \(2 held out\)"
    ):
        dataset.check([], Counts(failures=3, offered=2, dropped={"held out": 2}))
    with pytest.raises(ConfigError, match=r"one answer alone \('yes', 2 times\)"):
        dataset.check(taken(lesson("a"), lesson("b")), Counts())
    dataset.check(taken(lesson("a"), lesson("b", chosen="no")), Counts())


@settings(max_examples=60, deadline=None)
@given(st.lists(TEXTS, max_size=12), st.lists(TEXTS, max_size=12))
def test_the_trainer_takes_the_files_and_finds_nothing_of_the_one_in_the_other(learnt, held):
    rows = dataset.mix(
        taken(*map(lesson, learnt)), [lesson("hello").model_copy(update={"source": ORDINARY})], Random(1)
    )
    watched = dataset.watched(taken(*map(lesson, held), archive="b"), rows, most=5, pairs=False, rng=Random(2))
    assert len(watched) <= 5
    read = [
        [Example.model_validate_json(line) for line in dataset.written(some).splitlines()] for some in (rows, watched)
    ]
    check_apart(*read)
    assert sum(example.kind == "chat" for example in read[0]) == 1
    assert {example.group for example in read[0]} <= {"a", ORDINARY}


def test_the_share_of_conversations_is_of_the_whole():
    assert dataset.ordinary_share(80, 0.2) == 20
    assert dataset.ordinary_share(80, 0.0) == 0


def test_a_file_is_json_lines_of_what_was_asked_and_answered():
    (line,) = dataset.written(taken(lesson("tell me", "about", rejected="no"))).splitlines()
    row = json.loads(line)
    assert row["messages"] == [{"role": "user", "content": "tell me"}]
    assert (row["chosen"], row["rejected"], row["group"], row["kind"]) == ("yes", "no", "a", "repair")
