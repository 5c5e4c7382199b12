"""The report of a hardening as one HTML file that stands alone, in the dress of a run's page."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from wunderkammer.apps.hardening.dataset import DROPS
from wunderkammer.apps.hardening.figures import Mean
from wunderkammer.apps.hardening.wording import TITLES
from wunderkammer.apps.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, TOP, WIDTH, Tick
from wunderkammer.apps.report.grid import Range
from wunderkammer.apps.report.hardening import HardeningReport
from wunderkammer.apps.report.page import dress, environment
from wunderkammer.apps.report.wording import number, percent


@dataclass(frozen=True)
class Dot:
    """A figure and its interval, where they are drawn."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True)
class Ladder:
    """One figure over the rounds."""

    title: str
    caption: str
    dots: tuple[Dot, ...]
    line: str
    up: tuple[Tick, ...]
    across: tuple[Tick, ...]
    end: str


def render_hardening(report: HardeningReport) -> str:
    """The page. The same report gives the same bytes."""
    return (
        environment()
        .get_template("hardening.html.j2")
        .render(
            r=report,
            **dress(),
            ladders=ladders(report),
            frame={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "bottom": BOTTOM},
            share=Range(0.0, 1.0),
            reasons=DROPS,
            titles=TITLES,
            plan=json.dumps(report.plan, indent=2),
        )
    )


def ladders(report: HardeningReport) -> list[Ladder]:
    """Held-out and fresh attacks, refusals of ordinary prompts, perplexity: what there is, over the rounds."""
    rounds = [subject.round for subject in report.subjects]
    last = max(rounds, default=0)
    fresh: dict[int, Mean] = {}
    for attack in report.attacks:
        if attack.confirmed is not None:
            fresh.setdefault(attack.round, attack.confirmed)
    one = Mean(mean=1.0, low=1.0, high=1.0, n=1)
    ratios = {s.round: s.perplexity_ratio or one for s in report.subjects if s.perplexity is not None}
    drawn: list[tuple[str, str, Mapping[int, Mean | None], float]] = [
        ("Held-out attacks", "success, same elites each time", {s.round: s.success for s in report.subjects}, 1.0),
        ("Fresh attacks", "success of a new search, confirmed", fresh, 1.0),
        ("Refusals", "of ordinary prompts", {s.round: s.refusals for s in report.subjects}, 1.0),
        ("Perplexity", "on ordinary text, original = 1", ratios, 0.0),
    ]
    return [
        ladder(title, caption, {at: mean for at, mean in found.items() if mean is not None}, last, top)
        for title, caption, found, top in drawn
        if any(mean is not None for mean in found.values())
    ]


def ladder(title: str, caption: str, found: Mapping[int, Mean], last: int, top: float) -> Ladder:
    """Dots with intervals; up to `top`, or (0) to a little above the highest."""
    high = top or 1.2 * max(max(mean.high for mean in found.values()), 1.0)

    def across(at: float) -> float:
        return LEFT + 18 + (RIGHT - LEFT - 36) * (at / last if last else 0.5)

    def up(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * min(value, high) / high

    dots = tuple(Dot(across(at), up(m.mean), up(m.low), up(m.high)) for at, m in sorted(found.items()))
    said: Callable[[float], str] = percent if top else number
    marks: Sequence[float] = (0.0, 0.5, 1.0) if top else (0.0, 1.0)
    return Ladder(
        title=title,
        caption=caption,
        dots=dots,
        line="M" + "L".join(f"{dot.x:.1f},{dot.y:.1f}" for dot in dots),
        up=tuple(Tick(up(value), said(value)) for value in marks),
        across=tuple(Tick(across(at), str(at) if at else "original") for at in range(last + 1)),
        end=said(found[max(found)].mean),
    )
