"""Regret over the places of the ball, one pitch for each reference, as an SVG picture."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from wunderkammer.core.abilities import Picture
from wunderkammer.core.contract import Cell
from wunderkammer.domains.madrid.cells import COLUMNS, ROWS, XS, YS
from wunderkammer.worlds.football.pitch import BOX_LENGTH, BOX_WIDTH, FIELD_X, FIELD_Y, LENGTH, MOUTH, WIDTH

SCALE = 220
"""Units to the half of a pitch."""
_MARGIN, _TITLE, _ACROSS = 14, 22, 2
_GRASS, _LINE, _EMPTY = "#eef2ea", "#7c8a78", "#ffffff"
_WORSE, _BETTER = (196, 60, 48), (47, 109, 181)
"""Colours of the most and of the least regret."""


def heat(regrets: Mapping[Cell, float], references: Sequence[str]) -> Picture:
    """One small pitch for each reference. regrets: of the elites; a cell that is none is left white."""
    width, height = 2 * LENGTH * SCALE + 2 * _MARGIN, 2 * WIDTH * SCALE + _MARGIN + _TITLE
    columns = min(_ACROSS, len(references))
    rows = -(-len(references) // columns)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {columns * width:g} {rows * height + 30:g}" '
        f'width="{columns * width:g}" height="{rows * height + 30:g}" role="img" font-family="sans-serif">'
    ]
    for number, reference in enumerate(references):
        x, y = number % columns * width + _MARGIN, number // columns * height + _TITLE
        parts.append(f'<g transform="translate({x:g} {y:g})">{_pitch(regrets, reference)}</g>')
    parts += [_legend(rows * height), "</svg>"]
    filled = sum(cell in regrets for reference in references for cell in _cells(reference))
    caption = (
        f"Regret of the elites by the place of the ball, one pitch for each of {len(references)} references; the "
        f"reference attacks to the right. {filled} of {COLUMNS * ROWS * len(references)} cells are filled."
    )
    return Picture(media="image/svg+xml", data="".join(parts).encode(), caption=caption)


def colour(regret: float) -> str:
    """White at 0; red up to 2, blue down to -2."""
    ends = _WORSE if regret > 0 else _BETTER
    share = min(abs(regret) / 2, 1.0)
    return "#" + "".join(f"{round(255 + (end - 255) * share):02x}" for end in ends)


def _cells(reference: str) -> list[Cell]:
    return [(y, x, reference) for y in YS for x in XS]


def _pitch(regrets: Mapping[Cell, float], reference: str) -> str:
    across, up = 2 * FIELD_X / COLUMNS * SCALE, 2 * FIELD_Y / ROWS * SCALE
    x0, y0 = (LENGTH - FIELD_X) * SCALE, (WIDTH - FIELD_Y) * SCALE
    squares = []
    for place, cell in enumerate(_cells(reference)):
        if cell in regrets:
            row, column = divmod(place, COLUMNS)
            squares.append(
                f'<rect x="{x0 + column * across:.1f}" y="{y0 + row * up:.1f}" width="{across + 0.3:.1f}" '
                f'height="{up + 0.3:.1f}" fill="{colour(regrets[cell])}"/>'
            )
    ground = f'<rect x="{x0:g}" y="{y0:g}" width="{COLUMNS * across:g}" height="{ROWS * up:g}" fill="{_EMPTY}"/>'
    border = f'<rect width="{2 * LENGTH * SCALE:g}" height="{2 * WIDTH * SCALE:g}" fill="{_GRASS}"/>'
    title = f'<text x="0" y="-7" font-size="12" fill="#333">{escape(reference)}</text>'
    return title + border + ground + "".join(squares) + _lines()


def _lines() -> str:
    """Touchlines, the line and circle in the middle, penalty areas and goals."""
    length, width, mouth = 2 * LENGTH * SCALE, 2 * WIDTH * SCALE, MOUTH * SCALE
    box, high = BOX_LENGTH * SCALE, BOX_WIDTH * SCALE
    middle = width / 2
    path = (
        f"M0 0H{length:g}V{width:g}H0ZM{length / 2:g} 0V{width:g}"
        f"M0 {middle - high:g}H{box:g}V{middle + high:g}H0M{length:g} {middle - high:g}H{length - box:g}"
        f"V{middle + high:g}H{length:g}M0 {middle - mouth:g}H-6V{middle + mouth:g}H0"
        f"M{length:g} {middle - mouth:g}H{length + 6:g}V{middle + mouth:g}H{length:g}"
    )
    circle = f'<circle cx="{length / 2:g}" cy="{middle:g}" r="{0.12 * SCALE:g}"/>'
    return f'<g fill="none" stroke="{_LINE}"><path d="{path}"/>{circle}</g>'


def _legend(y: float) -> str:
    steps = [at / 5 - 2 for at in range(21)]
    squares = "".join(
        f'<rect x="{_MARGIN + 60 + 12 * at}" y="{y + 8:g}" width="12" height="12" fill="{colour(value)}"/>'
        for at, value in enumerate(steps)
    )
    words = f'<text x="{_MARGIN}" y="{y + 18:g}">regret −2</text><text x="{_MARGIN + 318}" y="{y + 18:g}">2</text>'
    return f'<g font-size="12" fill="#333">{words}{squares}</g>'
