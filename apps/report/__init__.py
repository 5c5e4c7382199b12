"""The report of a run: a typed value (`RunReport`), and one self-contained page made of it (`render_html`)."""

from __future__ import annotations

from wunderkammer.apps.report.measures import Agreement, Evaluation, Rate
from wunderkammer.apps.report.page import render_html
from wunderkammer.apps.report.story import Ancestor, Fates, Holder, Niche, Point, RoleCalls, RunReport, Transfer

__all__ = [
    "Agreement",
    "Ancestor",
    "Evaluation",
    "Fates",
    "Holder",
    "Niche",
    "Point",
    "Rate",
    "RoleCalls",
    "RunReport",
    "Transfer",
    "render_html",
]
