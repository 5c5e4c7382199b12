"""The loss matrix: of a size that does not grow, found once, resumed, and blind to the future."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.memory.embedders import Hashed
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.openendedness.cache import Losses
from wunderkammer.memory.openendedness.controls import SUITE
from wunderkammer.memory.openendedness.language import Language
from wunderkammer.memory.openendedness.matrix import Grid, grid, loss_matrix
from wunderkammer.memory.openendedness.observers import OBSERVERS, observer
from wunderkammer.memory.openendedness.series import Series

EMBEDDER = Hashed(32)


def series(control: str, n: int = 64, seed: int = 1_000) -> Series:
    texts = next(c for c in SUITE if c.name == control).texts(seed, n)
    return Series(texts, EMBEDDER.embed(texts), EMBEDDER.name)


@pytest.mark.parametrize("n", [16, 100, 256, 1_000, 10_000])
def test_a_grid_has_about_sixteen_by_sixteen_points_whatever_the_length(n: int) -> None:
    points = grid(0, n)
    assert min(16, n // 2) <= len(points.ts) <= 33
    assert min(16, n // 2) <= len(points.blocks) <= 33
    assert max(points.ts) <= n // 2 <= min(points.later)
    assert max(points.later) < n
    assert points.ts[0] == 0
    assert len(set(points.later)) == len(points.later)


def test_a_longer_run_meets_points_that_it_knows() -> None:
    before, after = grid(0, 512), grid(0, 600)
    assert set(before.ts) <= set(after.ts)
    assert len(set(before.later) & set(after.later)) > len(after.later) / 3


@pytest.mark.parametrize("name", list(OBSERVERS))
def test_an_observer_looks_at_nothing_beyond_its_history(name: str) -> None:
    whole = series("widening grammar")
    changed = [*whole.texts[:30], *("quite something else" for _ in range(33)), whole.texts[63]]
    other = Series(changed, EMBEDDER.embed(changed), EMBEDDER.name)
    for t in (0, 1, 7, 30):
        mine, its = observer(name).losses(whole, t, [63]), observer(name).losses(other, t, [63])
        np.testing.assert_allclose(mine, its, rtol=1e-9)
    assert np.isfinite(observer(name).losses(whole, 40, [40, 41, 63])).all()


@pytest.mark.parametrize("name", list(OBSERVERS))
def test_what_was_seen_before_costs_less(name: str) -> None:
    ignorant, knowing = (observer(name).losses(series("constant"), t, [60])[0] for t in (0, 48))
    assert knowing < 0.5 * ignorant


class Counting:
    """An observer that counts what it is asked."""

    name = "counting"
    horizon = "nothing"

    def __init__(self) -> None:
        self.asked: list[tuple[int, int]] = []

    def losses(self, series: Series, t: int, later) -> np.ndarray:
        self.asked += [(t, i) for i in later]
        return np.array([float(i - t) for i in later])


def test_losses_are_found_once_whoever_asks(tmp_path) -> None:
    whole = series("noise")
    with opened(address_of(tmp_path)) as ledger:
        first, memory = Counting(), Losses(ledger)
        half = Grid(0, 64, (0, 8), ((40, 41), (50,)))
        once = loss_matrix(whole, first, half, memory)
        assert len(first.asked) == 6
        again = Counting()
        assert loss_matrix(whole, again, half, memory) == once
        assert again.asked == []
        more = Counting()
        loss_matrix(whole, more, Grid(0, 64, (0, 8, 16), ((40, 41), (50,))), memory)
        assert {t for t, _ in more.asked} == {16}
        other = Counting()
        changed = Series(["another beginning", *whole.texts[1:]])
        loss_matrix(changed, other, half, memory)
        assert len(other.asked) == 6


def test_a_language_model_is_shown_the_last_artifacts() -> None:
    heard: list[tuple[str, str]] = []

    def score(before: str, text: str) -> float:
        heard.append((before, text))
        return float(len(before))

    told = Series(["one", "two", "three", "four"])
    losses = Language("m", score, context=2).losses(told, 3, [3])
    assert heard == [("two\n\nthree\n\n", "four")]
    assert losses[0] == len("two\n\nthree\n\n")
    assert Language("m", score).losses(told, 0, [3])[0] == 0


def test_what_is_missing_is_named() -> None:
    with pytest.raises(ConfigError, match="came without"):
        observer("linear").losses(Series(["a"] * 20), 10, [12])
    with pytest.raises(ConfigError, match="compressor, linear"):
        observer("oracle")
