"""The question as part of a little story, which has no numbers of its own."""

from __future__ import annotations

from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import Language, spaced
from wunderkammer.domains.skills.manners.manner import Manner, words_of
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.statement import fold

_WHO = (
    *("an old wizard", "a travelling merchant", "my grandmother", "a curious robot", "the captain", "a sleepy baker"),
    *("a retired detective", "the young princess", "a lost astronaut", "the village smith", "a nervous student"),
)
_WHERE = (
    *(
        "in a dusty library",
        "at the edge of the forest",
        "on a crowded train",
        "in the castle kitchen",
        "by the harbour",
    ),
    *("at a noisy market", "inside a snowed-in cabin", "on the deck at midnight", "in a forgotten cellar"),
)
_WHEN = (
    "Once upon a time",
    "Late yesterday evening",
    "Long ago",
    "On a stormy night",
    "Early in the morning",
    "Last summer",
)
_DID = (
    *("opened a torn letter", "found a strange note", "met a talking fox", "stopped before a locked gate"),
    *("unrolled an ancient scroll", "was woken by a whisper", "looked up from the table", "heard a knock"),
)
_ASKED = (
    *("It read:", "The note said:", "A voice asked:", "Carved into the wood were these words:"),
    *("Nobody could pass without solving this:", "The stranger wanted to know:", "There it was written:"),
)
_END = (
    *("", "Everyone fell silent and waited.", "The clock ticked.", "Only the right reply would open the gate."),
    *("What a night it was, everyone agreed.", "The candles flickered.", "The whole hall was waiting for the reply."),
)


_TOLD = frozenset(
    spaced(
        "once upon was were had met found asked said told went long ago yesterday evening night summer "
        "opened found unrolled woken stopped looked heard wanted read"
    )
)


class Story(Manner):
    """At the end of a little story."""

    name = "story"
    about = "as the end of a short story of two or three sentences"

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        who, where, when = rng.choice(_WHO), rng.choice(_WHERE), rng.choice(_WHEN)
        opening = (
            f"{when}, {who} {rng.choice(_DID)} {where}."
            if rng.random() < 0.6
            else f"{when} {where}, {who} {rng.choice(_DID)}."
        )
        parts = (opening, rng.choice(_ASKED), rng.choice(problem.phrasings("en")), rng.choice(_END))
        return " ".join(p for p in parts if p)

    def shows(self, text: str, problem: Problem) -> bool:
        """Two sentences' worth of words more than the question, some of them in the past tense of stories."""
        told = _TOLD & set(fold(text).replace(",", " ").replace(".", " ").replace(":", " ").split())
        return bool(told) and words_of(text) >= words_of(problem.question()) + 10
