"""Pictures of a study: agents that learn in unseen worlds, optimisers that learn to teach, levels they learned in."""

from __future__ import annotations

import io
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.abilities import Picture
from wunderkammer.domains.groove.settings import CURVE, PICTURE

if TYPE_CHECKING:
    from wunderkammer.worlds.grids.level import Level
    from wunderkammer.worlds.grids.world import Grids

SHOWN, ACROSS, ENLARGED = 16, 8, 2
"""Levels of a sheet; in a row of it; times the size in which worlds draw themselves."""
COLOURS: Mapping[str, str] = {
    "regret": "#2f4a86", "uniform": "#b0512b", "positive": "#2a7f62", "l1": "#8a6d1f", "random": "#7a3f83",
    "untrained": "#69645a", "a2c": "#a23b52", "lpg": "#2f4a86",
}  # fmt: skip
INK, SOFT, RULE = "#1b1a17", "#69645a", "#d8d2c4"
WIDTH, HEIGHT, GAP, COLUMNS, LINE = 220, 120, 46, 3, 16
Curve = NDArray[np.floating]
"""(seeds, points)."""


class Panel(NamedTuple):
    """A field with a line for each arm."""

    title: str
    lines: Mapping[str, Curve]
    low: float
    high: float
    end: str
    """What the right end of its axis says."""


def pictures(found: Iterable[tuple[str, Sequence[str]]]) -> list[Picture]:
    """Of trials by arm, with the folders of their jobs: curves in unseen worlds, of trainings, and a sheet of levels
    for each arm."""
    folders: dict[str, list[Path]] = defaultdict(list)
    for arm, places in found:
        folders[arm] += [Path(place) for place in places]
    made = []
    if learning := marks(folders):
        caption = "How agents learn in each unseen world: 0 uniform actions, 100 the best policy; middle half of seeds."
        made.append(Picture(media="image/svg+xml", data=panels(learning).encode(), caption=caption))
    if training := rises(folders):
        caption = "Meta-trainings over their windows; middle half of seeds."
        made.append(Picture(media="image/svg+xml", data=panels(training).encode(), caption=caption))
    for arm, within in folders.items():
        sheets = [folder / PICTURE for folder in within if (folder / PICTURE).is_file()]
        if sheets:
            caption = f"Levels that one training by {arm} has kept with the highest scores, or lived in last."
            made.append(Picture(media="image/png", data=sheets[0].read_bytes(), caption=caption))
    return made


def marks(folders: Mapping[str, Sequence[Path]]) -> list[Panel]:
    """A panel for each unseen world."""
    told: dict[str, dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    end = ""
    for arm, places in folders.items():
        for file in (place / "marks.json" for place in places):
            if file.is_file():
                found = json.loads(file.read_text("utf-8"))
                for world, curve in found["curves"].items():
                    told[world][arm].append(curve)
                    end = f"{len(curve) * found['steps']:,} steps"
    return [
        Panel(world, {arm: _whole(runs) for arm, runs in arms.items()}, 0.0, 100.0, end) for world, arms in told.items()
    ]


def rises(folders: Mapping[str, Sequence[Path]]) -> list[Panel]:
    """Panels of what meta-trainings tell of themselves."""
    wanted = {
        "life_return": "return at the end of a life",
        "life_regret": "A2C's lead at the end of a life",
        "policy_entropy": "entropy of agents' policies, nats",
    }
    runs: dict[str, dict[str, list[list[float]]]] = defaultdict(lambda: defaultdict(list))
    end = ""
    for arm, places in folders.items():
        for file in (place / CURVE for place in places):
            if file.is_file():
                rows = json.loads(file.read_text("utf-8"))
                end = f"{rows[-1]['turn']:,.0f} windows"
                for name in wanted:
                    if name in rows[-1]:
                        runs[name][arm].append([row[name] for row in rows])
    made = []
    for name, title in wanted.items():
        lines = {arm: _whole(curves) for arm, curves in runs[name].items()}
        if lines:
            values = np.concatenate([line.ravel() for line in lines.values()])
            made.append(Panel(title, lines, min(0.0, float(values.min())), float(values.max()), end))
    return made


def panels(shown: Sequence[Panel]) -> str:
    """SVG: all panels, with one key."""
    arms = list(dict.fromkeys(arm for panel in shown for arm in panel.lines))
    parts = [
        f'<rect x="{GAP + 110 * place}" y="8" width="14" height="4" fill="{COLOURS[arm]}"/>'
        + _text(GAP + 110 * place + 20, 14, arm, INK)
        for place, arm in enumerate(arms)
    ]
    top = LINE + GAP
    for place, panel in enumerate(shown):
        left, down = GAP + place % COLUMNS * (WIDTH + GAP), top + place // COLUMNS * (HEIGHT + GAP)
        parts.append(f'<g transform="translate({left} {down})">{_panel(panel)}</g>')
    width = max(GAP + COLUMNS * (WIDTH + GAP), GAP + 110 * len(arms))
    box = f'viewBox="0 0 {width} {top + -(-len(shown) // COLUMNS) * (HEIGHT + GAP)}"'
    head = f'<svg xmlns="http://www.w3.org/2000/svg" {box} font-family="sans-serif" font-size="11">'
    return "\n".join([head, *parts, "</svg>"])


def _panel(panel: Panel) -> str:
    span = panel.high - panel.low if panel.high > panel.low else 1.0
    parts = [
        f'<rect width="{WIDTH}" height="{HEIGHT}" fill="none" stroke="{RULE}"/>',
        _text(0, -6, panel.title, INK),
        _text(WIDTH, HEIGHT + 13, panel.end, SOFT, "end"),
        _text(-4, 9, f"{panel.high:.3g}", SOFT, "end"),
        _text(-4, HEIGHT, f"{panel.low:.3g}", SOFT, "end"),
    ]
    for arm, runs in panel.lines.items():
        across = np.linspace(0, WIDTH, runs.shape[1])
        heights = HEIGHT - (np.clip(runs, panel.low, panel.high) - panel.low) / span * HEIGHT
        low, middle, high = np.quantile(heights, (0.25, 0.5, 0.75), axis=0)
        around = _points(np.concatenate([across, across[::-1]]), np.concatenate([low, high[::-1]]))
        parts += [
            f'<polygon points="{around}" fill="{COLOURS[arm]}" fill-opacity="0.13"/>',
            f'<polyline points="{_points(across, middle)}" fill="none" stroke="{COLOURS[arm]}" stroke-width="1.5"/>',
        ]
    return "".join(parts)


def sheet(world: Grids, levels: Sequence[Level]) -> bytes:
    """PNG: levels as their episodes begin, side by side."""
    import jax
    from PIL import Image

    from wunderkammer.worlds.world import Key

    key: Key = jax.random.key(0)
    frames = [np.asarray(world.render(world.reset_to_level(key, level)[0])) for level in levels]
    side, rows = frames[0].shape[0], -(-len(frames) // ACROSS)
    page = np.full((rows * (side + 4), min(len(frames), ACROSS) * (side + 4), 3), 255, np.uint8)
    for place, frame in enumerate(frames):
        down, left = place // ACROSS * (side + 4), place % ACROSS * (side + 4)
        page[down : down + side, left : left + side] = frame
    image, kept = Image.fromarray(page.repeat(ENLARGED, 0).repeat(ENLARGED, 1)), io.BytesIO()
    image.save(kept, "PNG")
    return kept.getvalue()


def _whole(runs: Sequence[Sequence[float]]) -> Curve:
    """Curves of the same length; a shorter one, of other settings, cuts the rest."""
    shortest = min(map(len, runs))
    return np.array([run[:shortest] for run in runs])


def _points(across: Curve, down: Curve) -> str:
    return " ".join(f"{x:.1f},{y:.1f}" for x, y in zip(across, down, strict=True))


def _text(x: float, y: float, words: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x:g}" y="{y:g}" fill="{colour}" text-anchor="{anchor}">{escape(words)}</text>'
