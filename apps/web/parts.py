"""What studies, autonomous runs and hardenings came to so far, as sheets: tables that any page can show."""

from __future__ import annotations

from wunderkammer.agents.guide.sheet import Sheet, Value
from wunderkammer.apps.autonomy.report import WanderReport, read_wander
from wunderkammer.apps.hardening.figures import Mean
from wunderkammer.apps.hardening.reading import read_hardening
from wunderkammer.apps.inquiry.report import StudyReport, read_study_report
from wunderkammer.apps.report.hardening import HardeningReport
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.ventures import Venture

MOST_CHOICES = 100


def sheets_of(ledger: Ledger, found: Venture | Hardening) -> tuple[Sheet, ...]:
    """What there is to show, the most important first."""
    if isinstance(found, Hardening):
        return _hardening(read_hardening(ledger, found))
    if found.kind == "study":
        return _study(read_study_report(ledger, found))
    return _wander(read_wander(ledger, found))


def _study(report: StudyReport) -> tuple[Sheet, ...]:
    rows: list[tuple[Value, ...]] = []
    for one in report.asked:
        finding = report.finding(one)
        rows.append(
            (
                one.round + 1,
                one.hypothesis.contrast,
                one.hypothesis.threshold,
                one.pairs,
                finding.verdict if finding else "open",
                finding.claim if finding else None,
            )
        )
    jobs = Sheet(
        title="Jobs",
        facts=(
            ("designed", report.jobs),
            ("over", report.over),
            ("failed", len(report.failed)),
            ("seconds of jobs", round(report.job_seconds)),
            ("seconds of GPUs", round(report.gpu_seconds)),
        ),
    )
    columns = ("round", "compared", "expected", "pairs", "verdict", "claim")
    return Sheet(title="What was asked", columns=columns, rows=tuple(rows), foreign=True), jobs


def _wander(report: WanderReport) -> tuple[Sheet, ...]:
    lines: tuple[tuple[Value, ...], ...] = tuple(
        (one.arm, one.chosen, one.failed, round(one.gain, 3), round(one.cost, 4), round(one.rate, 2))
        for one in report.lines
    )
    choices: list[tuple[Value, ...]] = []
    for chosen in report.choices[::-1][:MOST_CHOICES]:
        act = report.act(chosen)
        gain = round(act.gain, 3) if act else None
        choices.append((chosen.step + 1, chosen.arm, chosen.by, chosen.reason, gain, chosen.part))
    spent = report.spent.model_dump()
    found: tuple[tuple[Value, ...], ...] = tuple(
        (one.verdict, one.claim, one.run) for one in report.findings[::-1][:MOST_CHOICES]
    )
    return (
        Sheet(title="Spent", facts=tuple((name, round(value, 3)) for name, value in spent.items() if value)),
        Sheet(
            title="Activities",
            columns=("activity", "chosen", "failed", "discoveries", "share of the budget", "discoveries per budget"),
            rows=lines,
        ),
        Sheet(
            title="Choices, latest first",
            columns=("step", "activity", "by", "reason", "discoveries", "part"),
            rows=tuple(choices),
            foreign=True,
        ),
        Sheet(title="Findings", columns=("verdict", "claim", "run"), rows=found, foreign=True),
    )


def _hardening(report: HardeningReport) -> tuple[Sheet, ...]:
    subjects: tuple[tuple[Value, ...], ...] = tuple(
        (
            one.round,
            one.target,
            _mean(one.success),
            _mean(one.refusals),
            None if one.perplexity is None else round(one.perplexity, 3),
            None if one.accuracy is None else round(one.accuracy, 3),
        )
        for one in report.subjects
    )
    attacks: tuple[tuple[Value, ...], ...] = tuple(
        (one.round, one.run, f"{one.filled}/{one.cells}", _mean(one.stored), _mean(one.confirmed), one.status)
        for one in report.attacks
    )
    stages: tuple[tuple[Value, ...], ...] = tuple(
        (one.round, one.words, round(one.seconds, 1)) for one in report.stages
    )
    return (
        Sheet(
            title=f"Targets, by success of held-out attacks ({report.rule})",
            columns=("round", "target", "success", "refusals", "perplexity", "accuracy"),
            rows=subjects,
        ),
        Sheet(
            title="Searches and what they came to when asked again",
            columns=("round", "run", "cells", "as stored", "confirmed", "status"),
            rows=attacks,
        ),
        Sheet(title="Stages", columns=("round", "stage", "seconds"), rows=stages),
    )


def _mean(figure: Mean | None) -> str | None:
    """A mean with its interval."""
    return None if figure is None else f"{figure.mean:.3f} [{figure.low:.3f}, {figure.high:.3f}]"
