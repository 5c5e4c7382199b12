"""A level on the pitch, as a picture."""

from __future__ import annotations

from wunderkammer.core.abilities import Picture
from wunderkammer.domains.madrid.scenario import Scenario


def drawn(level: Scenario) -> Picture:
    """Everybody as the match begins: left in blue attacks to the right."""
    from wunderkammer.worlds.football.drawing import svg

    caption = f"{level.players} against {level.players}, the ball at {level.ball[0]:+.2f}, {level.ball[1]:+.2f}"
    return Picture(media="image/svg+xml", data=svg(level.lineup).encode(), caption=caption)
