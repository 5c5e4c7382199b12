"""How texts and figures are written on the page: hidden characters shown, long texts cut, numbers legible."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from math import isfinite

from markupsafe import Markup

LONGEST = 4_000
"""Characters of any one text on the page, whoever wrote it; the JSON has all of it."""

_HIDDEN = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f"  # controls; tab and newline are meant
    "\u00ad\u061c\u180e\u200b\u200e\u200f\u2028\u2029\u2060-\u206f\ufeff\ufff9-\ufffb"  # invisible marks, separators
    "\u202a-\u202e"  # overrides and embeddings of direction
    "\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff"  # not characters at all
    "\U000e0000-\U000e0fff]"  # tags and selectors, in which whole prompts have been hidden
)
"""Joiners (U+200C, U+200D) are left alone: Persian, Hindi and emoji are spelt with them."""


def visible(value: object) -> object:
    """The last thing done to every value before it is escaped: no hidden character, no endless text.

    A hidden character is shown as its number, for an attack that works by being invisible should be seen.
    """
    if isinstance(value, Markup) or not isinstance(value, str):
        return value
    text = value if len(value) <= LONGEST else cut(value, LONGEST)
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text.replace("\r\n", "\n"))


def cut(text: str, most: int) -> str:
    """The first `most` characters, and how many were left out."""
    if len(text) <= most:
        return text
    return f"{text[:most].rstrip()} … ({number(len(text) - most)} more characters)"


def number(value: float | None) -> str:
    """`2,016`, `0.83`, `1.2e+06`; a dash for what is not there."""
    if value is None or not isfinite(value):
        return "–"
    if value == int(value) and abs(value) < 1e9:
        return f"{int(value):,}"
    return f"{value:,.2f}" if 0.01 <= abs(value) < 1e6 else f"{value:.2g}"


def brief(value: float | None) -> str:
    """At most five characters, for a square: `.83`, `1.0`, `12.4`, `1.2k`."""
    if value is None or not isfinite(value):
        return "·"
    size = abs(value)
    if size < 0.995:
        return f"{value:.2f}".replace("0.", ".", 1)
    if size >= 999.5:
        return f"{value / 1000:.3g}k" if size < 999_500 else f"{value:.0e}"
    return f"{value:.1f}" if size < 99.95 else f"{value:.0f}"


def compact(value: float) -> str:
    """A number for an axis: `0.5`, `600`, `250k`, `1.5M`."""
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e4, "k")):
        if abs(value) >= size:
            return f"{value / (1e3 if sign == 'k' else size):g}{sign}"
    return f"{value:g}"


def percent(value: float | None) -> str:
    """`83 %`; `–` for what is not there."""
    return "–" if value is None or not isfinite(value) else f"{100 * value:.0f}\N{NO-BREAK SPACE}%"


def money(value: float, currency: str) -> str:
    """`$1.20`, `0.0031 EUR`: a sign stands before, a code behind."""
    amount = f"{value:,.2f}" if value >= 1 or value == 0 else f"{value:.2g}"
    return f"{amount} {currency}".strip() if len(currency) != 1 else f"{currency}{amount}"


def duration(seconds: float | None) -> str:
    """`0.42 s`, `5 min 20 s`, `3 h 04 min`."""
    if seconds is None or not isfinite(seconds):
        return "–"
    if seconds < 60:
        return f"{seconds:.2f} s" if seconds < 10 else f"{seconds:.0f} s"
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest:02d} s" if minutes < 60 else f"{minutes // 60} h {minutes % 60:02d} min"


def moment(seconds: float) -> str:
    """`22 November 2026, 09:15 UTC`."""
    at = datetime.fromtimestamp(seconds, UTC)
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
