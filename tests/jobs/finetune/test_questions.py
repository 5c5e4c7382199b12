"""The set of plain facts."""

from __future__ import annotations

from wunderkammer.jobs.finetune.questions import QUESTIONS


def test_every_question_has_four_endings_that_differ() -> None:
    assert len(QUESTIONS) >= 60
    assert len({question.beginning for question in QUESTIONS}) == len(QUESTIONS)
    for question in QUESTIONS:
        assert len(set(question.endings)) == 4
        assert not question.beginning.endswith(" ")
        assert all(ending == ending.strip() and ending.endswith(".") for ending in question.endings)


def test_length_alone_does_not_give_the_answer_away() -> None:
    shortest = sum(len(q.endings[0]) < min(map(len, q.endings[1:])) for q in QUESTIONS)
    longest = sum(len(q.endings[0]) > max(map(len, q.endings[1:])) for q in QUESTIONS)

    assert shortest < 0.4 * len(QUESTIONS)
    assert longest < 0.4 * len(QUESTIONS)
