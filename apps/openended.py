"""Judges a run's open-endedness: its artifacts from the ledger, a verdict by each observer."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.contract import Domain, Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import Settings
from wunderkammer.jobs.environments import python_of
from wunderkammer.jobs.finetune.fingerprint import weights_hash
from wunderkammer.memory import slots
from wunderkammer.memory.embedders import Embedder
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.openendedness.cache import Losses
from wunderkammer.memory.openendedness.language import Language
from wunderkammer.memory.openendedness.matrix import LossMatrix, grid, loss_matrix
from wunderkammer.memory.openendedness.observer import Observer
from wunderkammer.memory.openendedness.observers import sees_vectors
from wunderkammer.memory.openendedness.reading import reading
from wunderkammer.memory.openendedness.series import Series
from wunderkammer.memory.openendedness.verdict import Verdict, verdict
from wunderkammer.memory.runs import Run
from wunderkammer.models.likelihood import Likelihood

MOST = 4_096
"""Artifacts of a run that are watched; of a longer one, evenly chosen ones stand for all."""

LEAST = 16
"""Artifacts below which there is nothing to watch."""


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


@contextmanager
def language(settings: Settings, address: str) -> Iterator[Language]:
    """The language observer of an address, for the length of a block.

    address: a server that gives log-probabilities of prompts (`http://host:8000/v1#model`, `SERVER#model`), or a
    transformers folder here, which is read in the trainer's environment (`[jobs.environments] finetune`, `wunder setup
    finetune`), or in this process where our own has torch. A `ConfigError` says in one line why it cannot be had.
    """
    if "#" in address:
        with Likelihood.at(settings, address) as served:
            yield Language(served.name, served)
        return
    folder = Path(address).expanduser()
    if not folder.is_dir():
        raise ConfigError(f"language={address}: neither a server's address (http://HOST/v1#MODEL) nor a folder")
    with reading(folder, python_of(settings, "finetune")) as score:
        try:
            weights = weights_hash(folder)
        except FileNotFoundError as fault:
            raise ConfigError(str(fault)) from None
        yield Language(f"{folder.resolve().name}-{weights[:8]}", score)


def _vectors(texts: Sequence[str], embedder: Embedder) -> NDArray[np.float32]:
    distinct = list(dict.fromkeys(texts))
    rows = dict(zip(distinct, embedder.embed(distinct), strict=True))
    return np.stack([rows[text] for text in texts])


async def watch_aside(
    ledger: Ledger, told: Told, observers: Sequence[Observer], embedder: Embedder | None
) -> list[Watch]:
    """`watch`, off the event loop."""
    return await asyncio.to_thread(watch, ledger, told, observers, embedder)
