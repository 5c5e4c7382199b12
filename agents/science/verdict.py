"""From pairs of figures to a finding: the rule that was fixed beforehand, applied, and the sentence that says so."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from wunderkammer.agents.science.statistics import Comparison, compare, corrected, least_pairs, pairs_to_settle
from wunderkammer.core.records import Finding
from wunderkammer.core.study import Hypothesis, VerdictWord

ENOUGH = 0.8
"""Share of the planned pairs that must have been measured: what failed may have failed for a reason that matters."""


@dataclass(frozen=True)
class Pair:
    """What one seed showed; None where a job failed or its outcome lacks the measure."""

    seed: int
    treatment: float | None
    control: float | None


@dataclass(frozen=True)
class Trial:
    """A hypothesis and all that was measured for it."""

    hypothesis: Hypothesis
    pairs: Sequence[Pair]
    candidates: tuple[str, ...]
    jobs: tuple[str, ...]
    faults: tuple[str, ...] = ()
    """Why pairs are missing, one line each."""

    @property
    def whole(self) -> list[tuple[float, float]]:
        """The pairs of which both sides were measured."""
        return [(p.treatment, p.control) for p in self.pairs if p.treatment is not None and p.control is not None]


@dataclass(frozen=True)
class Rule:
    """How the trials of one round are judged together."""

    alpha: float
    """The error that the round may make."""
    correction: str = "holm"


def judge(trials: Sequence[Trial], rule: Rule) -> list[tuple[VerdictWord, dict[str, float], str]]:
    """Verdict, figures and what is missing, for each trial of a round.

    Supported: the corrected p-value is at most alpha on the hypothesis' side of its threshold, and the interval lies
    there too. Refuted: the same on the other side. Undecided: neither, or fewer than four fifths of the pairs.
    """
    compared = [_compared(trial, rule.alpha) for trial in trials]
    p_values = iter(corrected([one.p for one in compared if one is not None], rule.correction))
    judged = []
    for trial, one in zip(trials, compared, strict=True):
        if one is None:
            figures = {"planned": float(len(trial.pairs)), "n": float(len(trial.whole))}
            judged.append((_UNDECIDED, figures, _too_few(trial)))
            continue
        p = next(p_values)
        verdict = _verdict(one, p, trial.hypothesis, rule.alpha)
        family = sum(other is not None for other in compared)
        figures = _figures(trial, one, p, family, rule.alpha)
        missing = "" if verdict != _UNDECIDED else _lacking(one, trial.hypothesis, rule.alpha, family)
        judged.append((verdict, figures, missing))
    return judged


_UNDECIDED: VerdictWord = "undecided"


def _compared(trial: Trial, alpha: float) -> Comparison | None:
    whole = trial.whole
    if not whole or len(whole) < ENOUGH * len(trial.pairs):
        return None
    hypothesis = trial.hypothesis
    return compare([a for a, _ in whole], [b for _, b in whole], hypothesis.expects, hypothesis.margin, alpha)


def _verdict(one: Comparison, p: float, hypothesis: Hypothesis, alpha: float) -> VerdictWord:
    if p > alpha:
        return _UNDECIDED
    inside, outside = _sides(one, hypothesis)
    if one.supports:
        return "supported" if inside else _UNDECIDED
    return "refuted" if outside else _UNDECIDED


def _sides(one: Comparison, hypothesis: Hypothesis) -> tuple[bool, bool]:
    """Whether the whole interval lies where the hypothesis expects it, and whether it lies wholly elsewhere."""
    low, high, margin = one.low, one.high, hypothesis.margin
    match hypothesis.expects:
        case "higher":
            return low > margin, high < margin
        case "lower":
            return high < -margin, low > -margin
        case "same":
            return -margin < low and high < margin, low > margin or high < -margin


def _figures(trial: Trial, one: Comparison, p: float, family: int, alpha: float) -> dict[str, float]:
    return {
        "n": float(one.n),
        "planned": float(len(trial.pairs)),
        "treatment": one.treatment,
        "control": one.control,
        "difference": one.difference,
        "low": one.low,
        "high": one.high,
        "deviation": one.deviation,
        "margin": trial.hypothesis.margin,
        "p": one.p,
        "p_corrected": p,
        "family": float(family),
        "alpha": alpha,
    }


def distance(difference: float, hypothesis: Hypothesis) -> float:
    """How far a mean difference lies from the nearest edge of the threshold; never negative."""
    edges = {"higher": (hypothesis.margin,), "lower": (-hypothesis.margin,)}.get(
        hypothesis.expects, (-hypothesis.margin, hypothesis.margin)
    )
    return min(abs(difference - edge) for edge in edges)


def _lacking(one: Comparison, hypothesis: Hypothesis, alpha: float, family: int) -> str:
    least = least_pairs(alpha, family)
    if one.n < least:
        return f"seeds: {one.n} pairs can prove nothing at this level, {least} are the least"
    needed = pairs_to_settle(distance(one.difference, hypothesis), one.deviation, alpha / family)
    if needed is None or needed > 10_000:
        return "no number of seeds would settle it if the truth is what was seen: it lies on the threshold"
    if needed <= one.n:
        return f"seeds: a few more than {one.n} pairs"
    return f"seeds: about {needed} pairs instead of {one.n} would settle it, if the truth is what was seen"


def _too_few(trial: Trial) -> str:
    reason = f": {trial.faults[0]}" if trial.faults else ""
    return f"measurements: {len(trial.whole)} of {len(trial.pairs)} pairs are whole{reason}"


def conclude(run: str, trials: Sequence[Trial], rule: Rule, reproduce: Sequence[str]) -> list[Finding]:
    """One finding per trial of a round."""
    return [
        Finding(
            run=run,
            kind="study",
            claim=_claim(trial, verdict, figures),
            statistics=figures,
            evidence=trial.candidates,
            jobs=trial.jobs,
            refuted_by=trial.hypothesis.refuted_by,
            domain=trial.hypothesis.domain,
            verdict=verdict,
            hypothesis=trial.hypothesis,
            threshold=trial.hypothesis.threshold,
            missing=missing,
            reproduce=command,
        )
        for trial, command, (verdict, figures, missing) in zip(trials, reproduce, judge(trials, rule), strict=True)
    ]


def _claim(trial: Trial, verdict: VerdictWord, figures: dict[str, float]) -> str:
    hypothesis = trial.hypothesis
    head = f"With {hypothesis.contrast}, {hypothesis.threshold} is {verdict}"
    if "difference" not in figures:
        return f"{head}: {figures['n']:.0f} of {figures['planned']:.0f} pairs were measured."
    level = f"{100 * (1 - figures['alpha']):.4g} %"
    return (
        f"{head}: {figures['treatment']:.4g} against {figures['control']:.4g}, difference {figures['difference']:+.4g} "
        f"[{figures['low']:.4g}, {figures['high']:.4g}] ({level}) over {figures['n']:.0f} pairs, "
        f"p = {figures['p_corrected']:.2g} corrected for {figures['family']:.0f}."
    )


def command_of(hypothesis: Hypothesis, options: Mapping[str, object], seed: int, pairs: int, confidence: float) -> str:
    """The command line that asks this one question again, with the same jobs."""

    def said(flag: str, settings: Mapping[str, object]) -> list[str]:
        return [f"{flag} {shlex.quote(f'{key}={_plain(value)}')}" for key, value in sorted(settings.items())]

    words = [
        f"wunder study {hypothesis.domain}",
        *said("--vary", hypothesis.treatment),
        *said("--against", hypothesis.control),
        *said("--given", hypothesis.given),
        *said("-o", options),
        f"--measure {hypothesis.measure} --expects {hypothesis.expects} --margin {hypothesis.margin:g}",
        f"--seed {seed} --pairs {pairs} --confidence {confidence:g}",
    ]
    return " ".join(words)


def _plain(value: object) -> object:
    return str(value).lower() if isinstance(value, bool) else value
