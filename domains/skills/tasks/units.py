"""A quantity in another unit, up or down, always with a whole result."""

from __future__ import annotations

from decimal import Decimal
from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from wunderkammer.domains.skills.lexicon import LANGUAGES, Language
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Number
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import adding, digits, size

Unit = Literal[
    "second",
    "minute",
    "hour",
    "day",
    "week",
    "year",
    "month",
    "millimetre",
    "centimetre",
    "metre",
    "kilometre",
    "inch",
    "foot",
    "gram",
    "kilogram",
    "millilitre",
    "litre",
]


def _pair(names: str) -> tuple[str, str]:
    one, many = names.split()
    return one, many


_SPELT: dict[Unit, str] = {
    "second": "second seconds, segundo segundos, seconde secondes, Sekunde Sekunden",
    "minute": "minute minutes, minuto minutos, minute minutes, Minute Minuten",
    "hour": "hour hours, hora horas, heure heures, Stunde Stunden",
    "day": "day days, día días, jour jours, Tag Tage",
    "week": "week weeks, semana semanas, semaine semaines, Woche Wochen",
    "year": "year years, año años, an ans, Jahr Jahre",
    "month": "month months, mes meses, mois mois, Monat Monate",
    "millimetre": "millimetre millimetres, milímetro milímetros, millimètre millimètres, Millimeter Millimeter",
    "centimetre": "centimetre centimetres, centímetro centímetros, centimètre centimètres, Zentimeter Zentimeter",
    "metre": "metre metres, metro metros, mètre mètres, Meter Meter",
    "kilometre": "kilometre kilometres, kilómetro kilómetros, kilomètre kilomètres, Kilometer Kilometer",
    "inch": "inch inches, pulgada pulgadas, pouce pouces, Zoll Zoll",
    "foot": "foot feet, pie pies, pied pieds, Fuß Fuß",
    "gram": "gram grams, gramo gramos, gramme grammes, Gramm Gramm",
    "kilogram": "kilogram kilograms, kilogramo kilogramos, kilogramme kilogrammes, Kilogramm Kilogramm",
    "millilitre": "millilitre millilitres, mililitro mililitros, millilitre millilitres, Milliliter Milliliter",
    "litre": "litre litres, litro litros, litre litres, Liter Liter",
}
"""One and many in English, Spanish, French and German."""
_NAMES: dict[Unit, dict[Language, tuple[str, str]]] = {
    unit: dict(zip(LANGUAGES, (_pair(names) for names in spelt.split(", ")), strict=True))
    for unit, spelt in _SPELT.items()
}
_SHORT: dict[Unit, tuple[str, ...]] = {
    "second": ("secs",),
    "minute": ("mins",),
    "hour": ("hrs",),
    "millimetre": ("mm", "millimeter", "millimeters"),
    "centimetre": ("cm", "centimeter", "centimeters"),
    "metre": ("m", "meter", "meters"),
    "gram": ("g",),
    "kilometre": ("km", "kilometer", "kilometers"),
    "kilogram": ("kg", "kilos"),
    "foot": ("ft",),
    "millilitre": ("ml", "milliliter", "milliliters"),
    "litre": ("l", "liter", "liters"),
}
_PAIRS: tuple[tuple[Unit, Unit, int], ...] = (
    ("minute", "second", 60),
    ("hour", "minute", 60),
    ("day", "hour", 24),
    ("week", "day", 7),
    ("year", "month", 12),
    ("centimetre", "millimetre", 10),
    ("metre", "centimetre", 100),
    ("kilometre", "metre", 1000),
    ("foot", "inch", 12),
    ("kilogram", "gram", 1000),
    ("litre", "millilitre", 1000),
    ("hour", "second", 3600),
    ("day", "minute", 1440),
    ("week", "hour", 168),
)
FACTORS: dict[tuple[Unit, Unit], int] = {(large, small): factor for large, small, factor in _PAIRS}


class UnitConversion(Problem):
    """`amount` of the large unit and `rest` of the small one, asked in the small unit, or back in the large one."""

    skill: Literal["unit conversion"] = "unit conversion"
    large: Unit
    small: Unit
    amount: int = Field(ge=1, le=9999)
    rest: int = Field(0, ge=0)
    up: bool = False
    """From small to large: the amount is the answer, and there is no rest."""

    @model_validator(mode="after")
    def _is_a_pair(self) -> Self:
        factor = FACTORS.get((self.large, self.small))
        if factor is None:
            raise ValueError(f"no conversion from {self.large} to {self.small}")
        if self.rest >= factor or (self.up and self.rest):
            raise ValueError("rest: less than one large unit, and none on the way up")
        return self

    @property
    def kind(self) -> str:
        return "up" if self.up else "down"

    @property
    def factor(self) -> int:
        """Small units in a large one."""
        return FACTORS[self.large, self.small]

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        large, small, factor = rng.choice(_PAIRS)
        amount = min(9999, rng.randrange(1, 1 + 10 ** size(rng.random(), 4, difficulty)))
        amount = 1 if difficulty < 0.1 and rng.random() < 0.7 else amount
        up = rng.random() < 0.35
        rest = rng.randrange(1, factor) if not up and difficulty > 0.3 and rng.random() < 0.5 else 0
        return cls(large=large, small=small, amount=amount, rest=rest, up=up)

    def near(self, rng: Random) -> Self:
        change: dict[str, object] = {}
        match rng.choice(("nudge", "grow", "shrink", "rest", "up", "pair")):
            case "nudge":
                change["amount"] = max(1, min(9999, self.amount + rng.choice((-2, -1, 1, 2))))
            case "grow":
                change["amount"] = min(9999, self.amount * 10 + rng.randrange(10))
            case "shrink":
                change["amount"] = max(1, self.amount // 10)
            case "rest" if not self.up:
                change["rest"] = 0 if self.rest else rng.randrange(1, self.factor)
            case "up":
                change |= {"up": not self.up, "rest": 0}
            case "pair":
                large, small, _ = rng.choice(_PAIRS)
                change |= {"large": large, "small": small, "rest": 0}
        return self.changed(**change)

    def work(self) -> float:
        if self.amount == 1 and not self.rest:
            return 2.0 if self.up else 1.0  # a fact to be known, not worked out
        significant = str(self.factor).rstrip("0")
        times = 1 if significant == "1" else 2 * len(significant)
        steps = 1 + times * digits(self.amount)
        if self.rest:
            steps += adding(self.amount * self.factor, self.rest)
        return 2 * steps if self.up else steps

    def phrasings(self, language: Language) -> tuple[str, ...]:
        given, wanted = self._given(language), _NAMES[self._wanted()][language][1]
        match language:
            case "en":
                return (
                    f"How many {wanted} are {'' if self.up else 'in '}{given}?",
                    f"How many {wanted} are there in {given}?",
                    f"Convert {given} to {wanted}.",
                    f"Express {given} in {wanted}.",
                )
            case "es":
                return (f"Convierte {given} a {wanted}.",)
            case "fr":
                return f"Convertis {given} en {wanted}.", f"Combien de {wanted} font {given} ?"
            case "de":
                return f"Wie viele {wanted} sind {given}?", f"Rechne {given} in {wanted} um."

    def terse(self) -> tuple[str, ...]:
        given, wanted = self._given("en"), _NAMES[self._wanted()]["en"][1]
        return f"{given} in {wanted}?", f"{given} = ? {wanted}", f"{given} to {wanted}"

    def answer(self) -> Number:
        return Number(Decimal(self.amount if self.up else self.amount * self.factor + self.rest))

    def entities(self) -> tuple[Entity, ...]:
        return tuple(Entity(u, (*_forms(u), *_SHORT.get(u, ()))) for u in (self.large, self.small))

    def senses(self) -> tuple[str, ...]:
        return ()

    def _wanted(self) -> Unit:
        return self.large if self.up else self.small

    def _given(self, language: Language) -> str:
        if self.up:
            return _count(self.amount * self.factor, self.small, language)
        given = _count(self.amount, self.large, language)
        link = {"en": "and", "es": "y", "fr": "et", "de": "und"}[language]
        return f"{given} {link} {_count(self.rest, self.small, language)}" if self.rest else given


def _count(n: int, unit: Unit, language: Language) -> str:
    return f"{n} {_NAMES[unit][language][n != 1]}"


def _forms(unit: Unit) -> tuple[str, ...]:
    return tuple(dict.fromkeys(form for pair in _NAMES[unit].values() for form in pair))
