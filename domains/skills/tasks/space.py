"""Turns on the spot, walks on a number line and walks on a grid."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from wunderkammer.core.contract import Frozen
from wunderkammer.domains.skills.lexicon import COMPASS, Language, named
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Answer, Choice, Number
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import adding, size

Ground = Literal["turns", "line", "grid"]
Way = Literal["right", "left", "around", "forward", "back", "north", "east", "south", "west"]
_WAYS: dict[Ground, tuple[Way, ...]] = {
    "turns": ("right", "left", "around"),
    "line": ("forward", "back"),
    "grid": ("north", "east", "south", "west"),
}
_GROUNDS: tuple[Ground, ...] = ("turns", "line", "grid")
_QUARTERS: dict[Way, int] = {"right": 1, "around": 2, "left": 3}
_SAID: dict[Way, dict[Language, str]] = {
    "right": {
        "en": "turn right",
        "es": "giras a la derecha",
        "fr": "tu tournes à droite",
        "de": "drehst dich nach rechts",
    },
    "left": {
        "en": "turn left",
        "es": "giras a la izquierda",
        "fr": "tu tournes à gauche",
        "de": "drehst dich nach links",
    },
    "around": {"en": "turn around", "es": "das media vuelta", "fr": "tu fais demi-tour", "de": "drehst dich um"},
    "forward": {"en": "forward", "es": "hacia adelante", "fr": "en avant", "de": "vorwärts"},
    "back": {"en": "back", "es": "hacia atrás", "fr": "en arrière", "de": "rückwärts"},
}
_FORMS: dict[Way, tuple[str, ...]] = {
    "right": ("right", "derecha", "droite", "rechts"),
    "left": ("left", "izquierda", "gauche", "links"),
    "around": ("turn around", "turned around", "media vuelta", "demi-tour", "dich um"),
    "forward": ("forward", "forwards", "adelante", "avant", "vorwärts"),
    "back": ("back", "backward", "backwards", "atrás", "arrière", "rückwärts"),
}
_COMPASS = tuple(named(COMPASS, n) for n in range(4))


class Move(Frozen):
    """A turn, or so many steps in a direction."""

    way: Way
    steps: int = Field(0, ge=0, le=9999)


class SpatialSteps(Problem):
    """Moves from a start; where, or facing which way, one ends."""

    skill: Literal["spatial steps"] = "spatial steps"
    ground: Ground
    start: int = Field(0, ge=0, le=999)
    """Number on the line; quarter turns from north of the first look (turns); 0 on the grid."""
    moves: tuple[Move, ...] = Field(min_length=1, max_length=12)
    axis: Annotated[int, Field(ge=0, le=1)] = 0
    """Grid: whether north and south (0) or east and west (1) are asked about."""

    @model_validator(mode="after")
    def _moves_suit_the_ground(self) -> Self:
        allowed = _WAYS[self.ground]
        if any(m.way not in allowed or (m.steps > 0) == (self.ground == "turns") for m in self.moves):
            raise ValueError(f"moves on {self.ground}: {', '.join(allowed)}, with steps unless they are turns")
        if self.start > {"turns": 3, "line": 999, "grid": 0}[self.ground] or (self.axis and self.ground != "grid"):
            raise ValueError("start: 0 to 3 for turns, 0 on the grid; axis: on the grid only")
        return self

    @property
    def kind(self) -> str:
        return self.ground

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        ground = rng.choice(_GROUNDS)
        count = size(rng.random(), 12, difficulty)
        start = {"turns": rng.randrange(4), "line": rng.randrange(10 ** size(rng.random(), 2, difficulty)), "grid": 0}
        moves = tuple(_move(rng, ground, size(rng.random(), 3, difficulty)) for _ in range(count))
        axis = int(rng.choice(moves).way in ("east", "west"))
        return cls(ground=ground, start=start[ground], moves=moves, axis=axis)

    def near(self, rng: Random) -> Self:
        moves, change = list(self.moves), dict[str, object]()
        at = rng.randrange(len(moves))
        match rng.choice(("more", "fewer", "other", "start", "axis")):
            case "more" if len(moves) < 12:
                moves.append(_move(rng, self.ground, 1))
            case "fewer" if len(moves) > 1:
                del moves[at]
            case "start" if self.ground == "turns":
                change["start"] = rng.randrange(4)
            case "start" if self.ground == "line":
                change["start"] = max(0, min(999, self.start + rng.choice((-3, -1, 1, 3))))
            case "axis" if self.ground == "grid":
                change["axis"] = 1 - self.axis
            case _:
                moves[at] = _move(rng, self.ground, len(str(moves[at].steps)))
        return self.changed(**change, moves=tuple(moves))

    def work(self) -> float:
        """A step per turn, the columns of each sum on the way; on the grid also a look at every move."""
        if self.ground == "turns":
            return len(self.moves)
        here, steps = self.start, 0
        for by in self._shifts():
            if by:
                steps += adding(here, by) if here or self.ground == "line" else 1
                here += by
        looks = len(self.moves) - 1 if self.ground == "grid" else 0
        return max(1, steps + looks + (here < 0))

    def phrasings(self, language: Language) -> tuple[str, ...]:
        then = {"en": ", then ", "es": ", luego ", "fr": ", puis ", "de": ", dann "}[language]
        if self.ground == "turns":
            face = COMPASS[language][self.start]
            moves = then.join(_SAID[m.way][language] for m in self.moves)
            return {
                "en": (f"You face {face}. You {moves}. Which direction do you face now?",),
                "es": (f"Miras al {face}. Ahora {moves}. ¿En qué dirección miras?",),
                "fr": (f"Tu regardes vers le {face}. Ensuite {moves}. Dans quelle direction regardes-tu ?",),
                "de": (f"Du blickst nach {face}. Du {moves}. In welche Richtung blickst du jetzt?",),
            }[language]
        moves = then.join(f"{m.steps} {_steps(m.steps, language)} {self._toward(m.way, language)}" for m in self.moves)
        if self.ground == "line":
            return {
                "en": (f"You stand at {self.start} on a number line. You walk {moves}. At which number are you now?",),
                "es": (
                    f"Estás en el {self.start} de una recta numérica. Caminas {moves}. ¿En qué número estás ahora?",
                ),
                "fr": (f"Tu es au nombre {self.start} sur une droite. Tu fais {moves}. Sur quel nombre es-tu ?",),
                "de": (f"Du stehst auf der Zahl {self.start}. Du gehst {moves}. Auf welcher Zahl stehst du jetzt?",),
            }[language]
        asked = COMPASS[language][self._asked()]
        return {
            "en": (f"You walk {moves}. How many steps {asked} of your starting point are you?",),
            "es": (f"Caminas {moves}. ¿A cuántos pasos al {asked} de tu punto de partida estás?",),
            "fr": (f"Tu fais {moves}. À combien de pas au {asked} de ton point de départ es-tu ?",),
            "de": (f"Du gehst {moves}. Wie viele Schritte im {asked} deines Startpunkts bist du?",),
        }[language]

    def terse(self) -> tuple[str, ...]:
        if self.ground == "turns":
            turns = ", ".join(_SAID[m.way]["en"] for m in self.moves)
            return (f"Face {COMPASS['en'][self.start]}, {turns}. Direction?",)
        moves = ", ".join(f"{m.steps} {self._toward(m.way, 'en')}" for m in self.moves)
        if self.ground == "line":
            return (f"At {self.start}, walk {moves}. Number?",)
        return (f"Walk {moves}. Steps {COMPASS['en'][self._asked()]} of start?",)

    def answer(self) -> Answer:
        if self.ground == "turns":
            final = (self.start + sum(_QUARTERS[m.way] for m in self.moves)) % 4
            return Choice(COMPASS["en"][final], _COMPASS)
        here = self.start + sum(self._shifts())
        return Number(Decimal(here if self.ground == "line" else abs(here)))

    def entities(self) -> tuple[Entity, ...]:
        compass = tuple(Entity(names[0], names) for names in _COMPASS)
        ways = tuple(Entity(way, forms) for way, forms in _FORMS.items() if way in _WAYS[self.ground])
        return ways if self.ground == "line" else (*compass, *ways)

    def senses(self) -> tuple[str, ...]:
        return ({"turns": "face", "line": "where", "grid": "steps"}[self.ground],)

    def _shifts(self) -> list[int]:
        """Signed steps along the line, or along the axis that is asked about."""
        plus, minus = (
            ("forward", "back") if self.ground == "line" else (("north", "south"), ("east", "west"))[self.axis]
        )
        return [m.steps if m.way == plus else -m.steps if m.way == minus else 0 for m in self.moves]

    def _asked(self) -> int:
        """The compass direction in which the end lies from the start, as the grid's question names it."""
        return self.axis if sum(self._shifts()) >= 0 else self.axis + 2

    def _toward(self, way: Way, language: Language) -> str:
        if self.ground == "line":
            return _SAID[way][language]
        to = {"en": "", "es": "al ", "fr": "vers le ", "de": "nach "}[language]
        return to + COMPASS[language][COMPASS["en"].index(way)]


def _move(rng: Random, ground: Ground, width: int) -> Move:
    way = rng.choice(_WAYS[ground])
    return Move(way=way, steps=0 if ground == "turns" else rng.randrange(1, 10**width))


def _steps(count: int, language: Language) -> str:
    names = {"en": ("step", "steps"), "es": ("paso", "pasos"), "fr": ("pas", "pas"), "de": ("Schritt", "Schritte")}
    return names[language][count != 1]
