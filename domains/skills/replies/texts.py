"""A word that is made, not chosen: the result of editing letters."""

from __future__ import annotations

import re
from dataclasses import dataclass

from wunderkammer.domains.skills.lexicon import spaced
from wunderkammer.domains.skills.replies.answer import Reading
from wunderkammer.domains.skills.replies.commitment import clean, passages

_QUOTED = re.compile(r"[\"']([^\"'\s]{1,60})[\"'](?!\w)")
_WORD = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_SPELT = re.compile(r"(?<!\w)[^\W\d_](?:(?:\s*[-,.]\s*|\s)[^\W\d_]){2,}(?!\w)")
_CLOSED = re.compile(r"\s*(?:[.,;:!?()\[\]\"'—–-]|$)")
_SENTENCE = re.compile(r"(?<=[.!?;])\s+|\s*\n+\s*")
_EDGE = re.compile(r"[\W_]*")
_MANNERS = frozenset({"yes", "sure", "okay", "well", "certainly"})
_FILLER = frozenset(
    spaced(
        "a an and are as be becomes becoming been but by can final get gets gives have here i in is it "
        "its leaves letter letters new now of on one result resulting results so string that the then "
        "there therefore this to turns we will with word words would written you your el la es una un "
        "palabra letra le mot lettre est das wort ist der die after answer backwards capital correct "
        "equals following left reversed yields obtain obtained makes"
    )
)


@dataclass(frozen=True)
class Text:
    """A word without spaces. A reply that spells it out (t-a-c) is read as the word."""

    value: str
    cased: bool = False
    """Whether capital letters are part of the answer."""

    @property
    def text(self) -> str:
        return self.value

    def read(self, reply: str, question: str) -> Reading:
        asked = frozenset(w.lower() for w in _WORD.findall(question))
        for passage in (*passages(reply), *reversed([s for s in _SENTENCE.split(clean(reply)) if s.strip()])):
            said = self._final(_spelt_together(passage), asked)
            if said is not None:
                return Reading(said, self._same(said))
        return Reading(None, False)

    def count(self, text: str) -> int:
        """A single letter is mentioned in quotes only: else every article would be one."""
        return sum(self._same(w) for w in (_QUOTED if len(self.value) == 1 else _WORD).findall(text))

    def _same(self, word: str) -> bool:
        return word == self.value if self.cased else word.lower() == self.value.lower()

    def _final(self, passage: str, asked: frozenset[str]) -> str | None:
        """A lone or leading word; else the last quoted one; else the last that the question did not contain."""
        words: list[str] = _WORD.findall(passage)
        leading = _leading(passage)
        if leading and (len(words) == 1 or leading.lower() not in asked):
            return leading
        quoted: list[str] = [q for q in _QUOTED.findall(passage) if _WORD.fullmatch(q)]
        if quoted:
            return next((q for q in reversed(quoted) if q.lower() not in asked), quoted[-1])
        telling = [w for w in words[:-1] if w.lower() not in _FILLER]
        telling += [w for w in words[-1:] if w.lower() not in _FILLER or len(w) == 1]
        fresh = [w for w in telling if w.lower() not in asked or (self.cased and w.isupper())]
        final = fresh or telling or words
        return final[-1] if final else None


def _leading(passage: str) -> str | None:
    """The first word, where punctuation follows it."""
    first = _WORD.match(passage, _EDGE.match(passage).end())  # type: ignore[union-attr]
    if first is None or (first.group().lower() in _FILLER | _MANNERS and len(first.group()) > 1):
        return None
    return first.group() if _CLOSED.match(passage, first.end()) else None


def _spelt_together(passage: str) -> str:
    return _SPELT.sub(lambda m: "".join(_WORD.findall(m.group())), passage)
