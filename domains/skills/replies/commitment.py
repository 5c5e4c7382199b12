"""Which of the values in a reply its writer stands by.

The rule, in this order:
1. Thinking in <think> tags, Markdown emphasis and code fences are dropped; the content of \\boxed{} is a final answer.
2. The first sentence after the last "answer" (also *respuesta*, *réponse*, *Antwort*) is looked at first, then the rest
   after it, then a first sentence that is nothing but a value, then the sentences from the last to the first: those
   that say something the question did not, before those that only repeat its values.
3. Within a sentence a value after "than" or "not" is no claim. Nothing but an enumeration of several values ("3 or 9")
   is a hedge: read, and wrong. Otherwise the claim is the first value after the last "=" or "so"; else the value that
   the sentence opens with, unless an operator follows it; else the last one. Values of the question are passed over
   while there are others.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Hashable, Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True)
class Spot:
    """A value and where it stands in a text."""

    start: int
    end: int
    value: Hashable


Find = Callable[[str], Sequence[Spot]]
"""All values of one sort in a text, in their order, not overlapping."""


@dataclass(frozen=True)
class Claim:
    """What was committed to."""

    said: str
    value: Hashable
    """None for a hedge, which equals no right answer."""


_THINKING = re.compile(r"<think>.*?(?:</think>|$)", re.DOTALL | re.IGNORECASE)
_BOXED = re.compile(r"\\boxed\s*\{([^{}]*)\}")
_MARKS = re.compile(r"\*\*|__|`{1,3}(?:python|text)?|\\[()\[\]]|\$(?=[^\d])|(?<=\d)\$")
_MARKER = re.compile(
    r"\b(?:answer|respuesta|réponse|reponse|antwort|solution|result)\b"
    r"(?:\s+(?:is|was|should be|would be|will be|es|est|ist|lautet))?\s*[:=>]*\s*",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\s*\n+\s*")
_CONTRAST = re.compile(r"\b(?:than|not|instead of|que|als|nicht|pas)\s+(?:the\s+)?[\"']?$", re.IGNORECASE)
_JOINT = re.compile(
    r"[\"'.]?\s*(?:,|/|;|\bor\b|\band\b|\bou?\b|\by\b|\bet\b|\boder\b|\bund\b|\s)+\s*[\"']?", re.IGNORECASE
)
_SUMMING_UP = re.compile(r"=|\b(?:so|therefore|thus|hence)\b", re.IGNORECASE)
_OPERATOR = re.compile(r"\s*(?:[-+*/×÷^−x]|plus|minus|times|multiplied by|divided by)\s*\(?[-−]?\d", re.IGNORECASE)
_LEAD = re.compile(r"(?:[\W_]|\b(?:the|it|is|it's|its|either|that|this|number|word|el|la|le|der|die|das|es)\b)*", re.I)
_EDGE = re.compile(r"[\W_]*")


def claim(reply: str, find: Find, asked: frozenset[Hashable] = frozenset()) -> Claim | None:
    """The value that a reply stands by; None where it has none. `asked` are the values that the question contains."""
    for passage in passages(reply):
        found = committed(passage, find, asked)
        if found is not None:
            return found
    sentences = [s for s in _SENTENCE.split(clean(reply)) if s.strip()]
    if sentences and (bare := _bare(sentences[0], find)) is not None:
        return bare
    for fresh_only in (True, False):
        for sentence in reversed(sentences):
            if fresh_only and not any(s.value not in asked for s in _claims(sentence, find)):
                continue
            found = committed(sentence, find, asked)
            if found is not None:
                return found
    return None


def passages(reply: str) -> Iterator[str]:
    """Where a final answer is announced: boxed, then what follows the last announcement."""
    text = _THINKING.sub(" ", reply)
    yield from reversed(_BOXED.findall(text))
    text = clean(reply)
    *_, last = (None, *_MARKER.finditer(text))
    if last is not None:
        rest = text[last.end() :]
        yield from (s for s in (_SENTENCE.split(rest, maxsplit=1)[0], rest) if s.strip())


def clean(reply: str) -> str:
    """A reply without thinking, emphasis, fences and typographic quotes."""
    text = _MARKS.sub("", _THINKING.sub(" ", reply))
    for curly, plain in ('“"', '”"', '„"', '«"', '»"', "’'", "‘'", "−-"):
        text = text.replace(curly, plain)
    return text.strip()


def committed(sentence: str, find: Find, asked: frozenset[Hashable]) -> Claim | None:
    """Step 3 of the rule, on one sentence."""
    spots = _claims(sentence, find)
    if not spots:
        return None
    if _is_enumeration(sentence, spots):
        return Claim(sentence[spots[0].start : spots[-1].end], None)
    fresh = [s for s in spots if s.value not in asked] or spots
    equals = max((m.start() for m in _SUMMING_UP.finditer(sentence)), default=-1)
    after = [s for s in fresh if s.start > equals] if equals >= 0 else []
    if after:
        return _said(sentence, after[0])
    first = spots[0]
    leads = _LEAD.fullmatch(sentence[: first.start]) and not _OPERATOR.match(sentence, first.end)
    if leads and first in fresh and equals < 0:
        return _said(sentence, first)
    return _said(sentence, fresh[-1])


def _claims(sentence: str, find: Find) -> list[Spot]:
    return [s for s in find(sentence) if not _CONTRAST.search(sentence, 0, s.start)]


def _bare(sentence: str, find: Find) -> Claim | None:
    spots = find(sentence)
    if len(spots) != 1:
        return None
    spot = spots[0]
    alone = _EDGE.fullmatch(sentence[: spot.start]) and _EDGE.fullmatch(sentence[spot.end :])
    return _said(sentence, spot) if alone else None


def _is_enumeration(sentence: str, spots: Sequence[Spot]) -> bool:
    if len({s.value for s in spots}) < 2:
        return False
    opens, closes = sentence[: spots[0].start], sentence[spots[-1].end :]
    joints = (sentence[a.end : b.start] for a, b in pairwise(spots))
    return bool(_LEAD.fullmatch(opens) and _EDGE.fullmatch(closes)) and all(_JOINT.fullmatch(j) for j in joints)


def _said(sentence: str, spot: Spot) -> Claim:
    return Claim(sentence[spot.start : spot.end].strip(), spot.value)
