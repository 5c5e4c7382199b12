"""What a run has made so far, in meaning: novelty that decisions rest on, whoever was fast and whoever was slow.

Novelty in the ledger (`memory.novelty`) is measured against the whole vector memory, which other runs fill too. A
decision must not depend on that, nor on timing: a slot of step k is compared with what this run had remembered when
step k was laid out, the steps before k - lag, and with nothing else.
"""

from __future__ import annotations

import asyncio
from bisect import bisect_left
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from wunderkammer.core.contract import Entry, Outcome
from wunderkammer.core.plan import SearchPlan
from wunderkammer.memory.embedders import Embedder, Floats
from wunderkammer.memory.neighbours import largest

_FRESH = 8_192
MEASURE = "novelty"
"""Name of the outcome's measure."""


@dataclass(frozen=True)
class Look:
    """How a candidate stands to its kin."""

    novelty: float | None
    """Mean cosine distance to the k nearest, to six digits; None where there was no kin yet."""
    distance: float | None
    """To the nearest."""
    nearest: str | None
    refused: bool
    """Whether the plan calls it a near-duplicate."""

    @property
    def reason(self) -> str:
        """In words, for who reads of the refusal."""
        return f"only {self.distance:.3f} from {(self.nearest or '')[:8]}"


class Kin:
    """The vectors of what one run evaluated, by slot.

    known: a vector that the memory has already, so that it is not made again.
    """

    def __init__(self, plan: SearchPlan, embedder: Embedder, known: Callable[[str], Floats | None]) -> None:
        self.figures: dict[str, float] = {}
        """Novelty by candidate, of what is remembered: the planner's parents are drawn by it."""
        self._plan = plan
        self._embedder = embedder
        self._known = known
        self._fresh: dict[str, Floats] = {}
        self._rows = np.empty((256, embedder.dimension), np.float32)
        self._slots: list[int] = []
        self._ids: list[str] = []

    async def look(self, candidate: str, text: str, step: int) -> Look:
        """How new a candidate of a step is, before it is evaluated."""
        vector = await self._vector(candidate, text)
        before = max(0, step - self._plan.lag) * self._plan.batch
        held = bisect_left(self._slots, before)
        if not held:
            self._note(candidate, vector)
            return Look(None, None, None, False)
        likeness = self._rows[:held] @ vector
        places = largest(likeness[:, None], min(self._plan.novelty.k, held))[:, 0]
        distances = np.clip(1 - likeness[places], 0, 2)
        # Six digits: a product over one row and one over many may differ in the seventh.
        nearest, mean = round(float(distances[0]), 6), round(float(distances.mean(dtype=np.float64)), 6)
        limit = self._plan.novelty.refuse
        refused = limit is not None and nearest < limit
        if not refused:
            self._note(candidate, vector)
        return Look(mean, nearest, self._ids[places[0]], refused)

    def judged(self, outcome: Outcome, look: Look) -> Outcome:
        """The outcome with its novelty among the measures, and in its score where the plan weighs it."""
        if look.novelty is None:
            return outcome
        measures = {**outcome.measures, MEASURE: look.novelty}
        score = outcome.score
        if score is not None and self._plan.novelty.weight:
            measures.setdefault("fitness", score)  # what cells are aimed at by stays what the evaluation found
            score += self._plan.novelty.weight * look.novelty
        return outcome.model_copy(update={"measures": measures, "score": score})

    async def add(self, entries: Sequence[tuple[Entry[Any], str]]) -> None:
        """Take in what a step evaluated, with texts, in slot order."""
        for entry, text in entries:
            name = entry.candidate.id
            vector = self._fresh.pop(name, None)
            self._append(entry.slot, name, await self._vector(name, text) if vector is None else vector)
            if (found := entry.outcome.measures.get(MEASURE)) is not None:
                self.figures[name] = found

    def _note(self, candidate: str, vector: Floats) -> None:
        """Keep a vector until its step is remembered; those whose evaluation fails are not asked for again."""
        self._fresh[candidate] = vector
        if len(self._fresh) > _FRESH:
            del self._fresh[next(iter(self._fresh))]

    async def _vector(self, candidate: str, text: str) -> Floats:
        known = self._known(candidate)
        return known if known is not None else (await asyncio.to_thread(self._embedder.embed, [text]))[0]

    def _append(self, slot: int, name: str, vector: Floats) -> None:
        held = len(self._slots)
        if held == len(self._rows):
            rows = np.empty((2 * held, self._rows.shape[1]), np.float32)
            rows[:held] = self._rows
            self._rows = rows
        self._rows[held] = vector
        self._slots.append(slot)
        self._ids.append(name)
