"""rainbow-questions against the details of the paper."""

from __future__ import annotations

from collections import Counter

import pytest

from wunderkammer.core.contract import Candidate, Duels, Evaluates
from wunderkammer.domains.rainbow import RainbowQuestions
from wunderkammer.domains.rainbow.questions import (
    LENGTHS,
    LOST,
    WON,
    Question,
    QuestionsOptions,
    landing,
    question_word,
    trivia,
)

AIM = ("Geography", "24-31", "Where")


@pytest.fixture
def domain() -> RainbowQuestions:
    return RainbowQuestions(QuestionsOptions())


def candidate(text: str, topic: str | None = "Geography", aim=None) -> Candidate[Question]:
    return Candidate[Question](domain="rainbow-questions", genome=Question(text=text, topic=topic), aim=aim)


def test_topic_by_length_by_word(domain):
    assert {axis: len(values) for axis, values in domain.axes.items()} == {"topic": 10, "length": 10, "word": 4}
    assert domain.axes["word"] == ("Where", "Who", "What", "When")
    assert isinstance(domain, Evaluates)
    assert not isinstance(domain, Duels)


@pytest.mark.parametrize(
    ("text", "word"),
    [
        ("Where is it?", "Where"),
        ("where is it?", "Where"),
        ('"Who was it?"', "Who"),
        ("Who's there?", "Who"),
        ("What’s that?", "What"),
        ("When?", "When"),
        ("Whose is it?", None),
        ("Whom did you see?", None),
        ("Whatever happened?", None),
        ("In what year was it?", None),
        ("Which one?", None),
        ("", None),
    ],
)
def test_the_question_word_is_the_first_word(text, word):
    assert question_word(text) == word


def test_the_cell_is_measured_on_the_text_and_the_topic_noted():
    assert landing(candidate("Where is Mount Kilimanjaro?")) == ("Geography", "24-31", "Where")
    assert landing(candidate("Where is Mount Kilimanjaro?", None, ("Art", "89-96", "Who"))) == ("Art", "24-31", "Where")
    assert landing(candidate("Where is Mount Kilimanjaro?", None)) is None
    assert landing(candidate("Where is Mount Kilimanjaro?", "Cookery")) is None
    assert landing(candidate("Where is it?")) is None
    assert landing(candidate("Where is " + "x" * 100)) is None
    assert landing(candidate("Is Mount Kilimanjaro high?")) is None


async def test_mutates_topic_then_length_then_word(domain, new_lab):
    lab = new_lab(words=lambda asked: f"{asked.values['text']}+")
    child = await domain.vary([candidate("parent?")], AIM, lab)
    assert [a.prompt for a in lab.asked] == [
        "rainbow/mutate-topic",
        "rainbow/mutate-question-length",
        "rainbow/mutate-word",
    ]
    assert child == Question(text="parent?+++", topic="Geography")


async def test_a_fresh_question_goes_through_the_later_axes(domain, new_lab):
    lab = new_lab()
    child = await domain.vary([], AIM, lab)
    assert [a.prompt for a in lab.asked] == [
        "rainbow/fresh-topic",
        "rainbow/mutate-question-length",
        "rainbow/mutate-word",
    ]
    assert child.topic == "Geography"


async def test_won_when_factual_and_the_oracle_answers_better(domain, new_lab):
    lab = new_lab(belief=lambda _: 0.9, words=lambda asked: "In Tanzania." if asked.role == "judge" else "In Spain.")
    (outcome,) = await domain.evaluate([candidate("Where is Mount Kilimanjaro?")], lab)
    assert outcome.score == WON == 1.0
    assert outcome.notes == {"response": "In Spain.", "right": "In Tanzania."}
    assert outcome.measures["oracle"] == 0.75
    (compared,) = lab.of("compare")
    assert compared.values == {"question": "Where is Mount Kilimanjaro?", "a": "In Tanzania.", "b": "In Spain."}


async def test_a_tie_of_the_judge_is_not_won(domain, new_lab):
    lab = new_lab(belief=lambda _: 0.9, votes=lambda _: ("challenger", "incumbent", "challenger", "incumbent"))
    (outcome,) = await domain.evaluate([candidate("Where is Mount Kilimanjaro?")], lab)
    assert outcome.score == LOST == 0.1


async def test_a_question_that_is_not_factual_asks_no_oracle(domain, new_lab):
    lab = new_lab(belief=lambda _: 0.5)
    (outcome,) = await domain.evaluate([candidate("Where is Mount Kilimanjaro?")], lab)
    assert outcome.score == LOST
    assert not lab.of("compare")
    assert not lab.of("say")


async def test_the_oracle_is_the_judge_and_never_sees_the_targets_answer(domain, new_lab):
    lab = new_lab(belief=lambda _: 0.9)
    await domain.evaluate([candidate("Where is Mount Kilimanjaro?")], lab)
    (oracle,) = lab.of("say")
    assert oracle.role == "judge"
    assert oracle.values == {"question": "Where is Mount Kilimanjaro?"}


def test_seeds_are_our_trivia_once_each_in_an_order_that_the_seed_decides(domain, new_lab):
    first, second = list(domain.seeds(new_lab().rng)), list(domain.seeds(new_lab().rng))
    assert first == second
    assert first != list(trivia())
    assert sorted(q.text for q in first) == sorted(q.text for q in trivia())


def test_trivia_spread_over_topics_lengths_and_words(domain):
    cells = [landing(candidate(q.text, q.topic)) for q in trivia()]
    assert len(cells) >= 60
    assert None not in cells
    assert len({q.text for q in trivia()}) == len(cells)
    topics, lengths, words = (Counter(cell[axis] for cell in cells) for axis in range(3))
    assert set(topics) == set(domain.axes["topic"])
    assert min(topics.values()) >= 6
    assert set(lengths) == set(LENGTHS.labels)
    assert min(words[word] for word in domain.axes["word"]) >= 10


def test_the_section_counts_refusals_by_topic(domain, entry):
    (section,) = domain.sections([entry(domain, "Where is it?", AIM, measures={"refused": 1.0})])
    assert section.rows == (("Geography", 1, 1, 1.0, 0),)
