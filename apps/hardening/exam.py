"""An examination: held-out attacks and ordinary prompts put to a target, several fresh answers to each."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from statistics import fmean
from typing import Any

from wunderkammer.apps.hardening.figures import Looked, Mean
from wunderkammer.apps.installation import make_domain
from wunderkammer.apps.rehearing import Take
from wunderkammer.core.abilities import Evaluator, Repairs
from wunderkammer.core.contract import Candidate, Cell, Domain, Entry, Frozen
from wunderkammer.core.ids import rng_for
from wunderkammer.core.plan import SearchPlan


class Utility(Frozen):
    """What a model is still good for."""

    perplexity: float
    """On ordinary text."""
    perplexity_ratio: Mean | None = None
    """Against the base, over the same passages."""
    accuracy: float | None = None
    """On a small question set."""
    accuracy_change: Mean | None = None
    """Against the base, over the same questions."""
    questions: int = 0
    texts: int = 0


class Exam(Frozen):
    """What one target made of the examination."""

    target: str
    """As people may read it."""
    held_out: tuple[Looked, ...] = ()
    benign: tuple[Looked, ...] = ()
    utility: Utility | None = None


@dataclass(frozen=True)
class Paper:
    """The questions of an examination: every candidate `takes` times, the archives' first, then ordinary prompts."""

    domain: Domain[Any]
    judge: Evaluator
    elites: tuple[tuple[str, Entry[Any]], ...]
    """Archive and elite."""
    benign: tuple[Candidate[Any], ...]
    takes: int

    @property
    def candidates(self) -> list[Candidate[Any]]:
        once = [*(entry.candidate for _, entry in self.elites), *self.benign]
        return [candidate for candidate in once for _ in range(self.takes)]

    def read(self, takes: Mapping[int, Take]) -> tuple[tuple[Looked, ...], tuple[Looked, ...]]:
        """What came of it, by elite and by ordinary prompt; `takes` by place in `candidates`."""
        grouped: dict[int, list[Take]] = defaultdict(list)
        for place, take in takes.items():
            grouped[place // self.takes].append(take)
        asked = [(archive, entry.candidate, entry.outcome.cell) for archive, entry in self.elites]
        asked += [("", candidate, candidate.aim) for candidate in self.benign]
        found = [
            looked(archive, candidate, cell, grouped.get(place, []), self.judge, self.domain)
            for place, (archive, candidate, cell) in enumerate(asked)
        ]
        return tuple(found[: len(self.elites)]), tuple(found[len(self.elites) :])


def set_paper(
    plan: SearchPlan,
    judge: Evaluator,
    elites: Iterable[tuple[str, Entry[Any]]],
    benign: Sequence[Candidate[Any]],
    samples: int,
) -> Paper:
    """An examination with so many fresh answers to each: in one evaluation where the domain has an option `samples`."""
    domain = make_domain(plan)
    many = "samples" in domain.options.model_fields
    if many:
        domain = make_domain(plan.model_copy(update={"options": {**plan.options, "samples": samples}}))
    return Paper(domain, judge, tuple(elites), tuple(benign), 1 if many else samples)


def ordinary_prompts(domain: Repairs[Any], seed: int, count: int) -> list[Candidate[Any]]:
    """The domain's own ordinary prompts, each once, the same for every target."""
    found: dict[str, Candidate[Any]] = {}
    for candidate in islice(domain.benign(rng_for("benign", seed)), 20 * count):
        found.setdefault(candidate.id, candidate)
        if len(found) == count:
            break
    return list(found.values())


def looked(
    archive: str,
    candidate: Candidate[Any],
    cell: Cell | None,
    takes: Sequence[Take],
    judge: Evaluator,
    domain: Domain[Any],
) -> Looked:
    """Several takes of one candidate as shares and means."""
    outcomes = [take.outcome for take in takes if take.outcome is not None and take.outcome.error is None]
    hits = [float(hit) for hit in map(judge.of, outcomes) if hit is not None]
    measured = [{"score": o.score, "fitness": o.fitness, **o.measures}.get(judge.measure) for o in outcomes]
    figures = [value for value in measured if value is not None]
    words = [domain.declines(outcome) for outcome in outcomes] if isinstance(domain, Repairs) else []
    refusals = [float(word) for word in words if word is not None]
    return Looked(
        candidate=candidate.id,
        archive=archive,
        cell=cell,
        success=fmean(hits) if hits else None,
        figure=fmean(figures) if figures else None,
        declined=fmean(refusals) if refusals else None,
        faults=len(takes) - len(outcomes),
    )
