"""Exact neighbours: equal to brute force, once per id, and undisturbed by growth."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wunderkammer.memory.neighbours import Floats, Neighbours, largest


def directions(n: int, dimension: int = 8, seed: int = 0) -> Floats:
    rows = np.random.default_rng(seed).normal(size=(n, dimension)).astype(np.float32)
    return np.asarray(rows / np.linalg.norm(rows, axis=1, keepdims=True), np.float32)


def holding(vectors: Floats, groups: list[str] | None = None) -> Neighbours:
    near = Neighbours(vectors.shape[1])
    near.add([f"c{i}" for i in range(len(vectors))], vectors, groups or ["one"] * len(vectors))
    return near


@settings(max_examples=40, deadline=None)
@given(held=st.integers(1, 90), asked=st.integers(1, 70), k=st.integers(1, 12), seed=st.integers(0, 999))
def test_nearest_is_brute_force(held: int, asked: int, k: int, seed: int) -> None:
    vectors, queries = directions(held, seed=seed), directions(asked, seed=seed + 1)
    distances, ids = holding(vectors).nearest(queries, k)
    everything = 1 - queries @ vectors.T
    np.testing.assert_allclose(distances, np.sort(everything, axis=1)[:, :k], atol=1e-5)
    for row, names in zip(everything, ids, strict=True):
        assert len(set(names)) == len(names) == min(k, held)
        np.testing.assert_allclose([row[int(name[1:])] for name in names], np.sort(row)[:k], atol=1e-5)


def test_groups_do_not_see_each_other() -> None:
    vectors = directions(40)
    near = holding(vectors, ["maze", "attack"] * 20)
    _, ids = near.nearest(vectors[:3], 100, "attack")
    assert all(int(name[1:]) % 2 == 1 for names in ids for name in names)
    assert [len(names) for names in ids] == [20] * 3
    distances, ids = near.nearest(vectors[:3], 5, "unheard of")
    assert distances.shape == (3, 0)
    assert ids == [[], [], []]


def test_an_id_is_held_once() -> None:
    near = Neighbours(2)
    near.add(["a", "a"], np.array([[1, 0], [0, 1]], np.float32), ["g", "g"])
    near.add(["a"], np.array([[0, 1]], np.float32), ["g"])
    assert len(near) == 1
    assert "a" in near
    assert near.nearest(np.array([[1, 0]], np.float32), 1)[0][0, 0] == pytest.approx(0)


def test_growth_keeps_what_was_there() -> None:
    vectors = directions(5_000)
    near = holding(vectors)
    distances, ids = near.nearest(vectors[[0, 1_023, 1_024, 4_999]], 1)
    assert [names[0] for names in ids] == ["c0", "c1023", "c1024", "c4999"]
    assert distances.max() < 1e-5


@pytest.mark.parametrize("m", [2, 3, 10])
def test_the_largest_of_many_are_found_by_their_chunks(m: int) -> None:
    values = np.random.default_rng(3).normal(size=(9_001, 5)).astype(np.float32)
    values[9_000, 0] = values[17, 0] = 9.0  # a tie between a chunk and the rest behind the last
    expected = np.argsort(-values, axis=0, kind="stable")[:m]
    np.testing.assert_array_equal(largest(values, m), expected)
