"""Tracks by name, to be listed, drawn and driven."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, ClassVar

from wunderkammer.domains.paired.car_layout import TrackLayout, TrackOptions, complexity
from wunderkammer.domains.paired.extra import with_jax
from wunderkammer.domains.paired.showroom import Asked, Drawn
from wunderkammer.worlds.car.catalogue import TRACKS
from wunderkammer.worlds.car.drawing import svg
from wunderkammer.worlds.car.text import Plan
from wunderkammer.worlds.catalogue import Catalogue

_PAIR = re.compile(r"^\W*\d+[\s,;]+\d+\W*$", re.MULTILINE)


@dataclass(frozen=True)
class CarRoom:
    """Implements Showroom."""

    catalogue: ClassVar[Catalogue[Plan]] = TRACKS
    folder: ClassVar[str] = "car"
    columns: ClassVar[tuple[str, ...]] = ("length", "sharp", "tightest", "clearance", "crossings", "solvable")
    shut: ClassVar[str] = "not drivable"

    def wrote(self, words: str) -> bool:
        return _PAIR.search(words) is not None

    def figures(self, level: Plan) -> dict[str, Any]:
        return complexity(level)._asdict()

    def draw(self, level: Plan, suffix: str, asked: Asked) -> Drawn:
        if suffix == ".svg":
            return Drawn(svg(level).encode(), "the track from above")
        clip = with_jax("wunderkammer.worlds.car.clip")
        if suffix == ".png":
            return Drawn(clip.png(level), "the beginning of an episode")
        play = with_jax("wunderkammer.domains.paired.car_play")
        options = TrackOptions(
            driver=asked.player or "pursuit", noise=asked.noise or 0.0, repeat=1, frames=asked.horizon or 1000
        )
        drive, share = play.episode(level, options, asked.seed)
        return Drawn(clip.gif(level, drive), f"a drive over {share:.0%} of the track")

    def found(self, genome: Any) -> Plan | None:
        return genome.plan if isinstance(genome, TrackLayout) else None


ROOM = CarRoom()
