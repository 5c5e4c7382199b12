"""Google Research Football as an engine: matches in processes of their own, several at once."""

from __future__ import annotations

import queue
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid.matches import Matches
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.tracing import traced
from wunderkammer.worlds.football.summary import OF_A_SIDE, SIDES
from wunderkammer.worlds.grf.client import EngineDied, Referee
from wunderkammer.worlds.grf.pitch import PLAYERS

if TYPE_CHECKING:
    from wunderkammer.worlds.football.match import Trace

TOLD = ("possession", "lost", "passes", "shots", "shot_distance", "shot_angle", "shots_sprinting")
"""What this engine lets one count, of the names in `worlds.football.summary`; the others are 0: never seen."""
_SEEDS = 2**31 - 1


@dataclass(frozen=True)
class GrfFootball:
    """Implements `Engine`."""

    options: MadridOptions

    def play(self, left: str, right: str, levels: Sequence[Scenario], seeds: Sequence[int]) -> Matches:
        repeats = self.options.repeats
        asked = [(level, [_nth(seed, at) for at in range(repeats)]) for level, seed in zip(levels, seeds, strict=True)]
        with ThreadPoolExecutor(self.options.processes) as pool:
            found = list(pool.map(lambda one: self._ask(left, right, *one), asked))
        nothing: Sequence[Mapping[str, Any]] = [_NOTHING] * repeats
        played = [one or nothing for one in found]
        left_did, right_did = (
            {name: _column(played, name, side) for name in (*OF_A_SIDE, "own_goal")} for side in SIDES
        )
        return Matches(
            np.array([[match["value"] for match in row] for row in played], np.float32),
            left_did,
            right_did,
            np.array([not one for one in found]),
        )

    def clip(self, left: str, right: str, level: Scenario, seed: int) -> Trace:
        found = self._ask(left, right, level, [_nth(seed, 0)], trace=True)
        if not found:
            raise ConfigError("a match to look at could not be played again")
        return _trace(found[0], (left, right))

    def close(self) -> None:
        """End the processes; they would end with this one."""
        while not self._referees.empty():
            self._referees.get().close()

    def _ask(
        self, left: str, right: str, level: Scenario, seeds: Sequence[int], trace: bool = False
    ) -> list[dict[str, Any]]:
        """Matches; none where the engine died or a policy's scores were no numbers."""
        if level.players != PLAYERS:
            raise ConfigError(f"Google Research Football is played by {PLAYERS} a side; -o players={PLAYERS}")
        plain = {"left": level.left, "right": level.right, "ball": level.ball}
        referee = self._referees.get()
        try:
            return referee.play(plain, left, right, seeds, self.options.steps, trace)
        except EngineDied:
            return []
        finally:
            self._referees.put(referee)

    @cached_property
    def _referees(self) -> queue.Queue[Referee]:
        """Those that are not playing. They end with this process."""
        idle: queue.Queue[Referee] = queue.Queue()
        uses = "tizero" in {self.options.target, *self.options.references}
        for _ in range(self.options.processes):
            idle.put(Referee(Path(self.options.grf), Path(self.options.tizero) if uses else None))
        return idle


_NOTHING: Mapping[str, Any] = {"value": 0, "own_goal": False, "features": {}}


def _nth(seed: int, at: int) -> int:
    """The seed of a repeat; the same for the reference's match and the target's."""
    return (seed + 7919 * at) % _SEEDS


def _column(played: Sequence[Sequence[Mapping[str, Any]]], name: str, side: str) -> Any:
    return np.array([[_figure(match, name, side) for match in row] for row in played], np.float32)


def _figure(match: Mapping[str, Any], name: str, side: str) -> float:
    if name == "own_goal":  # against oneself, so that the goal is the other side's
        return float(match["own_goal"] and match["value"] == (-1 if side == "left" else 1))
    features = match["features"]
    name = "passes" if name == "completed" else name  # nobody says which arrived: none is held to have gone astray
    if name not in TOLD or name not in features:
        return 0.0
    found = float(features[name][SIDES.index(side)])
    if name in ("shot_distance", "shot_angle"):
        return found / max(float(features["shots"][SIDES.index(side)]), 1.0)
    return found


def _trace(match: Mapping[str, Any], names: tuple[str, str]) -> Trace:
    """As the football of this house tells its matches."""
    figures = {f"{name}_{side}": _figure(match, name, side) for name in (*TOLD, "own_goal") for side in SIDES}
    return traced(match["trace"], int(match["value"]), figures, names)
