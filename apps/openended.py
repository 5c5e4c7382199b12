"""Judges a run's open-endedness: its artifacts from the ledger, a verdict by each observer."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wunderkammer.apps.installation import make_domain
from wunderkammer.core.contract import Domain, Frozen
from wunderkammer.memory import runs, slots
from wunderkammer.memory.embedders import Embedder
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.openendedness.cache import Losses
from wunderkammer.memory.openendedness.compressor import Compressor
from wunderkammer.memory.openendedness.language import Language
from wunderkammer.memory.openendedness.matrix import LossMatrix, grid, loss_matrix
from wunderkammer.memory.openendedness.observer import Observer
from wunderkammer.memory.openendedness.observers import sees_vectors
from wunderkammer.memory.openendedness.series import Series
from wunderkammer.memory.openendedness.verdict import Verdict, verdict
from wunderkammer.memory.runs import Run

MOST = 4_096
"""Artifacts of a run that are watched; of a longer one, evenly chosen ones stand for all."""

LEAST = 16
"""Artifacts below which there is nothing to watch."""
MOST_KNOWN = 256
"""Verdicts that a process keeps."""


class Watch(Frozen):
    """What one observer says of a run: of the whole, and of what it did lately."""

    whole: Verdict
    lately: Verdict
    """Of the second half of the artifacts: a run can be open-ended and stop being so."""
    matrix: LossMatrix
    """Of the whole."""


@dataclass(frozen=True)
class Told:
    """What a run made, in slot order."""

    texts: tuple[str, ...]

    @classmethod
    def of(cls, ledger: Ledger, run: Run, domain: Domain[Any]) -> Told:
        """Everything that was evaluated; a candidate that came again counts again."""
        made = [domain.text(entry.candidate.genome) for entry in slots.entries(ledger, run, domain.genome)]
        if len(made) > MOST:
            made = [made[i] for i in np.unique(np.linspace(0, len(made) - 1, MOST).astype(int))]
        return cls(tuple(made))


def watch(ledger: Ledger, told: Told, observers: Sequence[Observer], embedder: Embedder | None) -> list[Watch]:
    """Each observer's verdicts; none of a run with fewer than `LEAST` artifacts.

    Losses that are in the ledger are not computed again, and new ones are kept there.
    """
    if len(told.texts) < LEAST:
        return []
    series = Series(told.texts)
    if any(sees_vectors(one) for one in observers) and embedder is not None:
        series = Series(told.texts, _vectors(told.texts, embedder), embedder.name)
    memory, n, found = Losses(ledger), len(told.texts), []
    for one in observers:
        size = size_for(one)
        whole = loss_matrix(series, one, grid(0, n, **size), memory)
        late = loss_matrix(series, one, grid(n // 2, n, **size), memory)
        found.append(Watch(whole=verdict(whole), lately=verdict(late), matrix=whole))
    return found


def size_for(one: Observer) -> dict[str, int]:
    """How large a matrix is, as `grid` takes it: of a language model, each single artifact is a call."""
    return {"points": 12, "width": 1} if isinstance(one, Language) else {}


class Judged(Frozen):
    """What an observer says of one search among others."""

    subject: str
    run: str
    whole: Verdict | None
    """None: it made too little to be watched."""
    lately: Verdict | None

    @classmethod
    def of(cls, subject: str, run: str, seen: Watch | None) -> Judged:
        """Without the losses."""
        return cls(subject=subject, run=run, whole=seen.whole if seen else None, lately=seen.lately if seen else None)


def in_one_sentence(judged: Sequence[Judged]) -> str:
    """Whether searches that belong together were open-ended; it names whose verdict that is."""
    known = [(one.subject, one.whole, one.lately) for one in judged if one.whole is not None and one.lately is not None]
    if not known:
        return f"Whether it was open-ended cannot be said: no search made as many as {LEAST} artifacts."
    observer = f"for observer {known[0][1].observer}"
    was = [subject for subject, whole, _ in known if whole.label == "open-ended"]
    still = [subject for subject, whole, lately in known if "open-ended" == whole.label == lately.label]
    others = "; ".join(f"{name} was {_so(whole)}" for name, whole, _ in known if whole.label != "open-ended")
    rest = f"; {others}" if others else ""
    if was:
        end = f"and still was in the second half in {_listed(still)}" if still else "but not in its second half alone"
        return f"It was open-ended in {_listed(was)}, {end}, {observer}{rest}."
    if any(whole.label == "undecided" for _, whole, _ in known):
        return f"Whether it was open-ended is undecided, {observer}{rest}."
    return f"It was not open-ended, {observer}{rest}."


def _so(whole: Verdict) -> str:
    return f"undecided (about {whole.needed} artifacts would tell)" if whole.label == "undecided" else whole.label


def _listed(names: Sequence[str]) -> str:
    return names[0] if len(names) == 1 else f"{', '.join(names[:-1])} and {names[-1]}"


class _Known:
    """Verdicts by run and by how many steps it had then: who looks on asks again and again."""

    def __init__(self) -> None:
        self._found: OrderedDict[tuple[str, str, int], Watch | None] = OrderedDict()
        self._turn = Lock()

    def so_far(self, ledger: Ledger, run: Run) -> Watch | None:
        key = (ledger.place, run.id, runs.steps_done(ledger, run))
        with self._turn:  # an observer takes a core: one at a time
            if key not in self._found:
                seen = watch(ledger, Told.of(ledger, run, make_domain(run.plan)), [Compressor()], None)
                self._found[key] = seen[0] if seen else None
            self._found.move_to_end(key)
            while len(self._found) > MOST_KNOWN:
                self._found.popitem(last=False)
            return self._found[key]


_known = _Known()


def so_far(ledger: Ledger, run: Run) -> Watch | None:
    """What the compressor says of a run as it stands, at work or not; None of one that made too little.

    Found once for each step that the run has behind it; a step later it takes a few tenths of a second.
    """
    return _known.so_far(ledger, run)


def _vectors(texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
    distinct = list(dict.fromkeys(texts))
    rows = dict(zip(distinct, embedder.embed(distinct), strict=True))
    return np.stack([rows[text] for text in texts])


async def watch_aside(
    ledger: Ledger, told: Told, observers: Sequence[Observer], embedder: Embedder | None
) -> list[Watch]:
    """`watch`, off the event loop."""
    return await asyncio.to_thread(watch, ledger, told, observers, embedder)
