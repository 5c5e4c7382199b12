"""A report as one HTML file that stands alone: no script, no font, no address to fetch from; pictures travel inside.

Text of models passes through a template that escapes everything, after hidden characters were made visible; a
Content-Security-Policy forbids whatever might slip through, down to style: one style sheet is allowed, by its hash,
and pictures that are part of the file.
"""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from wunderkammer.apps.report import wording
from wunderkammer.apps.report.chart import BOTTOM, HEIGHT, LEFT, RIGHT, WIDTH, curves
from wunderkammer.apps.report.grid import STEPS, Range, lay_out
from wunderkammer.apps.report.measures import Rate
from wunderkammer.apps.report.openendedness import watched
from wunderkammer.apps.report.story import Niche, RunReport
from wunderkammer.core.abilities import Picture, Section

HERE = str(__package__)
MOST_ELITES = 500
"""Elites that can be opened on the page; the JSON has them all."""
MOST_ROWS = 200
"""Rows of a domain's table on the page."""
_ROOM = 150_000
"""Characters for the elites' texts and answers together, so that a page stays light."""

FATES = (
    ("elite", "new elite", "took an empty cell, or won it"),
    ("lost", "lost", "the cell's elite stays"),
    ("off_grid", "off the grid", "evaluated, belongs to no cell"),
    ("filtered", "filtered", "too like its parent; never evaluated"),
    ("duplicate", "duplicate", "seen before; never evaluated"),
    ("unusable", "unusable", "a model's words could not be used"),
    ("error", "error", "a server or the evaluation failed; counted neither as success nor as failure"),
)


def render_html(report: RunReport) -> str:
    """The page. The same report gives the same bytes."""
    strongest = sorted(report.niches, key=_strength)
    shown = strongest[:MOST_ELITES]
    return (
        environment()
        .get_template("page.html.j2")
        .render(
            r=report,
            **dress(),
            layout=lay_out(report.axes, strongest),
            shown=shown,
            room=_room(shown),
            ancestors=6 if len(shown) <= 120 else 3,
            curves=curves(report),
            watched=watched(report),
            fates=[(name, said, why, getattr(report.fates, name)) for name, said, why in FATES],
            frame={"width": WIDTH, "height": HEIGHT, "left": LEFT, "right": RIGHT, "bottom": BOTTOM},
            steps=STEPS,
            rates=_by_axis(report),
            numbers={niche.elite.id: number for number, niche in enumerate(shown)},
            plan=report.plan.model_dump_json(indent=2),
            share=Range(0.0, 1.0),
        )
    )


def _strength(niche: Niche) -> tuple[float, tuple[str, ...]]:
    fitness = niche.elite.fitness
    return (-fitness if fitness is not None and fitness == fitness else 0.0, niche.cell)


def _room(shown: Sequence[Niche]) -> int:
    """Where to cut texts: as late as lets all of them share the room."""
    lengths = [len(text) for niche in shown for text in (niche.elite.text, niche.elite.response or "")]
    cuts = (2_000, 1_500, 1_000, 700, 500, 350)
    return next((most for most in cuts if sum(min(n, most) for n in lengths) <= _ROOM), 240)


def _by_axis(report: RunReport) -> list[tuple[str, list[tuple[str, list[Rate | None]]]]]:
    """Per axis and value the rate of every evaluation; values that nobody judged are left out."""
    found = {(e.name, rate.axis, rate.value): rate for e in report.evaluations for rate in e.by_axis}
    table = []
    for axis, values in report.axes.items():
        rows = [(value, [found.get((e.name, axis, value)) for e in report.evaluations]) for value in values]
        table.append((axis, [(value, rates) for value, rates in rows if any(rates)]))
    return [(axis, rows) for axis, rows in table if rows]


def _figures(section: Section) -> set[int]:
    """Which columns of a domain's table hold nothing but figures."""
    kinds: dict[int, bool] = {}
    for row in section.rows:
        for place, value in enumerate(row):
            kinds[place] = kinds.get(place, True) and not isinstance(value, str)
    return {place for place, figures in kinds.items() if figures}


def _inside(picture: Picture) -> Markup:
    """The picture as the address of an image element, in which nothing is run."""
    return Markup(f"data:{picture.media};base64,{base64.b64encode(picture.data).decode()}")  # no sign of HTML's


@cache
def dress() -> dict[str, object]:
    """The style sheet, and the policy that allows it alone."""
    style = files(__package__).joinpath("style.css").read_text("utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; base-uri 'none'; form-action 'none'"
    return {"style": Markup(style), "policy": policy}  # the style is ours, and free of "<"


@cache
def environment(package: str = HERE, *, escape: bool = True) -> Environment:
    """Where templates are read, and what they may use.

    package: whose `templates` come before this one's. escape: off for what is not HTML.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, "templates"), PackageLoader(HERE, "templates")]),
        autoescape=escape,
        undefined=StrictUndefined,
        finalize=wording.visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    for tool in (wording.cut, wording.number, wording.brief, wording.percent, wording.money, wording.duration):
        environment.filters[tool.__name__] = tool
    environment.filters["moment"] = wording.moment
    environment.filters["figures"] = _figures
    environment.filters["inside"] = _inside
    environment.globals["most_rows"] = MOST_ROWS
    return environment
