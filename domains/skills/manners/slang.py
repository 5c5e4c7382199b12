"""Casual talk."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import Language, spaced
from wunderkammer.domains.skills.manners.manner import Manner, framed
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.statement import fold, tokens

_BEFORE = (
    *("yo,", "yo dude,", "ayy fam,", "bruh,", "aight so", "lemme ask ya:", "hey bro,", "sup, quick q:", "lol ok,"),
    *("k so like,", "homie,", "ngl i'm stuck:", "my dude,", "oi mate,", "here's what i wanna know:"),
)
_AFTER = (
    *("for real", "hit me up", "thx fam", "cmon dude", "u got this bro", "lemme know asap", "dunno lol", "pls n thx"),
    *("fr fr", "spill it homie", "gimme the deets", "cheers mate", "haha", "idk tbh"),
)
_TABLE: tuple[tuple[str, tuple[str, ...]], ...] = (
    (r"\bWhat is\b", ("what's", "wut's", "whatz")),
    (r"\bHow much is\b", ("how much izzit for", "what do ya get for")),
    (r"\bHow many\b", ("how many freakin'", "gimme how many", "how many")),
    (r"\bWhich\b", ("which", "what")),
    (r"\bCalculate\b", ("crunch", "figure out")),
    (r"\bWork out\b", ("crunch", "sort me")),
    (r"\bare there\b", ("we got", "ya got")),
    (r"\bWho is\b", ("who's", "whoz")),
    (r"\bConvert\b", ("flip", "convert")),
    (r"\bYou\b", ("ya", "u", "You")),
    (r"\byou\b", ("ya", "u")),
    (r"\bthese\b", ("these", "dem")),
    (r"\bthe\b(?! letter)", ("the", "da")),
    (r"\bAnswer\b", ("just say", "holla")),
)
_WORDS = frozenset(
    spaced(
        "yo dude ayy fam bruh aight lemme ya bro sup lol k homie ngl oi mate wanna cap thx cmon u asap "
        "dunno pls fr gimme deets haha idk tbh wut's whatz izzit freakin crunch whoz dem da holla gonna "
        "gotta kinda ain't y'all buddy wassup innit nah yeah yep dat dis bout cuz omg btw dawg peeps "
        "legit lowkey highkey chill vibe deadass bet cool hey hit stuck real"
    )
)


class Slang(Manner):
    """Casual talk between friends."""

    name = "slang"
    about = "in casual street slang, the way friends text each other"

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        """An opening or a closing or both around the question, with words out of a slang table."""
        shape = rng.randrange(3)
        before, after = (("",) if shape == 1 else _BEFORE), (("",) if shape == 0 else _AFTER)
        text = framed(problem, rng, ("",), ("",))
        for pattern, choices in _TABLE:
            if rng.random() < 0.7:
                text = re.sub(pattern, rng.choice(choices), text)
        if rng.random() < 0.6:
            text = text[:1].lower() + text[1:]
        return " ".join(part for part in (rng.choice(before), text, rng.choice(after)) if part)

    def shows(self, text: str, problem: Problem) -> bool:
        """A word of slang that the plain question does not have."""
        return any(w in _WORDS for w in set(tokens(fold(text))) - problem.statement.tokens)
