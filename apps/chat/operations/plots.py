"""Plots of runs as SVG files under HOME/plots: curves over steps, and the map of an archive."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape

from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.apps.cabinet import Cabinet
from wunderkammer.apps.chat.arguments import Plot
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.report.chart import thinned
from wunderkammer.apps.report.reading import curve_of
from wunderkammer.apps.report.story import Point
from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.memory.runs import Run

WIDTH, HEIGHT = 800, 400
LEFT, RIGHT, TOP, BOTTOM = 70, 590, 46, 350
COLOURS = ("#2f4a86", "#b0512b", "#2a7f62", "#8a5aa5", "#a0861e", "#1d7f92", "#a43d5c", "#5c5c5c")
INK, SOFT, RULE = "#1b1a17", "#69645a", "#d9d5cc"
TICKS = 4

CAPTIONS = {
    "coverage": "share of cells filled",
    "qd_score": "sum of the elites' fitness",
    "accepted": "new elites in a step",
    "calls": "model calls so far",
    "tokens": "tokens so far",
}


async def draw_plot(office: Office, asked: Plot) -> Sheet:
    """Draw, write, and say where."""
    found = list({run.id: run for run in (office.run(name) for name in asked.runs or ("latest",))}.values())
    if asked.figure == "archive":
        if len(found) > 1:
            raise ConfigError("the archive of one run is drawn at a time")
        drawing = archive_map(Cabinet(office.ledger, found[0]))
    else:
        drawing = _curves(office, found, asked.figure)
    name = asked.file or f"{asked.figure}-{'-'.join(run.id[:8] for run in found)}"
    file = office.home / "plots" / f"{name.removesuffix('.svg')}.svg"
    _write(file, drawing)
    return Sheet(title=f"{asked.figure} of {', '.join(run.id for run in found)}", files=(str(file),))


def _write(file: Path, drawing: str) -> None:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(drawing, "utf-8")
    except OSError as fault:
        raise LedgerError(f"{file}: {fault.strerror or fault}") from None


def _curves(office: Office, found: Sequence[Run], figure: str) -> str:
    lines = []
    for run in found:
        cabinet = Cabinet(office.ledger, run)
        points = thinned(curve_of(office.ledger, run))
        if points:
            lines.append(
                (f"{run.id} {run.domain}", [(p.step + 1, _value(p, figure, cabinet.archive.size)) for p in points])
            )
    if not lines:
        raise ConfigError("nothing to draw yet: no step of it is remembered")
    return curves(f"{figure.replace('_', ' ')}: {CAPTIONS[figure]}", lines)


def _value(point: Point, figure: str, cells: int) -> float:
    if figure == "coverage":
        return point.filled / cells if cells else float(point.filled)
    return float(getattr(point, figure))


def curves(title: str, lines: Sequence[tuple[str, Sequence[tuple[int, float]]]]) -> str:
    """Lines over steps with one scale for all; each has a name and points (step, value)."""
    last = max(step for _, points in lines for step, _ in points)
    high = max((value for _, points in lines for _, value in points), default=0.0) or 1.0
    low = min(0.0, min(value for _, points in lines for _, value in points))

    def x(step: float) -> float:
        return LEFT + (RIGHT - LEFT) * (step - 1) / max(1, last - 1)

    def y(value: float) -> float:
        return BOTTOM - (BOTTOM - TOP) * (value - low) / (high - low)

    parts = [_words(LEFT, 26, title, INK, size=15)]
    for tick in range(TICKS + 1):
        value = low + (high - low) * tick / TICKS
        parts.append(f'<path d="M{LEFT},{y(value):.1f}H{RIGHT}" stroke="{RULE}"/>')
        parts.append(_words(LEFT - 8, y(value) + 4, f"{value:.3g}", SOFT, anchor="end"))
    for step in sorted({1, (1 + last) // 2, last}):
        parts.append(_words(x(step), BOTTOM + 20, f"step {step}", SOFT, anchor="middle"))
    for place, (name, points) in enumerate(lines):
        colour = COLOURS[place % len(COLOURS)]
        path = "M" + "L".join(f"{x(step):.1f},{y(value):.1f}" for step, value in points)
        end_step, end = points[-1]
        parts.append(f'<path d="{path}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts.append(f'<circle cx="{x(end_step):.1f}" cy="{y(end):.1f}" r="3.5" fill="{colour}"/>')
        parts.append(_words(RIGHT + 14, TOP + 18 * place + 8, f"{name[:22]}  {end:.3g}", colour))
    return _svg(WIDTH, HEIGHT, parts)


def archive_map(cabinet: Cabinet) -> str:
    """The cells of an archive, first axis down, second across; further axes show their best cell."""
    axes = list(cabinet.archive.axes.items())
    if not axes:
        raise ConfigError(f"{cabinet.run.domain} has no cells to draw")
    down, across = axes[0][1], axes[1][1] if len(axes) > 1 else ("",)
    best: dict[tuple[str, str], float] = {}
    for cell, elite in cabinet.archive.elites.items():
        place = (cell[0], cell[1] if len(axes) > 1 else "")
        best[place] = max(elite.fitness or 0.0, best.get(place, 0.0))
    top = max(best.values(), default=0.0) or 1.0
    side, left, head = 26, 230, 150
    title = f"archive of run {cabinet.run.id}, {cabinet.run.domain}; darkest: {top:.3g}"
    parts = [_words(16, 24, title, INK, size=15)]
    for column, name in enumerate(across):
        spot = f"rotate(-45 {left + side * column + 14} {head - 8})"
        parts.append(_words(left + side * column + 14, head - 8, name[:24], SOFT, turn=spot))
    for row, value in enumerate(down):
        parts.append(_words(left - 10, head + side * row + 17, value[:30], SOFT, anchor="end"))
        for column, name in enumerate(across):
            held = best.get((value, name))
            fill = f'fill="{COLOURS[0]}" fill-opacity="{0.12 + 0.88 * held / top:.2f}"' if held is not None else ""
            box = f'x="{left + side * column}" y="{head + side * row}" width="{side - 3}" height="{side - 3}"'
            parts.append(f'<rect {box} {fill or f"""fill="none" stroke="{RULE}" """}/>')
    return _svg(left + side * len(across) + 120, head + side * len(down) + 20, parts)


def _words(
    x: float, y: float, words: str, colour: str, *, size: int = 12, anchor: str = "start", turn: str = ""
) -> str:
    turned = f' transform="{turn}"' if turn else ""
    head = f'<text x="{x:.1f}" y="{y:.1f}" font-size="{size}" fill="{colour}" text-anchor="{anchor}"{turned}>'
    return f"{head}{escape(words)}</text>"


def _svg(width: int, height: int, parts: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}"'
    return f'{head} font-family="system-ui, sans-serif">\n<rect width="100%" height="100%" fill="#fff"/>\n' + "\n".join(
        (*parts, "</svg>\n")
    )
