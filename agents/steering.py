"""What a user's message in the inbox means for the search; read by rule, so that no model stands in between."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from wunderkammer.core.contract import Axes, Cell

_WORDS = re.compile(r"^\s*(?P<verb>focus|avoid|forget|stop|pause)\b[\s:]*(?P<rest>.*)$", re.IGNORECASE | re.DOTALL)


@dataclass(frozen=True, slots=True)
class Steering:
    """The sum of all messages heard so far."""

    focus: frozenset[str] = frozenset()
    """Axis values to aim at; a cell must have one of them on every axis that is named at all. Empty: everywhere."""
    avoid: frozenset[str] = frozenset()
    """Axis values not to aim at."""
    hint: str = ""
    """Words for the mutator, as the user wrote them."""
    halt: str = ""
    """`stop` or `pause`, once asked for."""

    def allows(self, cell: Cell, axes: Axes) -> bool:
        """Whether the search may aim at a cell."""
        if self.avoid.intersection(cell):
            return False
        named = [self.focus.intersection(values) for values in axes.values()]
        return all(value in wanted for value, wanted in zip(cell, named, strict=True) if wanted)


def obey(steering: Steering, text: str, axes: Axes) -> tuple[Steering, str]:
    """The steering after one more message, and in one line what it did.

    `focus VALUE[, VALUE]`, `avoid VALUE[, VALUE]`, `forget` (everything said before), `pause`, `stop`; anything else is
    handed to the mutator as guidance. Values are matched without regard to case, by any unambiguous part.
    """
    found = _WORDS.match(text)
    verb = found["verb"].lower() if found else ""
    if verb in ("stop", "pause"):
        return replace(steering, halt=verb), f"{verb} after the step in hand"
    if verb == "forget":
        return Steering(), "all earlier guidance is forgotten"
    if found and verb in ("focus", "avoid"):
        values = frozenset(_values(found["rest"], axes))
        if values and verb == "focus":
            return replace(steering, focus=values), f"aiming at {', '.join(sorted(values))}"
        if values:
            return replace(steering, avoid=steering.avoid | values), f"not aiming at {', '.join(sorted(values))}"
    words = " ".join(text.split())[:500]
    return replace(steering, hint=words), "handed to the mutator as guidance"


def _values(text: str, axes: Axes) -> Iterable[str]:
    known = [value for values in axes.values() for value in values]
    for part in filter(None, (piece.strip().lower() for piece in re.split(r"[,;×]| and ", text))):
        exact = [value for value in known if value.lower() == part]
        partial = [value for value in known if part in value.lower()]
        if exact or len(partial) == 1:
            yield (exact or partial)[0]
