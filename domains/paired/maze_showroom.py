"""Mazes by name, to be listed, drawn and played."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from wunderkammer.domains.paired.extra import with_jax
from wunderkammer.domains.paired.maze_layout import MazeLayout
from wunderkammer.domains.paired.showroom import Asked, Drawn
from wunderkammer.worlds.catalogue import Catalogue
from wunderkammer.worlds.maze.catalogue import MAZES
from wunderkammer.worlds.maze.drawing import svg
from wunderkammer.worlds.maze.text import Plan
from wunderkammer.worlds.maze.trail import complexity, trail


@dataclass(frozen=True)
class MazeRoom:
    """Implements Showroom."""

    catalogue: ClassVar[Catalogue[Plan]] = MAZES
    folder: ClassVar[str] = ""
    columns: ClassVar[tuple[str, ...]] = ("size", "walls", "density", "path")
    shut: ClassVar[str] = "no way to the goal"

    def wrote(self, words: str) -> bool:
        return "#" in words or any(sign in words for sign in "><^") or "G" in words

    def figures(self, level: Plan) -> dict[str, Any]:
        found = complexity(level)
        return {
            "size": f"{level.height} x {level.width}",
            "walls": found.walls,
            "density": found.density,
            "path": found.path,
            "solvable": found.path is not None,
        }

    def draw(self, level: Plan, suffix: str, asked: Asked) -> Drawn:
        if suffix == ".svg":
            return Drawn(svg(level, trail(level)).encode(), "the maze and the shortest way")
        clip = with_jax("wunderkammer.worlds.maze.clip")
        if suffix == ".png":
            return Drawn(clip.png(level), "the beginning of an episode")
        play = with_jax("wunderkammer.domains.paired.maze_play")
        noise, horizon = 0.1 if asked.noise is None else asked.noise, asked.horizon or 250
        track, solved = play.episode(level, asked.player or "walker", noise, horizon, asked.seed)
        words = f"an episode of {len(track.places)} steps, {'solved' if solved else 'not solved'}"
        return Drawn(clip.gif(level, track), words)

    def found(self, genome: Any) -> Plan | None:
        return genome.plan if isinstance(genome, MazeLayout) else None


ROOM = MazeRoom()
