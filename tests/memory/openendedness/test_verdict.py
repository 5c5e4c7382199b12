"""Verdicts on loss matrices made by hand, and on control systems of seeds that nothing was tuned on."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.memory.openendedness.compressor import Compressor
from wunderkammer.memory.openendedness.controls import SUITE
from wunderkammer.memory.openendedness.matrix import LossMatrix, grid, loss_matrix
from wunderkammer.memory.openendedness.series import Series
from wunderkammer.memory.openendedness.verdict import Verdict, verdict


def matrix(rise: float, fall: float, noise: float = 1.0, n: int = 256) -> LossMatrix:
    """Losses that climb by `rise` over T and sink by `fall` over t."""
    points = grid(0, n)
    rng = np.random.default_rng(7)
    ts, later = np.array(points.ts), np.array(points.later)
    nats = 100 + rise * (later - n / 2) / (n / 2) - fall * (ts / (n / 2))[:, None]
    nats = nats + noise * rng.normal(size=len(later)) + 0.1 * noise * rng.normal(size=nats.shape)
    return LossMatrix(
        observer="hand", horizon="nothing", start=0, end=n, ts=points.ts, blocks=points.blocks,
        nats=tuple(map(tuple, nats.tolist())),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("rise", "fall", "label"),
    [
        (2.0, 2.0, "open-ended"),
        (2.0, 0.0, "novel only"),
        (0.0, 2.0, "learnable only"),
        (-2.0, -2.0, "neither"),
        (0.0, 0.0, "neither"),
    ],
)
def test_the_four_answers(rise: float, fall: float, label: str) -> None:
    assert verdict(matrix(rise, fall)).label == label


def test_a_verdict_names_its_observer_and_its_horizon() -> None:
    said = verdict(matrix(2.0, 2.0))
    assert "hand" in said.sentence
    assert "nothing" in said.sentence
    assert Verdict.model_validate_json(said.model_dump_json()) == said


def test_too_few_artifacts_are_undecided_and_the_number_is_told() -> None:
    said = verdict(matrix(2.0, 2.0, n=32))
    assert said.label == "undecided"
    assert said.needed == 48
    assert "about 48 artifacts would tell" in said.sentence


def test_a_trend_that_is_neither_clear_nor_absent_asks_for_more() -> None:
    said = [verdict(matrix(rise, 2.0)) for rise in np.linspace(0.1, 2.0, 39)]
    labels = [one.label for one in said]
    assert {"learnable only", "undecided", "open-ended"} <= set(labels)
    undecided = next(one for one in said if one.label == "undecided")
    assert undecided.needed is not None
    assert undecided.needed > 256


def test_the_effect_is_in_standard_deviations_of_an_artifact() -> None:
    said = verdict(matrix(4.0, 3.0, noise=2.0))
    assert said.novelty.effect == pytest.approx(2.0, abs=0.7)
    assert said.learnability.nats == pytest.approx(3.0 * 15 / 16, abs=0.4)
    assert said.novelty.low < said.novelty.effect < said.novelty.high


@pytest.mark.parametrize("control", SUITE, ids=lambda control: control.name)
def test_the_compressor_tells_the_control_systems_apart(control) -> None:
    """Two of three seeds at least; benchmarks/openendedness.py has the error rates."""
    texts = [control.texts(seed) for seed in (2_000, 2_001, 2_002)]
    labels = [verdict(loss_matrix(Series(t), Compressor(), grid(*control.stretch(len(t))))).label for t in texts]
    assert sum(label in control.right for label in labels) >= 2, labels


def test_a_control_is_the_same_each_time_and_another_by_seed() -> None:
    for control in SUITE:
        assert control.texts(3, 40) == control.texts(3, 40) != control.texts(4, 40)
