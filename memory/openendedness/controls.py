"""Control systems: makers of artifacts of which it is known whether they are open-ended. Observers are tested on them.

Each makes the same artifacts from the same seed. `SUITE` says what is right of which stretch of each; where theory
leaves two answers, both stand there, and open-ended never beside another.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random
from typing import Final

from wunderkammer.core.ids import rng_for
from wunderkammer.memory.openendedness.verdict import Label

LENGTH = 512
"""Artifacts of a stretch, where nothing else is said; a system of which half is judged makes twice as many."""

Maker = Callable[[Random, int], list[str]]


@dataclass(frozen=True)
class Control:
    """A stretch of a control system, and what is right of it."""

    name: str
    make: Maker
    right: frozenset[Label]
    start: float = 0.0
    end: float = 1.0
    """The stretch as shares of the whole; the observer knows what came before it."""
    why: str = ""

    def texts(self, seed: int, length: int = LENGTH) -> list[str]:
        """The whole system's artifacts, of which the stretch is `length`."""
        return self.make(rng_for("control", self.make.__name__, seed), round(length / (self.end - self.start)))

    def stretch(self, n: int) -> tuple[int, int]:
        """First artifact, and one past the last."""
        return round(self.start * n), round(self.end * n)


# ---- words -----------------------------------------------------------------------------------------------------------

_ONSETS: Final = "b d f g k l m n p r s t v z br dr fl gr kl pl st tr".split()  # noqa: SIM905
_VOWELS: Final = ["a", "e", "i", "o", "u", "ai", "au", "ei", "ou"]


def _word(rng: Random) -> str:
    return "".join(rng.choice(_ONSETS) + rng.choice(_VOWELS) for _ in range(rng.choice((2, 2, 3))))


def _words(rng: Random, count: int) -> list[str]:
    """So many different words."""
    found: dict[str, None] = {}
    while len(found) < count:
        found[_word(rng)] = None
    return list(found)


# ---- systems ---------------------------------------------------------------------------------------------------------


def noise(rng: Random, n: int) -> list[str]:
    """Letters drawn alike: a screen of static."""
    letters = "abcdefghijklmnopqrstuvwxyz0123456789"
    return ["".join(rng.choices(letters, k=80)) for _ in range(n)]


def constant(rng: Random, n: int) -> list[str]:
    """One sentence for ever."""
    return [" ".join(_words(rng, 12))] * n


def cycle(rng: Random, n: int) -> list[str]:
    """Five sentences in turn."""
    sentences = [" ".join(_words(rng, 12)) for _ in range(5)]
    return [sentences[i % 5] for i in range(n)]


def grammar(rng: Random, n: int) -> list[str]:
    """Sentences of one fixed grammar: six frames with three places, each filled by one of six words."""
    frames = [_words(rng, 9) for _ in range(6)]
    fillings = [_words(rng, 6) for _ in range(3)]
    return [_filled(rng, rng.choice(frames), fillings) for _ in range(n)]


def _filled(rng: Random, frame: list[str], fillings: list[list[str]]) -> str:
    parts = [frame[0:3], frame[3:6], frame[6:9]]
    return " ".join(word for part, words in zip(parts, fillings, strict=True) for word in (*part, rng.choice(words)))


def walk(rng: Random, n: int) -> list[str]:
    """A text of eighty words of which now and then one becomes another that was never there: a random walk."""
    words = _words(rng, 80)
    found = []
    for _ in range(n):
        found.append(" ".join(words))
        if rng.random() < 0.2:
            words[rng.randrange(80)] = _word(rng)
    return found


_PLACES: Final = (
    "units", "tens", "hundreds", "thousands", "myriads", "lakhs", "millions", "crores", "hundred millions",
    "billions", "ten billions", "hundred billions", "trillions",
)  # fmt: skip


def addition(rng: Random, n: int) -> list[str]:
    """Sums worked out column by column, whose numbers grow from one digit to thirteen."""
    return [_sum(rng, 1 + len(_PLACES) * i // n) for i in range(n)]


def _sum(rng: Random, digits: int) -> str:
    carry, said = 0, []
    for place in _PLACES[:digits]:
        a, b = rng.randrange(10), rng.randrange(10)
        found = a + b + carry
        said.append(f"{place} {a} + {b} + {carry} = {found}")
        carry = found // 10
    return ", ".join(said)


def widening(rng: Random, n: int) -> list[str]:
    """Sentences of a grammar that grows: words and frames are added all the while, and old ones stay in use."""
    return _widening(rng, n, n)


def stalling(rng: Random, n: int) -> list[str]:
    """A grammar that grows until half way, and then stays as it is."""
    return _widening(rng, n, n // 2)


def _widening(rng: Random, n: int, until: int) -> list[str]:
    words, frames = _words(rng, 12 + n // 4), [_words(rng, 4) for _ in range(2 + n // 32)]
    found = []
    for i in range(n):
        grown = min(i, until)
        known, shapes = words[: 12 + grown // 4], frames[: 2 + grown // 32]
        frame = rng.choice(shapes)
        found.append(" ".join(word for part in frame for word in (part, *rng.choices(known, k=4))))
    return found


def shuffled_widening(rng: Random, n: int) -> list[str]:
    """The growing grammar's sentences without their order."""
    return _shuffled(rng, widening(rng, n))


def shuffled_addition(rng: Random, n: int) -> list[str]:
    """The growing sums without their order."""
    return _shuffled(rng, addition(rng, n))


def _shuffled(rng: Random, texts: list[str]) -> list[str]:
    rng.shuffle(texts)
    return texts


def copier(rng: Random, n: int) -> list[str]:
    """Says six things again and again, each word by one of two that mean the same, clauses in either order."""
    sources = [[_words(rng, 7), _words(rng, 7)] for _ in range(6)]
    other = {word: _word(rng) for clauses in sources for clause in clauses for word in clause}
    return [_paraphrase(rng, rng.choice(sources), other) for _ in range(n)]


def _paraphrase(rng: Random, clauses: list[list[str]], other: Mapping[str, str]) -> str:
    order = clauses if rng.random() < 0.5 else clauses[::-1]
    return ", ".join(" ".join(other[w] if rng.random() < 0.3 else w for w in clause) for clause in order)


# ---- the suite -------------------------------------------------------------------------------------------------------

OPEN: Final[frozenset[Label]] = frozenset({"open-ended"})
LEARNABLE: Final[frozenset[Label]] = frozenset({"learnable only"})
SPENT: Final[frozenset[Label]] = frozenset({"neither", "learnable only"})
NEVER_LEARNT: Final[frozenset[Label]] = frozenset({"neither", "novel only"})

SUITE: Final[tuple[Control, ...]] = (
    Control("noise", noise, NEVER_LEARNT, why="each is as unlike the others as any: nothing to be learnt"),
    Control("constant", constant, LEARNABLE, why="known once it was seen"),
    Control("cycle", cycle, LEARNABLE, why="known once it came round"),
    Control("grammar, early", grammar, LEARNABLE, 0.0, 0.5, why="its words are learnt, and no new ones come"),
    Control("grammar, late", grammar, SPENT, 0.5, 1.0, why="all that can be learnt of it was"),
    Control("walk", walk, OPEN, why="it leaves every place for good, and is never far from where it was last"),
    Control("addition", addition, OPEN, why="numbers become longer, and are made of what shorter ones are"),
    Control("widening grammar", widening, OPEN, why="new words come all the while, and are used again"),
    Control("shuffled addition", shuffled_addition, SPENT, why="the same sums in no order: later is not newer"),
    Control("shuffled widening", shuffled_widening, SPENT, why="the same sentences in no order: later is not newer"),
    Control("stalling, growing", stalling, OPEN, 0.0, 0.5, why="as the growing grammar, until it stops"),
    Control("stalling, stalled", stalling, SPENT, 0.5, 1.0, why="no word comes that was not there before"),
    Control("copier", copier, LEARNABLE, why="six things said in other words: no seventh comes"),
)
