"""The probability of a yes, from the log-probabilities of one token or from several words.

What counts: `yes` and `no` alone, in any case, with the spaces and punctuation around them that tokens and models bring
along (`" Yes"`, `"YES."`, `"▁no"`). Not counted: `true`, `y`, `n` and first pieces of longer words. A prompt asks for
yes or no, and what is none of them is doubt, not an answer.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Literal

from wunderkammer.core.errors import BadReply

SAMPLES = 8
"""Words drawn where a server gives no log-probabilities: P(yes) then comes in eighths."""
LEAST_MASS = 0.01
"""Yes and no together must have this probability, else the model was not answering the question."""

_AROUND = " \t\r\n\"'`*_.,:;!?()[]{}▁Ġ"


def word(text: str) -> Literal["yes", "no"] | None:
    """What a token or a short reply says."""
    first = text.strip(_AROUND).split(maxsplit=1)
    said = first[0].strip(_AROUND).casefold() if first else ""
    return "yes" if said == "yes" else "no" if said == "no" else None


def from_tokens(top: Iterable[tuple[str, float]]) -> float:
    """P(yes) / (P(yes) + P(no)) over the alternatives of one token, each with its log-probability.

    Raises:
        BadReply: both together have less than `LEAST_MASS`.
    """
    mass = {"yes": 0.0, "no": 0.0}
    for token, logprob in top:
        said = word(token)
        if said is not None:
            mass[said] += math.exp(min(logprob, 0.0))
    both = mass["yes"] + mass["no"]
    if not both >= LEAST_MASS:
        raise BadReply(f"the model leans to neither yes nor no: together they have probability {both:.2g}")
    return mass["yes"] / both


def from_words(texts: Sequence[str]) -> float:
    """Share of yes among the clear answers.

    Raises:
        BadReply: none is clear.
    """
    said = [answer for answer in map(word, texts) if answer is not None]
    if not said:
        raise BadReply(f"none of {len(texts)} replies is a yes or a no")
    return said.count("yes") / len(said)
