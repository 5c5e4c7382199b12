"""A part that learns, and what is left of it in the end."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from wunderkammer.learners.video.course import Course, Machine, Schedule  # noqa: E402
from wunderkammer.learners.video.lesson import Lesson  # noqa: E402
from wunderkammer.learners.video.quantiser import MOMENTUM, Level  # noqa: E402


class Levelled(nn.Module):
    """Vectors times a matrix that moves fast, brought to one level."""

    def __init__(self) -> None:
        super().__init__()
        self.mix = nn.Linear(3, 3)
        self.level = Level(3)

    def forward(self, vectors: torch.Tensor) -> torch.Tensor:
        return self.level(self.mix(vectors))


def batch(seed: int) -> torch.Tensor:
    return torch.randn(64, 3, generator=torch.Generator().manual_seed(seed)) + 2


def taught(steps: int) -> tuple[Course, Levelled]:
    torch.manual_seed(0)
    part = Levelled()
    part.level.requires_grad_(False)  # what is asked here is how it levels, not what it learns after that
    lesson = lambda vectors, _: Lesson((part(vectors) - 1).abs().mean() + part.mix(vectors).mean(), {})  # noqa: E731
    course = Course("toy", part, lesson, Schedule(steps, 64, 0.5, 1), Machine())
    part.train()
    for turn in range(steps):
        course.step(turn, batch(turn), 0)
    return course, part


def test_levels_fit_the_averaged_weights_in_the_end():
    course, part = taught(40)
    loose = part.eval()(batch(1000))  # by averages of weights that have moved since
    part.train()

    course.finish([batch(2000 + at) for at in range(16)])

    with torch.no_grad():
        fit = part.eval()(batch(1000))
    assert fit.mean(0).abs().max() < 0.5
    assert (fit.std(0) - 1).abs().max() < 0.3
    assert loose.mean(0).abs().max() > fit.mean(0).abs().max()
    assert part.level.momentum == MOMENTUM


def test_the_weights_in_the_end_are_averages():
    course, part = taught(3)
    last, average = part.mix.weight.detach().clone(), course.average[0].clone()

    course.finish()

    torch.testing.assert_close(part.mix.weight.detach(), average)
    assert not torch.allclose(last, average)
