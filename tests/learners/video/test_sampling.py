"""MaskGIT: the surest tokens first, as many rounds as are asked for."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from wunderkammer.learners.video.sampling import next_frame  # noqa: E402


def sample(world, steps: int, temperature: float, seed: int = 0) -> torch.Tensor:
    dice = torch.Generator().manual_seed(7)
    codes = torch.randint(16, (2, 3, world.settings.tokens), generator=dice)
    actions = torch.randint(8, (2, 3), generator=dice)
    pasts = world.dynamics.prime(codes, world.dynamics.since(actions[:, :-1]))
    dice = torch.Generator().manual_seed(seed)
    return next_frame(world.dynamics, codes[:, -1], actions[:, -1], pasts, steps, temperature, dice)


@pytest.mark.parametrize("steps", [1, 2, 5, 25])
def test_every_token_is_filled(world, steps) -> None:
    codes = sample(world, steps, 1.0)
    assert codes.shape == (2, world.settings.tokens)
    assert 0 <= codes.min() <= codes.max() < 16


def test_without_temperature_nothing_is_drawn(world) -> None:
    assert torch.equal(sample(world, 3, 0.0, seed=1), sample(world, 3, 0.0, seed=2))


def test_what_is_drawn_follows_from_the_generator(world) -> None:
    assert torch.equal(sample(world, 3, 2.0, seed=1), sample(world, 3, 2.0, seed=1))
    assert not torch.equal(sample(world, 3, 2.0, seed=1), sample(world, 3, 2.0, seed=2))


def test_the_likeliest_in_one_round_is_what_the_dynamics_say(world) -> None:
    dice = torch.Generator().manual_seed(7)
    codes = torch.randint(16, (2, 3, world.settings.tokens), generator=dice)
    actions = torch.randint(8, (2, 3), generator=dice)
    masked = torch.cat([codes, torch.full_like(codes[:, :1], world.dynamics.mask)], 1)
    seen = world.dynamics.trunk(world.dynamics._tokens(masked, world.dynamics.since(actions)))
    wanted = world.dynamics._scores(seen[:, -1, world.dynamics.ahead :]).argmax(-1)
    assert torch.equal(sample(world, 1, 0.0), wanted)
