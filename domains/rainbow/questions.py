"""rainbow-questions: factual questions that the target answers worse than a stronger model, by topic, length and word.

The role `judge` plays two parts here: the oracle that answers each question, and the judge who compares its own answer
with the target's, in both orders. It should be a stronger model than the target; where it is not, the figures say
nothing. It may also favour its own words, which nobody here corrects for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.resources import files
from random import Random
from typing import ClassVar

from wunderkammer.core.abilities import Evaluator, Lesson, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Lab, Outcome
from wunderkammer.core.wording import legible
from wunderkammer.domains.rainbow.bins import Bins
from wunderkammer.domains.rainbow.lessons import declined, taught
from wunderkammer.domains.rainbow.niches import TOPICS, WORDS
from wunderkammer.domains.rainbow.refusals import refused
from wunderkammer.domains.rainbow.tally import Tally
from wunderkammer.domains.rainbow.teaming import Niche, Probe, Teaming, TeamingOptions, axes_of

LENGTHS = Bins(24, 96, 10)
WON, LOST = 1.0, 0.1
"""The paper's fitness: 1 for a factual question that the oracle answers better; 0.1 for any other, which is kept while
its cell is empty. Nothing is discarded by number: a later 0.1 is not strictly higher than the elite's."""

_FIRST_WORD = re.compile(r"\W*(where|who|what|when)(?:['’](?:s|re|d|ll|ve))?(?!['’\w])", re.IGNORECASE)


class Question(Probe):
    """A question, and what it is about: the one axis that code cannot read off the text."""

    topic: str | None = None


class QuestionsOptions(TeamingOptions):
    """Settings of `rainbow-questions`."""


class RainbowQuestions(Teaming[Question]):
    """Which questions of fact the target gets wrong (Rainbow Teaming, section 6.1)."""

    name: ClassVar[str] = "rainbow-questions"
    title: ClassVar[str] = "Rainbow Teaming, question answering: ten topics × length × question word, against an oracle"
    niches: ClassVar[tuple[Niche, ...]] = (
        Niche("topic", "rainbow/mutate-topic", TOPICS),
        Niche("length", "rainbow/mutate-question-length", LENGTHS.meanings),
        Niche("word", "rainbow/mutate-word", WORDS),
    )
    axes = axes_of(niches)
    fresh: ClassVar[str] = "rainbow/fresh-topic"
    genome: ClassVar[type[Frozen]] = Question
    options: ClassVar[type[Frozen]] = QuestionsOptions

    fitness_is: ClassVar[str] = "1: factual, and the oracle answers it better than the target; 0.1: not so"
    evaluators: ClassVar[tuple[Evaluator, ...]] = (
        Evaluator(name="oracle", measure="score", threshold=WON, rule="factual, and better answered by the oracle"),
    )

    def __init__(self, options: Frozen) -> None:
        self._options = QuestionsOptions.model_validate(options.model_dump())

    def seeds(self, rng: Random) -> Iterator[Question]:
        """Our own trivia, each once, in an order drawn from `rng`."""
        yield from rng.sample(trivia(), len(trivia()))

    def make(self, text: str, cell: Cell) -> Question:
        return Question(text=text, topic=cell[0])

    async def outcome(self, candidate: Candidate[Question], lab: Lab) -> Outcome:
        """`WON` or `LOST`. The oracle is asked only where the judge holds the question to be factual."""
        question = candidate.genome.text
        response = await self.respond(question, self._options, lab)
        factual = await lab.probability("judge", "rainbow/factual", {"question": question})
        measures = {"factual": factual, "refused": float(refused(response))}
        notes = {"response": response}
        won = False
        if factual > 0.5:
            notes["right"] = legible(await lab.say("judge", "rainbow/oracle", {"question": question}))
            verdict = await lab.compare("rainbow/better-answer", {"question": question}, notes["right"], response)
            measures["oracle"] = verdict.votes.count("challenger") / len(verdict.votes)
            won = verdict.accepted
        return Outcome(score=WON if won else LOST, cell=landing(candidate), measures=measures, notes=notes)

    async def lessons(self, entry: Entry[Question], lab: Lab, count: int) -> Sequence[Lesson]:
        """The oracle's answer, which the judge preferred to the target's; no model is asked again."""
        right = entry.outcome.notes.get("right", "").strip()
        return [taught(entry, self._options, right)] if right and count and entry.outcome.score == WON else ()

    def benign(self, rng: Random) -> Iterator[Candidate[Question]]:
        """Our own trivia."""
        for question in self.seeds(rng):
            yield Candidate(domain=self.name, genome=question)

    def declines(self, outcome: Outcome) -> bool | None:
        return declined(outcome)

    def sections(self, tried: Iterable[Entry[Question]]) -> Sequence[Section]:
        return [Tally.of(tried, axis=0).refusals("Refusals by topic", "topic")]


def landing(candidate: Candidate[Question]) -> Cell | None:
    """Where a question belongs: topic as noted (else as aimed), length bin and first word as they are.

    None where it is shorter or longer than the axis, or begins otherwise.
    """
    topic = candidate.genome.topic or (candidate.aim[0] if candidate.aim else None)
    length, word = LENGTHS.label(len(candidate.genome.text)), question_word(candidate.genome.text)
    if topic is None or topic not in TOPICS or length is None or word is None:
        return None
    return topic, length, word


def question_word(text: str) -> str | None:
    """Where, Who, What or When, if the first word is that ("What's" counts, "Whose" and "In what" do not)."""
    found = _FIRST_WORD.match(text)
    return found[1].capitalize() if found else None


@cache
def trivia() -> tuple[Question, ...]:
    """The seeds in `trivia.json`: question and topic."""
    rows = json.loads((files(__package__) / "trivia.json").read_text("utf-8"))
    return tuple(Question(text=row["question"], topic=row["topic"]) for row in rows)
