"""Charts of a study of rewards from pictures: precision against recall and ROC by size, and figures against size."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple, get_args

from wunderkammer.core.abilities import Picture
from wunderkammer.core.contract import Entry
from wunderkammer.domains.vlm_rewards.settings import SizeName, VlmSettings
from wunderkammer.learners.vlm.curves import Curve

SIZES: tuple[SizeName, ...] = get_args(SizeName)
COLOURS = ("#c9a227", "#d1772c", "#b8423f", "#7b3f8c", "#2f4b8f")
SHUFFLED = "#888"
SIDE, MARGIN = 260, 44
"""Of a panel, and around it."""


class Line(NamedTuple):
    """Points in [0, 1] with a colour."""

    xs: Sequence[float]
    ys: Sequence[float]
    colour: str
    dots: bool = False


class Panel(NamedTuple):
    """A square from 0 to 1 both ways."""

    title: str
    across: str
    up: str
    lines: Sequence[Line]
    ticks: Sequence[tuple[float, str]] = ((0, "0"), (0.5, "0.5"), (1, "1"))


def charts(
    tried: Sequence[Entry[VlmSettings]], curves: Sequence[tuple[VlmSettings, Mapping[str, Sequence[float]]]]
) -> list[Picture]:
    """Curves of all seeds by size, and what trials came to against size; none where there is nothing to draw."""
    found = []
    if curves:
        lines = [(one["recall"], one["precision"], one["false_alarms"], _colour(settings)) for settings, one in curves]
        recalled = [Line(recall, precision, colour) for recall, precision, _, colour in lines]
        roc = [Line([0, *alarms], [0, *recall], colour) for recall, _, alarms, colour in lines]
        panels = [_recalled(recalled), _alarmed(roc)]
        caption = "Precision against recall, and ROC, of each model on held-out combinations; a line for each seed."
        found.append(_picture(panels, caption, _legend(settings for settings, _ in curves)))
    own = [one for one in tried if one.candidate.genome.reward == "vlm"]
    if own:
        names = (("average_precision", "Average precision"), ("accuracy", "Accuracy"), ("success", "True success"))
        caption = (
            "Average precision, accuracy and the agent's true success against the model's size; a dot for each seed."
        )
        found.append(_picture([_against_size(own, *one) for one in names], caption, []))
    return found


def curves_of(found: Sequence[tuple[str, Curve]]) -> str:
    """Curves with their names, as one SVG document; the first few of them in colours."""
    colours = [COLOURS[place] if place < len(COLOURS) else SHUFFLED for place in range(len(found))]
    both = list(zip(found, colours, strict=True))
    panels = [
        _recalled([Line([*one.recall], [*one.precision], colour) for (_, one), colour in both]),
        _alarmed([Line([0, *one.false_alarms], [0, *one.recall], colour) for (_, one), colour in both]),
    ]
    return _drawn(panels, [(colour, name) for (name, _), colour in both[: len(COLOURS)]], 190)


def _recalled(lines: Sequence[Line]) -> Panel:
    return Panel("Precision and recall", "recall", "precision", lines)


def _alarmed(lines: Sequence[Line]) -> Panel:
    return Panel("ROC", "false positives", "true positives", lines)


def _against_size(tried: Sequence[Entry[VlmSettings]], measure: str, title: str) -> Panel:
    place = {size: (at + 0.5) / len(SIZES) for at, size in enumerate(SIZES)}
    dots = [
        Line([place[one.candidate.genome.size]], [one.outcome.measures[measure]], _colour(one.candidate.genome), True)
        for one in tried
        if measure in one.outcome.measures
    ]
    return Panel(title, "size", measure.replace("_", " "), dots, [(place[size], size) for size in SIZES])


def _colour(settings: VlmSettings) -> str:
    return SHUFFLED if settings.reward == "shuffled" else COLOURS[SIZES.index(settings.size)]


def _legend(found: Iterable[VlmSettings]) -> list[tuple[str, str]]:
    names = {_colour(one): "shuffled" if one.reward == "shuffled" else one.size for one in found}
    return [(colour, names[colour]) for colour in (*COLOURS, SHUFFLED) if colour in names]


def _picture(panels: Sequence[Panel], caption: str, legend: Sequence[tuple[str, str]]) -> Picture:
    return Picture(media="image/svg+xml", data=_drawn(panels, legend).encode(), caption=caption)


def _drawn(panels: Sequence[Panel], legend: Sequence[tuple[str, str]], apart: int = 80) -> str:
    width = len(panels) * (SIDE + 2 * MARGIN)
    height = SIDE + 2 * MARGIN + (20 if legend else 0)
    drawn = [_panel(panel, MARGIN + place * (SIDE + 2 * MARGIN)) for place, panel in enumerate(panels)]
    told = [
        f'<text x="{MARGIN + apart * place % (width - apart)}" y="{height - 8}" fill="{colour}">■ {escape(name)}</text>'
        for place, (colour, name) in enumerate(legend)
    ]
    frame = f'viewBox="0 0 {width} {height}" font-family="sans-serif" font-size="12"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {frame}>'
    ground = f'<rect width="{width}" height="{height}" fill="#fff"/>'
    return "".join([head, ground, *drawn, *told, "</svg>"])


def _panel(panel: Panel, left: float) -> str:
    def x(value: float) -> float:
        return round(left + value * SIDE, 1)

    def y(value: float) -> float:
        return round(MARGIN + (1 - value) * SIDE, 1)

    parts = [
        f'<rect x="{left}" y="{MARGIN}" width="{SIDE}" height="{SIDE}" fill="none" stroke="#bbb"/>',
        f'<text x="{x(0.5)}" y="{MARGIN - 12}" text-anchor="middle" font-weight="bold">{escape(panel.title)}</text>',
        f'<text x="{x(0.5)}" y="{y(0) + 34}" text-anchor="middle">{escape(panel.across)}</text>',
        f'<text transform="translate({left - 30} {y(0.5)}) rotate(-90)" text-anchor="middle">{escape(panel.up)}</text>',
    ]
    parts += [
        f'<text x="{x(at)}" y="{y(0) + 16}" text-anchor="middle">{escape(word)}</text>' for at, word in panel.ticks
    ]
    parts += [f'<text x="{left - 6}" y="{y(at) + 4}" text-anchor="end">{at:g}</text>' for at in (0, 0.5, 1)]
    for line in panel.lines:
        spots = [(x(across), y(up)) for across, up in zip(line.xs, line.ys, strict=True)]
        if line.dots:
            parts += [
                f'<circle cx="{one}" cy="{two}" r="4" fill="{line.colour}" fill-opacity=".6"/>' for one, two in spots
            ]
        else:
            told = " ".join(f"{one},{two}" for one, two in spots)
            parts.append(f'<polyline points="{told}" fill="none" stroke="{line.colour}" stroke-width="1.5"/>')
    return "".join(parts)
