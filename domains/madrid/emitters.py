"""CMA-ME (Fontaine et al. 2020) over levels: improvement emitters of pyribs that learn which changes pay.

MADRID's text: four emitters, sigma 0.1, improvement ranker, QD offset -2. Whose standard a level is judged by is one
more number of the solution, between 0 and 1: references are in order of strength, so near numbers are like references.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.contract import Entry
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import rng_for
from wunderkammer.domains.madrid.cells import COLUMNS, ROWS
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.variation import fresh, generator, of_vector, vector
from wunderkammer.worlds.football.pitch import FIELD_X, FIELD_Y

EMITTERS = 4
WORST = -2.0
"""The least regret there is, and the offset of the QD score."""
_NOT_ADDED = 0
"""pyribs' status of what was not kept."""
_NO_VALUE = 2 * WORST
"""Stands for the improvement of a level that was never evaluated: less than that of any that was."""


@dataclass(frozen=True)
class Settings:
    """Of the search: the players of each side, the references from weak to strong, the step, the slots of a step."""

    players: int
    references: tuple[str, ...]
    sigma: float
    batch: int
    seed: int


class CmaMe:
    """Implements `core.abilities.Emitter`.

    A step of a run is one generation of every emitter. In steps that begin with seeds of the run, the slots that are
    left are given levels by chance.

    Raises:
        ConfigError: pyribs is not installed, or the slots of a step cannot be shared out.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        if settings.batch % EMITTERS or settings.batch < 4 * EMITTERS:
            raise ConfigError(f"batch: {settings.batch} slots for {EMITTERS} emitters; take 16, 20, 24, … slots a step")
        archives, emitters = _ribs()
        count, dimensions = len(settings.references), 4 * (settings.players - 1) + 3
        draw = rng_for("cma", settings.seed).getrandbits
        self._archive = archives.GridArchive(
            solution_dim=dimensions,
            dims=[ROWS, COLUMNS, count],
            ranges=[(-FIELD_Y, FIELD_Y), (-FIELD_X, FIELD_X), (0, count)],
            qd_score_offset=WORST,
            seed=draw(32),
        )
        self._emitters = [
            emitters.EvolutionStrategyEmitter(
                self._archive,
                x0=self._start(number),
                sigma0=settings.sigma,
                ranker="2imp",
                batch_size=settings.batch // EMITTERS,
                seed=draw(32),
            )
            for number in range(EMITTERS)
        ]
        self._fresh = generator(rng_for("cma fresh", settings.seed))
        self._asked: list[tuple[NDArray[np.float64], list[Scenario]]] = []
        """Of the step in hand, for each emitter: its solutions, and the levels that they mean."""

    @property
    def restarts(self) -> int:
        """How often an emitter gave up and began anew at an elite."""
        return sum(emitter.restarts for emitter in self._emitters)

    def ask(self, count: int) -> Sequence[Scenario]:
        """So many levels: a whole step by the emitters, less than a step by chance."""
        if count < self.settings.batch:
            names = self._fresh.choice(self.settings.references, count)
            return [fresh(self._fresh, self.settings.players, str(name), None) for name in names]
        solutions = [emitter.ask() for emitter in self._emitters]
        self._asked = [(found, [self._level(one) for one in found]) for found in solutions]
        return [level for _, levels in self._asked for level in levels]

    def tell(self, found: Sequence[Entry[Scenario]]) -> None:
        """What came of them; levels of others are put into the archive, and nobody learns from them."""
        found = [entry for entry in found if entry.outcome.score is not None]
        added = self._add(found)
        places = {entry.candidate.genome: at for at, entry in enumerate(found)}
        if not places.keys() & {level for _, levels in self._asked for level in levels}:
            self._asked = []  # a parent run had others in this step: there is nothing to learn from
        for emitter, (solutions, levels) in zip(self._emitters, self._asked, strict=False):
            rows = []
            for level in levels:
                at = places.get(level)
                if at is None:  # seen before, or failed: nothing was improved
                    rows.append((WORST, _NOT_ADDED, _NO_VALUE))
                else:
                    rows.append((found[at].outcome.score or 0.0, int(added["status"][at]), float(added["value"][at])))
            score, status, value = (np.array(part) for part in zip(*rows, strict=True))
            measures = np.array([self._measures(level) for level in levels])
            emitter.tell(solutions, score, measures, {"status": status.astype(np.int32), "value": value})
        self._asked = []

    # ---- within ----------------------------------------------------------------------------------------------------

    def _start(self, number: int) -> NDArray[np.float64]:
        """Where an emitter begins: a level by chance."""
        rng = generator(rng_for("cma start", self.settings.seed, number))
        level = fresh(rng, self.settings.players, self.settings.references[0], None)
        return np.append(vector(level), rng.uniform())

    def _add(self, found: Sequence[Entry[Scenario]]) -> Mapping[str, NDArray[Any]]:
        if not found:
            return {}
        levels = [entry.candidate.genome for entry in found]
        return self._archive.add(
            np.array([self._solution(level) for level in levels]),
            np.array([entry.outcome.score for entry in found]),
            np.array([self._measures(level) for level in levels]),
        )

    def _level(self, solution: NDArray[np.float64]) -> Scenario:
        """A solution may lie anywhere: the pitch's borders are the repair's business, not the distribution's."""
        count = len(self.settings.references)
        reference = self.settings.references[min(count - 1, max(0, int(solution[-1] * count)))]
        return of_vector(solution[:-1], self.settings.players, reference, "cma")

    def _solution(self, level: Scenario) -> NDArray[np.float64]:
        """As it was repaired: where an emitter begins anew is a level that was played."""
        number = self.settings.references.index(level.reference)
        return np.append(vector(level), (number + 0.5) / len(self.settings.references))

    def _measures(self, level: Scenario) -> tuple[float, float, float]:
        return level.ball[1], level.ball[0], self.settings.references.index(level.reference) + 0.5


def _ribs() -> tuple[Any, Any]:
    try:
        return import_module("ribs.archives"), import_module("ribs.emitters")
    except ModuleNotFoundError as missing:
        raise ConfigError('CMA-ME needs pyribs, which is not installed: pip install "wunderkammer[cma]"') from missing
