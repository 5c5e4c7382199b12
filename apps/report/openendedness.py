"""What the page shows of open-endedness: a heat map of losses, and the curves of novelty and learnability."""

from __future__ import annotations

from dataclasses import dataclass

from wunderkammer.apps.openended import Watch
from wunderkammer.apps.report.chart import Curve, curve
from wunderkammer.apps.report.grid import Range
from wunderkammer.apps.report.story import RunReport
from wunderkammer.apps.report.wording import number


@dataclass(frozen=True)
class Watched:
    """One observer's losses, laid out."""

    watch: Watch
    columns: tuple[int, ...]
    """First artifact of each block."""
    rows: tuple[tuple[int, tuple[int | None, ...]], ...]
    """Length of history, and a step of the colour scale per block."""
    range: Range
    curves: tuple[Curve, ...]


def watched(report: RunReport) -> tuple[tuple[Curve, ...], tuple[Watched, ...]]:
    """Novelty by step as it was measured at storing (none or one curve), and what each observer saw."""
    return _stored(report), tuple(_laid_out(watch) for watch in report.watches)


def _stored(report: RunReport) -> tuple[Curve, ...]:
    if len(report.novelty) < 2:
        return ()
    steps, values = [step for step, _ in report.novelty], [value for _, value in report.novelty]
    caption = "mean distance to the ten nearest, when stored"
    return (curve("Novelty in memory", caption, steps, values, number(values[-1])),)


def _laid_out(watch: Watch) -> Watched:
    means = watch.matrix.means
    scale = Range(float(means.min()), float(means.max()))
    rows = tuple(
        (t, tuple(scale.step(float(value)) for value in row)) for t, row in zip(watch.matrix.ts, means, strict=True)
    )
    return Watched(watch, tuple(block[0] for block in watch.matrix.blocks), rows, scale, tuple(_curves(watch)))


def _curves(watch: Watch) -> list[Curve]:
    whole, drawn = watch.whole, []
    for title, caption, points in (
        ("Novelty", "nats of later artifacts, by artifact", whole.novelty_curve),
        ("Learnability", "nats of the same, by artifacts seen", whole.learnability_curve),
    ):
        if len(points) > 1:
            steps, values = [round(at) for at, _ in points], [value for _, value in points]
            drawn.append(curve(title, caption, steps, values, number(values[-1])))
    return drawn
