"""The teacher: order, counts, patience, and whole sentences."""

from __future__ import annotations

import pytest

from wunderkammer.agents.teacher import ORDINARY, PATIENCE, Teacher, whole_sentences
from wunderkammer.core.abilities import Lesson
from wunderkammer.core.contract import Candidate, Entry, Frozen, Message, Outcome
from wunderkammer.core.errors import BadReply, BudgetExceeded, ServerDown


class Word(Frozen):
    word: str


def failure(word: str) -> Entry[Word]:
    return Entry(candidate=Candidate(domain="d", genome=Word(word=word)), outcome=Outcome(score=1, cell=None))


class Parrot:
    """A domain whose lessons repeat the word; `faults` by word."""

    def __init__(self, **faults: Exception) -> None:
        self.faults = faults

    async def lessons(self, entry, lab, count):
        word = entry.candidate.genome.word
        if word in self.faults:
            raise self.faults[word]
        if word == "speechless":
            return ()
        messages = (Message(role="user", content=word),)
        return [Lesson(messages=messages, chosen=f"{word} {n}", source=entry.candidate.id) for n in range(count)]


class Speaks:
    def __init__(self, *words: str) -> None:
        self.words = words

    async def complete(self, role, messages, *, samples=1, sampling=None):
        assert role == "target"
        word = self.words[int(messages[-1].content)]
        if word == "down":
            raise ServerDown(word)
        return (word,)


async def test_lessons_keep_the_order_of_the_failures_and_what_has_none_is_counted():
    failures = [(failure(word), count) for word, count in (("a", 2), ("speechless", 3), ("b", 1))]
    ticks = []
    taught = await Teacher(lambda place: place, 2).repair(Parrot(), failures, lambda: ticks.append(1))
    assert [one.chosen for one in taught.lessons] == ["a 0", "a 1", "b 0"]
    assert (taught.without, taught.faults, len(ticks)) == (1, 0, 3)


async def test_a_fault_costs_one_lesson_and_unusable_words_too():
    failures = [(failure(word), 1) for word in ("a", "down", "odd", "b")]
    domain = Parrot(down=ServerDown("gone"), odd=BadReply("what"))
    taught = await Teacher(lambda place: place, 4).repair(domain, failures)
    assert [one.chosen for one in taught.lessons] == ["a 0", "b 0"]
    assert (taught.without, taught.faults) == (0, 2)


async def test_a_server_that_stays_down_ends_it():
    failures = [(failure(f"down{n}"), 1) for n in range(2 * PATIENCE)]
    domain = Parrot(**{f"down{n}": ServerDown("gone") for n in range(2 * PATIENCE)})
    with pytest.raises(ServerDown):
        await Teacher(lambda place: place, 4).repair(domain, failures)


async def test_a_limit_ends_it_at_once():
    with pytest.raises(BudgetExceeded):
        await Teacher(lambda place: place, 4).repair(Parrot(a=BudgetExceeded("spent")), [(failure("a"), 1)])


async def test_conversations_are_cut_after_a_whole_sentence_or_left_out():
    words = ("One. Two. Thr", "no end", "down", 'He said "yes!" Then')
    lessons = await Teacher(lambda place: Speaks(*words), 4).converse(["0", "1", "2", "3"])
    assert [one.chosen for one in lessons] == ["One. Two.", 'He said "yes!"']
    assert {one.source for one in lessons} == {ORDINARY}


@pytest.mark.parametrize(
    ("text", "cut"),
    [("", ""), ("3.5 is a", ""), ("It is 3.5. And", "It is 3.5."), ("A! B? c", "A! B?"), ("Yes.", "Yes.")],
)
def test_a_point_within_a_number_ends_no_sentence(text, cut):
    assert whole_sentences(text) == cut
