"""The plane of the memory: near where it is near, and drawn no more often than it pays."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.apps.atlas import Cartographer, plane
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.recall import memory_of
from wunderkammer.core.settings import load
from wunderkammer.memory.ledger import joined


def unit(rows: np.ndarray) -> np.ndarray:
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


def test_near_things_are_near() -> None:
    rng = np.random.default_rng(0)
    centres = unit(rng.normal(size=(3, 64)))
    rows = unit(np.repeat(centres, 40, axis=0) + 0.02 * rng.normal(size=(120, 64)))
    places, explained = plane(rows)
    middles = places.reshape(3, 40, 2).mean(axis=1)
    within = np.linalg.norm(places.reshape(3, 40, 2) - middles[:, None], axis=2).max()
    apart = min(np.linalg.norm(middles[i] - middles[j]) for i in range(3) for j in range(i))

    assert within < apart / 3
    assert explained > 0.8
    assert places.min() >= 0
    assert places.max() <= 1
    assert np.ptp(places, axis=0).max() == pytest.approx(1)


@pytest.mark.parametrize("rows", [np.zeros((0, 8)), np.eye(1, 8), np.repeat(np.eye(1, 8), 5, axis=0), np.eye(2, 8)])
def test_few_or_equal_vectors_have_places_too(rows) -> None:
    places, explained = plane(rows.astype(np.float32))

    assert places.shape == (len(rows), 2)
    assert np.isfinite(places).all()
    assert 0 <= explained <= 1


async def test_a_map_is_drawn_anew_when_the_memory_grew_and_not_all_the_time(tmp_path) -> None:
    settings = load(start=tmp_path, home=tmp_path, embedder="hashed")
    now = [0.0]
    async with joined(ledger_address(settings)) as ledger:
        maps = Cartographer(settings, ledger, most=3, clock=lambda: now[0])
        empty = await maps.map()
        await _remember(settings, ledger, "a", "b")
        first = await maps.map()
        now[0] += 1000
        same = await maps.map()
        await _remember(settings, ledger, "c", "d", "e")
        now[0] += 1000
        later = await maps.map()

    assert (empty.ids, empty.held) == ((), 0)
    assert first.ids == ("a", "b")
    assert same is first
    assert later.ids == ("a", "c", "e")
    assert later.held == 5
    assert later.domains == ("garden",)


async def _remember(settings, ledger, *names: str) -> None:
    async with memory_of(settings, ledger) as vectors:
        await vectors.remember(names, [f"a text about {name}" for name in names], [{"domain": "garden"}] * len(names))
