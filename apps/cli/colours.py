"""A scale from dark blue over teal to yellow that stays in order for the colour-blind and in print."""

from __future__ import annotations

STOPS = ((38, 44, 92), (45, 88, 128), (38, 132, 136), (82, 174, 108), (186, 205, 62), (252, 231, 70))


def colour(share: float) -> str:
    """The colour of a value in [0, 1], as #rrggbb."""
    place = min(max(share, 0.0), 1.0) * (len(STOPS) - 1)
    at = min(int(place), len(STOPS) - 2)
    mix = place - at
    red, green, blue = (round(a + (b - a) * mix) for a, b in zip(STOPS[at], STOPS[at + 1], strict=True))
    return f"#{red:02x}{green:02x}{blue:02x}"
