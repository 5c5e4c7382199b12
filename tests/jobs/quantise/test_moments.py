"""Figures of a stream: those of all its numbers at once, however it is cut."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from wunderkammer.jobs.quantise.moments import Moments  # noqa: E402


def seen(values, pieces):
    moments = Moments()
    for piece in values.split(pieces):
        moments.see(piece)
    return moments


@pytest.mark.parametrize("pieces", [1, 3, 20])
def test_moments_are_those_of_all_numbers_together(pieces: int) -> None:
    values = torch.randn(20, 7, 5, generator=torch.Generator().manual_seed(0)) ** 3 + 2
    moments, off = seen(values, pieces), values.double() - values.double().mean()

    assert moments.count == 700
    assert moments.mean == pytest.approx(float(values.double().mean()), rel=1e-6)
    assert moments.deviation == pytest.approx(float(values.double().std(correction=0)), rel=1e-5)
    assert moments.kurtosis == pytest.approx(float((off**4).mean() / (off**2).mean() ** 2), rel=1e-4)
    assert sum(moments.sizes) == 700


def test_normal_numbers_have_a_kurtosis_of_three_and_none_far_out() -> None:
    moments = seen(torch.randn(64, 64, 64, generator=torch.Generator().manual_seed(0)), 8)

    assert moments.kurtosis == pytest.approx(3, abs=0.05)
    assert moments.far_out == 0


def test_the_largest_are_exact_and_told_apart_by_position() -> None:
    values = torch.full((4, 8, 16), 0.5)
    values[2, 0, 3], values[1, 5, 0] = -3202.25, 8.125
    moments = seen(values, 2)

    assert (moments.largest, moments.largest_first, moments.largest_later) == (3202.25, 3202.25, 8.125)


def test_the_share_far_out_is_counted() -> None:
    values = torch.randn(10, 100, 100, generator=torch.Generator().manual_seed(0))
    values[:, 0, 0] = 50.0

    assert seen(values, 1).far_out == pytest.approx(10 / 100_000)


def test_bf16_is_summed_in_wider_numbers() -> None:
    values = torch.ones(1, 400, 400, dtype=torch.bfloat16)
    moments = seen(torch.cat([values, 2 * values]), 1)

    assert moments.mean == pytest.approx(1.5)
    assert moments.deviation == pytest.approx(0.5)
