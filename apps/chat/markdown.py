"""Sheets as Markdown, for programs that show a reply so. Every word in them is shown as it is, and means nothing."""

from __future__ import annotations

import re

from wunderkammer.agents.guide.sheet import Sheet, Value
from wunderkammer.core.wording import legible

_MARKS = re.compile(r"([\\`*_{}\[\]()#+!|<>~&-])")


def in_markdown(sheet: Sheet) -> str:
    """A sheet: its title, facts as a list, a table, its text as code."""
    parts = [f"**{plain(sheet.title)}**"]
    facts = [f"- {plain(name)}: {plain(value)}" for name, value in sheet.facts if value not in (None, "")]
    if facts:
        parts.append("\n".join(facts))
    if sheet.rows:
        lines = [sheet.columns, ("---",) * len(sheet.columns)]
        head = ["| " + " | ".join(one if one == "---" else plain(one) for one in line) + " |" for line in lines]
        parts.append("\n".join([*head, *("| " + " | ".join(map(plain, row)) + " |" for row in sheet.rows)]))
    if sheet.text:
        parts.append(fenced(sheet.text))
    parts += [f"`{file}`" for file in sheet.files if "`" not in file]
    return "\n\n".join(parts)


def plain(value: Value) -> str:
    """A value in one line, in which nothing is a mark of Markdown's or of HTML's."""
    if value is None:
        return ""
    words = f"{value:.4g}" if isinstance(value, float) else str(value)
    return _MARKS.sub(r"\\\1", " ".join(legible(words).split()))


def fenced(text: str) -> str:
    """A text between fences that nothing in it closes."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}text\n{legible(text)}\n{fence}"
