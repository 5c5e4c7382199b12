"""Drawings of findings as SVG: intervals of a study beside their thresholds, and the pairs behind one of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape

from wunderkammer.apps.report.wording import visible
from wunderkammer.core.records import Finding
from wunderkammer.core.study import Hypothesis, settings_in_words

COLOURS = {"supported": "#2a7f62", "refuted": "#b0512b", "undecided": "#69645a"}
SOFT, INK, LINE = "#69645a", "#1b1a17", "#2f4a86"
ROW, LEFT, WIDTH, RIGHT = 46, 360, 900, 150
"""Height of a row; where its scale begins, how wide the drawing is, how much of it the verdict takes."""


@dataclass(frozen=True)
class Scale:
    """Values to places on the x axis."""

    low: float
    high: float

    @classmethod
    def over(cls, values: Sequence[float]) -> Scale:
        """Of all these values and 0, with a little room."""
        low, high = min(*values, 0.0), max(*values, 0.0)
        room = 0.06 * ((high - low) or 1.0)
        return cls(low - room, high + room)

    def at(self, value: float) -> float:
        return LEFT + (value - self.low) / (self.high - self.low) * (WIDTH - LEFT - RIGHT)


def forest(findings: Sequence[Finding]) -> str:
    """Per finding the mean difference with its interval, the threshold as a shaded span, and the verdict.

    Every row has a scale of its own, because it is to be read against its threshold and not against other rows.
    """
    shown = [finding for finding in findings if finding.hypothesis and "difference" in finding.statistics]
    rows = [_row(finding, 34 + ROW * place) for place, finding in enumerate(shown)]
    head = _text(20, 18, "difference of means with its interval; shaded: where it is expected", weight=600)
    nothing = [] if shown else [_text(20, 50, "nothing was measured", SOFT)]
    return _svg(44 + ROW * max(1, len(shown)), [head, *nothing, *rows])


def pairs(finding: Finding, values: Sequence[tuple[int, float, float]]) -> str:
    """The pairs of a finding (seed, treatment, control) as one line each, above its interval."""
    hypothesis = finding.hypothesis
    if hypothesis is None or not values:
        return forest([finding])
    everything = [value for _, treatment, control in values for value in (treatment, control)]
    low, high = min(everything), max(everything)

    def up(value: float) -> float:
        return 250 - 190 * (value - low) / ((high - low) or 1.0)

    lines = [
        _line((120, up(control)), (420, up(treatment)), LINE, 1.5) + _dot(120, up(control)) + _dot(420, up(treatment))
        for _, treatment, control in values
    ]
    words = [
        _text(20, 22, f"{hypothesis.measure}, {len(values)} pairs of seeds", weight=600),
        _text(120, 278, _short(settings_in_words(hypothesis.control), 40), anchor="middle"),
        _text(420, 278, _short(settings_in_words(hypothesis.treatment), 40), anchor="middle"),
        _text(20, up(high) + 4, f"{high:.3g}", SOFT),
        _text(20, up(low) + 4, f"{low:.3g}", SOFT),
    ]
    return _svg(360, [*words, *lines, *([_row(finding, 310)] if "difference" in finding.statistics else [])])


def _row(finding: Finding, y: float) -> str:
    figures, hypothesis = finding.statistics, finding.hypothesis
    assert hypothesis is not None
    low, high, mean = figures["low"], figures["high"], figures["difference"]
    scale = Scale.over([low, high, mean, -hypothesis.margin, hypothesis.margin])
    colour, foot, middle = COLOURS[finding.verdict or "undecided"], y + ROW - 14, y + ROW / 2 - 6
    left, right = (scale.at(edge) for edge in _expected(hypothesis, scale))
    span = (
        f'<rect x="{left:.1f}" y="{y}" width="{right - left:.1f}" height="{ROW - 14}" fill="{colour}" opacity=".12"/>'
    )
    beside = WIDTH - RIGHT + 12
    parts = [
        span,
        _line((scale.at(0), y), (scale.at(0), foot), SOFT, 0.7),
        _line((scale.at(low), middle), (scale.at(high), middle), colour, 3),
        _dot(scale.at(mean), middle, colour, 5),
        _text(20, middle - 3, _short(hypothesis.contrast, 50)),
        _text(20, middle + 13, hypothesis.threshold, SOFT),
        _text(beside, middle - 3, finding.verdict or "", colour),
        _text(beside, middle + 13, f"{mean:+.3g} [{low:.3g}, {high:.3g}]", SOFT),
    ]
    return "".join(parts)


def _expected(hypothesis: Hypothesis, scale: Scale) -> tuple[float, float]:
    """The span of differences that would support it."""
    margin = hypothesis.margin
    spans = {"higher": (margin, scale.high), "lower": (scale.low, -margin), "same": (-margin, margin)}
    return spans[hypothesis.expects]


def _text(x: float, y: float, words: str, colour: str = INK, *, weight: int = 400, anchor: str = "start") -> str:
    look = f'font-family="system-ui, sans-serif" font-size="13" font-weight="{weight}" text-anchor="{anchor}"'
    return f'<text x="{x:.1f}" y="{y:.1f}" {look} fill="{colour}">{escape(str(visible(words)))}</text>'


def _line(start: tuple[float, float], end: tuple[float, float], colour: str, width: float) -> str:
    (x1, y1), (x2, y2) = start, end
    place = f'x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}"'
    return f'<line {place} stroke="{colour}" stroke-width="{width}"/>'


def _dot(x: float, y: float, colour: str = LINE, size: float = 3.5) -> str:
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size}" fill="{colour}"/>'


def _short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def _svg(height: float, parts: Sequence[str]) -> str:
    frame = f'viewBox="0 0 {WIDTH} {height:.0f}" width="{WIDTH}" height="{height:.0f}" role="img"'
    paper = '<rect width="100%" height="100%" fill="#fffefb"/>'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>{paper}{"".join(parts)}</svg>\n'
