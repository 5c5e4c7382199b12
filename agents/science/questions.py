"""What to ask next: questions that a study could put, and how much each would tell that is not known yet.

Three sources, all of them finite and typed: what the domain states, one setting changed at a time, and what follows
from a finding. A model may add to them (`proposer`); what is put in the end is chosen here, by figures.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal

from wunderkammer.agents.science.statistics import chance_to_settle, least_pairs
from wunderkammer.agents.science.verdict import distance
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.records import Finding
from wunderkammer.core.settings import checked as fitting
from wunderkammer.core.spelling import instead
from wunderkammer.core.study import SEED, Hypothesis, Inquires, Plain, StudyPlan, settings_of

WORTH_ASKING = 0.05
"""Bits, below which nothing is asked any more: the study has run out of questions."""


@dataclass(frozen=True)
class Question:
    """A hypothesis that could be tested next."""

    hypothesis: Hypothesis
    pairs: int
    novelty: float = 1.0
    """1 − the likeness to the most alike earlier finding."""
    information: float = 1.0
    """Bits that the verdict is expected to bring."""

    @property
    def worth(self) -> float:
        """Information counts in full where the question is new, by half where it was asked before."""
        return self.information * (1 + self.novelty) / 2


def ask(
    plan: StudyPlan,
    domain: Any,
    known: Sequence[Finding],
    tested: Iterable[str],
    proposals: Sequence[Hypothesis] = (),
) -> list[Question]:
    """The questions of the next round, best first, at most `plan.width`.

    known: all earlier findings about this domain, of any study. tested: ids of hypotheses that this study has tested.
    The user's own questions go first, then what the domain states, each once; then whatever is worth most. All of them
    are put under the plan's `given`, except where they set the same themselves. Something that is decided already is
    worth nothing and is not asked again, except by the user or as a stated hypothesis of a study of its own.
    """
    done = set(tested)
    first = [_within(plan, h) for h in (*plan.asked, *(domain.hypotheses() if plan.stated else ()))]
    left = [h for h in _distinct(first) if h.id not in done]
    chosen = [_weighed(Question(h, plan.pairs), known, plan) for h in left[: plan.width]]
    if chosen:  # what was asked for makes rounds of its own: its p-values are not to pay for curiosity
        return chosen
    weighed = [_weighed(question, known, plan) for question in _more(plan, domain, known, proposals)]
    worthy = sorted((q for q in weighed if q.worth > WORTH_ASKING), key=lambda q: (-q.worth, q.hypothesis.id))
    return _spread(worthy, plan.width)


def _more(
    plan: StudyPlan, domain: Any, known: Sequence[Finding], proposals: Sequence[Hypothesis]
) -> Iterator[Question]:
    seen: set[str] = set()
    latest = {finding.hypothesis.id: finding for finding in known if finding.hypothesis}
    sources = [
        *follow_ups(plan, domain, list(latest.values())),
        *(Question(_within(plan, h), plan.pairs) for h in domain.hypotheses()),
        *(Question(_within(plan, h), plan.pairs) for h in proposals),
        *(Question(_within(plan, h), plan.pairs) for h in contrasts(domain)),
    ]
    for question in sources:
        if question.hypothesis.id not in seen:
            seen.add(question.hypothesis.id)
            yield question


def contrasts(domain: Any) -> Iterator[Hypothesis]:
    """One setting changed at a time, for every measure: expected to make no difference that matters."""
    for name, (default, *others) in settings_of(domain.genome).items():
        for value in others:
            for measure, margin in _measures(domain).items():
                yield Hypothesis(
                    domain=domain.name,
                    treatment={name: value},
                    control={name: default},
                    measure=measure,
                    expects="same",
                    margin=margin,
                    because="never looked at",
                    source="contrast",
                )


def follow_ups(plan: StudyPlan, domain: Any, known: Sequence[Finding]) -> Iterator[Question]:
    """What earlier findings ask for: more seeds where one is undecided, another background where it is decided."""
    settings = settings_of(domain.genome)
    for finding in known:
        hypothesis = finding.hypothesis
        if hypothesis is None or hypothesis.domain != domain.name:
            continue
        if finding.verdict == "undecided":
            n = int(finding.statistics.get("n", 0))
            more = min(plan.most_pairs, max(2 * n, plan.pairs, least_pairs(plan.alpha, plan.width)))
            if more > n:
                yield Question(hypothesis.model_copy(update={"source": "follow-up", "after": finding.id}), more)
            continue
        for name, values in settings.items():
            if name in hypothesis.treatment:
                continue
            before = hypothesis.given.get(name, values[0])
            for value in values:
                if value != before:
                    yield Question(_elsewhere(hypothesis, finding, name, value), plan.pairs)


def _elsewhere(hypothesis: Hypothesis, finding: Finding, name: str, value: Plain) -> Hypothesis:
    """Whether a finding holds under another setting too: what was refuted is expected to be so again."""
    return Hypothesis(
        **{
            **hypothesis.model_dump(),
            "given": {**hypothesis.given, name: value},
            "because": f"it was {finding.verdict} otherwise; does that hold with {name}={value}?",
            "source": "follow-up",
            "after": finding.id,
        }
    )


def _within(plan: StudyPlan, hypothesis: Hypothesis) -> Hypothesis:
    """The hypothesis with the plan's common settings under it."""
    own = {*hypothesis.treatment, *hypothesis.given}
    under = {key: value for key, value in plan.given.items() if key not in own}
    # Made anew, not copied: a copy would keep the id.
    return Hypothesis(**{**hypothesis.model_dump(), "given": {**under, **hypothesis.given}}) if under else hypothesis


def _distinct(hypotheses: Iterable[Hypothesis]) -> list[Hypothesis]:
    """Each once: the first of those that ask the same."""
    found: dict[str, Hypothesis] = {}
    for hypothesis in hypotheses:
        found.setdefault(hypothesis.id, hypothesis)
    return list(found.values())


def _spread(worthy: Sequence[Question], count: int) -> list[Question]:
    """The best, and then always what is best beside those chosen: not four questions about one thing."""
    left, chosen = list(worthy), list[Question]()
    while left and len(chosen) < count:
        best = max(left, key=lambda q: q.worth * (1 + _newness(q.hypothesis, [c.hypothesis for c in chosen])))
        left.remove(best)
        chosen.append(best)
    return chosen


# ---- novelty and information -----------------------------------------------------------------------------------------


def _weighed(question: Question, known: Sequence[Finding], plan: StudyPlan) -> Question:
    tested = [finding for finding in known if finding.hypothesis is not None]
    novelty = _newness(question.hypothesis, [f.hypothesis for f in tested if f.hypothesis])
    return replace(question, novelty=novelty, information=_information(question, tested, plan))


def likeness(one: Hypothesis, other: Hypothesis) -> float:
    """Share of what two hypotheses compare that they have in common, in [0, 1]: settings, background and measure."""
    mine, its = _tokens(one), _tokens(other)
    return len(mine & its) / len(mine | its)


def _tokens(hypothesis: Hypothesis) -> set[object]:
    compared: set[object] = {
        ("compared", key, *sorted(map(repr, (value, hypothesis.control[key]))))
        for key, value in hypothesis.treatment.items()
    }
    given = {("given", key, value) for key, value in hypothesis.given.items()}
    return {*compared, *given, ("measure", hypothesis.measure), ("domain", hypothesis.domain)}


def _newness(hypothesis: Hypothesis, others: Iterable[Hypothesis]) -> float:
    return 1.0 - max((likeness(hypothesis, other) for other in others), default=0.0)


def _information(question: Question, known: Sequence[Finding], plan: StudyPlan) -> float:
    """Expected bits: the uncertainty of the verdict, times the chance that there will be one."""
    alpha = plan.alpha / plan.width
    same = [f for f in known if f.hypothesis and f.hypothesis.id == question.hypothesis.id]
    if any(f.verdict in ("supported", "refuted") for f in same):
        return 0.0
    if same:
        figures = same[-1].statistics
        if "difference" not in figures:  # it could not be measured; whoever tries again may learn as little
            return 0.5 ** len(same)
        away = distance(figures["difference"], question.hypothesis)
        return chance_to_settle(away, figures["deviation"], question.pairs, alpha)  # of one bit: it is still open
    if question.pairs < least_pairs(plan.alpha):
        return 0.1
    return _entropy(_leaning(question.hypothesis, known))


def _leaning(hypothesis: Hypothesis, known: Sequence[Finding]) -> float:
    """How likely support is, from decided findings that are at least half alike; a half where there are none."""
    yes = no = 1.0
    for finding in known:
        alike = likeness(hypothesis, finding.hypothesis) if finding.hypothesis else 0.0
        if alike >= 0.5 and finding.hypothesis and finding.hypothesis.expects == hypothesis.expects:
            yes += alike * (finding.verdict == "supported")
            no += alike * (finding.verdict == "refuted")
    return yes / (yes + no)


def _entropy(p: float) -> float:
    return 0.0 if p in (0, 1) else -(p * math.log2(p) + (1 - p) * math.log2(1 - p))


# ---- checking --------------------------------------------------------------------------------------------------------


def checked(hypothesis: Hypothesis, domain: Any) -> Hypothesis:
    """The hypothesis, if the domain can test it; a `ConfigError` names what it cannot."""
    known(domain, [*hypothesis.given, *hypothesis.treatment], hypothesis.measure)
    for side in ("treatment", "control"):
        genome_at(hypothesis, side, 0, domain)
    return hypothesis


def known(domain: Any, settings: Iterable[str], measure: str) -> None:
    """Raise `ConfigError` for a setting or a measure that the domain does not have."""
    there = [name for name in domain.genome.model_fields if name != SEED]
    for name in settings:
        if name not in there:
            raise ConfigError(f"{domain.name} has no setting {name!r}{instead(name, there, '; it has: ')}")
    measures = _measures(domain)
    if measure not in measures:
        raise ConfigError(f"{domain.name} has no measure {measure!r}{instead(measure, measures, '; it has: ')}")


def genome_at(hypothesis: Hypothesis, side: Literal["treatment", "control"], seed: int, domain: Any) -> Any:
    """What one side is at one seed; a `ConfigError` where the settings do not fit."""
    values: Mapping[str, Any] = {**hypothesis.settings(side), SEED: seed}
    return fitting(domain.genome, values, f"settings of {domain.name}")


def _measures(domain: Any) -> Mapping[str, float]:
    if not isinstance(domain, Inquires):
        raise ConfigError(f"{domain.name} cannot be studied: it states no measures and hypotheses")
    return domain.measures
