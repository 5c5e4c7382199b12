"""The question among remarks whose numbers do not matter."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from random import Random

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.manners.manner import Manner
from wunderkammer.domains.skills.problem import Problem
from wunderkammer.domains.skills.replies.numbers import numerals
from wunderkammer.domains.skills.statement import fold

_REMARKS = (
    *("My neighbour lives in flat {}.", "The radio station is on {}.", "A ticket costs {} crowns here."),
    *("Our team won {} games last season.", "The password of the printer has {} characters in it."),
    *("The old road is number {} on the plan.", "My cousin collects stamps and owns {} of them."),
    *("The lift stops at floor {} only.", "The recipe is on page {}.", "Bus {} is late again."),
    *("My locker is number {}.", "The museum shows {} paintings.", "Somebody parked in bay {}."),
    *("There were {} people in the queue.", "The painter used {} brushes.", "The choir sings {} songs tonight."),
)


class Distractors(Manner):
    """Among remarks that do not matter."""

    name = "distractors"
    about = "word for word, but with one or two irrelevant sentences around it that mention other numbers"
    distracts = True

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        """Two to four remarks, at least one of them before the question; none mentions the answer's number."""
        core = rng.choice(problem.phrasings("en"))
        fitting = [r for r in _REMARKS if not problem.statement.own.marks(fold(r.format("")))]
        remarks = [r.format(_number(rng, problem)) for r in rng.sample(fitting, min(len(fitting), rng.randrange(2, 5)))]
        cut = rng.randrange(1, len(remarks) + 1)
        return " ".join((*remarks[:cut], core, *remarks[cut:]))

    def shows(self, text: str, problem: Problem) -> bool:
        """More numbers than any phrasing of the question has."""
        return len(numerals(text)) > max(len(numerals(p)) for p in problem.phrasings("en"))


def _number(rng: Random, problem: Problem) -> int:
    """A number that is neither in the question nor its answer."""
    taken = {s.value for s in numerals(problem.question())}
    while True:
        number = rng.randrange(2, 10 ** rng.randrange(1, 4))
        if Decimal(number) not in taken and not problem.answer().count(str(number)):
            return number
