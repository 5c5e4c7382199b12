"""Vectors rounded to codes, by a codebook, by a grid, by the highest score."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from wunderkammer.learners.video.quantiser import Choice, Level, ScalarQuantiser, VectorQuantiser, quantiser  # noqa: E402
from wunderkammer.learners.video.settings import LEVELS  # noqa: E402


def generator(seed: int = 0) -> torch.Generator:
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("kind", "codes"), [("vq", 20), ("fsq", 8), ("fsq", 240), ("choice", 8)])
def test_codes_stand_for_the_vectors_that_were_returned(kind, codes) -> None:
    one = quantiser(kind, codes, 3)
    found = one.quantise(torch.randn(5, 7, one.width))
    assert found.codes.shape == (5, 7)
    assert 0 <= found.codes.min() <= found.codes.max() < codes
    torch.testing.assert_close(one.vectors(found.codes), found.vectors)


@pytest.mark.parametrize("codes", LEVELS)
def test_a_grid_has_each_of_its_codes(codes) -> None:
    grid = ScalarQuantiser(LEVELS[codes])
    every = torch.arange(codes)
    # What tanh makes of these is the point of the grid itself, or beyond it for the outermost.
    inward = torch.atanh(grid.vectors(every).clamp(-0.9999, 0.9999))
    assert torch.equal(grid.quantise(inward).codes, every)


def test_the_gradient_passes_straight_through() -> None:
    book = VectorQuantiser(8, 4)
    vectors = torch.randn(6, 4, requires_grad=True)
    book.quantise(vectors).vectors.sum().backward()
    torch.testing.assert_close(vectors.grad, torch.ones(6, 4))


def test_a_choice_learns_as_its_softmax_does() -> None:
    scores = torch.randn(6, 8, requires_grad=True)
    towards = torch.randn(6, 8)
    found = Choice(8).quantise(scores)
    (found.vectors * towards).sum().backward()
    soft = scores.detach().clone().requires_grad_()
    (soft.softmax(-1) * towards).sum().backward()
    torch.testing.assert_close(scores.grad, soft.grad)
    assert torch.equal(found.codes, scores.argmax(-1))


def test_a_choice_pays_for_favouring_a_code() -> None:
    even, uneven = torch.eye(8) * 20, torch.zeros(8, 8)
    uneven[:, 3] = 20
    assert Choice(8).quantise(even).loss < 1e-6
    assert Choice(8).quantise(uneven).loss > 1e-3


def test_the_nearest_vector_is_chosen() -> None:
    book = VectorQuantiser(50, 4)
    vectors = torch.randn(30, 4)
    assert torch.equal(book.quantise(vectors).codes, torch.cdist(vectors, book.book).argmin(1))


def test_a_codebook_that_nothing_falls_on_is_put_to_use() -> None:
    book = VectorQuantiser(16, 4)
    book.book += 100
    dice = generator()
    for _ in range(20):
        vectors = torch.randn(256, 4, generator=dice)
        found = book.quantise(vectors)
        book.settle(vectors, found.codes, dice)
    assert book.quantise(vectors).perplexity > 8


def test_the_codebook_comes_to_lie_in_the_middle_of_what_it_is_used_for() -> None:
    book = VectorQuantiser(2, 1, decay=0.5)
    dice = generator()
    for _ in range(40):
        sides = torch.randint(2, (64, 1), generator=dice) * 10.0
        vectors = sides + torch.randn(64, 1, generator=dice)
        book.settle(vectors, book.quantise(vectors).codes, dice)
    assert book.book.flatten().sort().values.tolist() == pytest.approx([0, 10], abs=1)


def test_levelled_vectors_have_mean_0_and_variance_1() -> None:
    level = Level(3)
    found = level(torch.randn(8, 50, 3) * 0.1 + 7)
    torch.testing.assert_close(found.flatten(0, 1).mean(0), torch.zeros(3), atol=1e-4, rtol=0)
    torch.testing.assert_close(found.flatten(0, 1).var(0, correction=0), torch.ones(3), atol=0.01, rtol=0)


def test_perplexity_counts_codes_in_use() -> None:
    from wunderkammer.learners.video.quantiser import perplexity

    assert perplexity(torch.tensor([0, 1, 2, 3]), 9).item() == pytest.approx(4)
    assert perplexity(torch.tensor([5, 5, 5]), 9).item() == pytest.approx(1)
