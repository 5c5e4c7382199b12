"""Weekdays, months and calendar days a while before or after others, and the days between two of them."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from random import Random
from typing import Literal, Self

from pydantic import Field, model_validator

from wunderkammer.domains.skills.lexicon import MONTHS, WEEKDAYS, Language, named
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies import Answer, Choice, Day, Number
from wunderkammer.domains.skills.statement import Entity
from wunderkammer.domains.skills.tasks.columns import digits

Kind = Literal["weekday", "month", "date", "span"]
_KINDS: tuple[Kind, ...] = ("weekday", "month", "date", "span")
_MONDAY = date(2024, 1, 1)
_UNITS = (
    Entity("day", ("day", "days", "día", "días", "jour", "jours", "Tag", "Tage")),
    Entity("month", ("month", "months", "mes", "meses", "mois", "Monat", "Monate")),
)
_WEEKDAYS = tuple(Entity(names[0], names) for names in (named(WEEKDAYS, n) for n in range(7)))
_MONTHS = tuple(Entity(names[0], names) for names in (named(MONTHS, n) for n in range(12)))


class Dates(Problem):
    """`shift` days, or months for the kind `month`, from `start`; of a span both ends are named."""

    skill: Literal["dates"] = "dates"
    sort: Kind
    start: date
    """Of a weekday only its name is asked about: it lies in the first week of 2024. Of a month, its first day."""
    shift: int = Field(ge=1, le=999)
    back: bool = False

    @model_validator(mode="after")
    def _start_is_the_plain_one(self) -> Self:
        if self.start != _plain(self.sort, self.start) or not 1901 <= self.start.year <= 2199:
            raise ValueError("start: a weekday in the week of 2024-01-01, a month's first day in 2024, or 1901 to 2199")
        if self.sort == "span" and self.back:
            raise ValueError("a span runs forward")
        return self

    @property
    def kind(self) -> str:
        return self.sort

    @classmethod
    def guess(cls, rng: Random, difficulty: float) -> Self:
        sort = rng.choice(_KINDS if difficulty > 0.25 else _KINDS[:2])
        start = _plain(sort, date(1990, 1, 1) + timedelta(days=rng.randrange(16_000)))
        shift = max(1, round(2 ** (rng.random() * (0.5 + 9.4 * difficulty))))
        return cls(sort=sort, start=start, shift=shift, back=sort != "span" and rng.random() < 0.4)

    def near(self, rng: Random) -> Self:
        change: dict[str, object] = {}
        match rng.choice(("nudge", "nudge", "double", "halve", "start", "back")):
            case "nudge":
                change["shift"] = min(999, max(1, self.shift + rng.choice((-2, -1, 1, 2))))
            case "double":
                change["shift"] = min(999, self.shift * 2)
            case "halve":
                change["shift"] = max(1, self.shift // 2)
            case "start":
                change["start"] = _plain(self.sort, self.start + timedelta(days=rng.randrange(1, 60)))
            case "back" if self.sort != "span":
                change["back"] = not self.back
        return self.changed(**change)

    def work(self) -> float:
        backwards = int(self.back)
        if self.sort in ("weekday", "month"):
            cycle = 7 if self.sort == "weekday" else 12
            return backwards + (self.shift if self.shift <= cycle else cycle + 3 * digits(self.shift))
        end = self._end()
        crossed = abs((end.year - self.start.year) * 12 + end.month - self.start.month)
        return 2 + backwards + digits(self.shift) + 3 * min(crossed, 24) + 2 * abs(end.year - self.start.year)

    def phrasings(self, language: Language) -> tuple[str, ...]:
        start, unit = self._name(self.start, language), _unit(self.sort, self.shift, language)
        n, back, weekday = f"{self.shift} {unit}", self.back, self.sort == "weekday"
        if self.sort == "span":
            end = self._name(self._end(), language)
            return {
                "en": (f"How many days are there from {start} to {end}?", f"Count the days between {start} and {end}."),
                "es": (f"¿Cuántos días hay desde {start} hasta {end}?",),
                "fr": (f"Combien de jours y a-t-il du {start} au {end} ?",),
                "de": (f"Wie viele Tage sind es vom {start} bis zum {end}?",),
            }[language]
        match language:
            case "en":
                way = "before" if back else "after"
                if self.sort == "date":
                    return f"What date is {n} {way} {start}?", f"Which date comes {n} {way} {start}?"
                what = "day of the week" if weekday else "month"
                return f"Which {what} comes {n} {way} {start}?", f"Name the {what} that is {n} {way} {start}."
            case "es":
                what = "fecha" if self.sort == "date" else "día de la semana" if weekday else "mes"
                link = "del" if weekday or self.sort == "date" else "de"
                return (f"¿Qué {what} es {n} {'antes' if back else 'después'} {link} {start}?",)
            case "fr":
                what = "Quelle date" if self.sort == "date" else "Quel jour de la semaine" if weekday else "Quel mois"
                link = "le " if self.sort == "date" else ""
                return (f"{what} vient {n} {'avant' if back else 'après'} {link}{start} ?",)
            case "de":
                what = "Welches Datum" if self.sort == "date" else "Welcher Wochentag" if weekday else "Welcher Monat"
                return (f"{what} ist {n} {'vor' if back else 'nach'} {'dem ' if self.sort == 'date' else ''}{start}?",)

    def terse(self) -> tuple[str, ...]:
        start, unit = self._name(self.start, "en"), _unit(self.sort, self.shift, "en")
        if self.sort == "span":
            return (f"Days from {start} to {self._name(self._end(), 'en')}?",)
        way = "before" if self.back else "after"
        return f"{self.shift} {unit} {way} {start}?", f"{self.shift} {unit} {way} {start} ="

    def answer(self) -> Answer:
        end = self._end()
        match self.sort:
            case "weekday":
                return Choice(WEEKDAYS["en"][end.weekday()], tuple(named(WEEKDAYS, n) for n in range(7)))
            case "month":
                return Choice(MONTHS["en"][end.month - 1], tuple(named(MONTHS, n) for n in range(12)))
            case "date":
                return Day(end)
            case "span":
                return Number(Decimal(self.shift))

    def entities(self) -> tuple[Entity, ...]:
        match self.sort:
            case "weekday":
                return (*_WEEKDAYS, _UNITS[0])
            case "month":
                return (*_MONTHS, _UNITS[1])
            case _:
                return (*_MONTHS, _UNITS[0])

    def senses(self) -> tuple[str, ...]:
        return ("between",) if self.sort == "span" else ("before" if self.back else "after",)

    def _end(self) -> date:
        way = -self.shift if self.back else self.shift
        if self.sort == "month":
            months = self.start.year * 12 + self.start.month - 1 + way
            return date(months // 12, months % 12 + 1, 1)
        return self.start + timedelta(days=way)

    def _name(self, day: date, language: Language) -> str:
        if self.sort == "weekday":
            return WEEKDAYS[language][day.weekday()]
        month = MONTHS[language][day.month - 1]
        if self.sort == "month":
            return month
        of = {"en": " ", "es": " de ", "fr": " ", "de": " "}[language]
        return f"{day.day}{'.' if language == 'de' else ''}{of}{month}{of}{day.year}"


def _plain(sort: Kind, day: date) -> date:
    """The one day that stands for all that the question does not tell apart."""
    if sort == "weekday":
        return _MONDAY + timedelta(days=day.weekday())
    return date(2024, day.month, 1) if sort == "month" else day


def _unit(sort: Kind, count: int, language: Language) -> str:
    single, plural = {
        "en": (("day", "days"), ("month", "months")),
        "es": (("día", "días"), ("mes", "meses")),
        "fr": (("jour", "jours"), ("mois", "mois")),
        "de": (("Tag", "Tage"), ("Monat", "Monate")),
    }[language][sort == "month"]
    return single if count == 1 else plural
