"""The ST-transformer: nothing of the future is seen, and a frame after remembered ones is a frame among them."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from wunderkammer.learners.video.transformer import SpaceTime  # noqa: E402


@pytest.fixture(params=[True, False], ids=["qk-norm", "plain"])
def stack(request) -> SpaceTime:
    torch.manual_seed(0)
    return SpaceTime(width=16, heads=2, layers=2, frames=5, places=4, qk_norm=request.param)


def test_a_frame_does_not_see_those_after_it(stack) -> None:
    x = torch.randn(2, 5, 4, 16)
    other = x.clone()
    other[:, 3:] += 1
    one, two = stack(x), stack(other)
    torch.testing.assert_close(one[:, :3], two[:, :3])
    assert not torch.allclose(one[:, 3:], two[:, 3:])


def test_a_place_sees_the_whole_frame_and_its_own_past(stack) -> None:
    x = torch.randn(1, 3, 4, 16)
    other = x.clone()
    other[0, 0, 3] = torch.randn(16)  # a norm would take a mere shift away
    changed = (stack(x) - stack(other)).abs().amax(-1)[0] > 1e-6
    assert changed[0].all()
    assert changed[1:].any()


def test_a_frame_after_remembered_ones_is_as_if_all_were_seen_at_once(stack) -> None:
    x = torch.randn(2, 5, 4, 16)
    whole = stack(x)
    for at in range(1, 5):
        alone, _ = stack.step(x[:, at : at + 1], stack.prime(x[:, :at]))
        torch.testing.assert_close(alone, whole[:, at : at + 1], atol=1e-5, rtol=1e-5)


def test_what_is_remembered_grows_frame_by_frame(stack) -> None:
    x = torch.randn(2, 5, 4, 16)
    pasts = stack.prime(x[:, :1])
    for at in range(1, 5):
        alone, pasts = stack.step(x[:, at : at + 1], pasts)
        torch.testing.assert_close(alone, stack(x)[:, at : at + 1], atol=1e-5, rtol=1e-5)
    for grown, whole in zip(pasts, stack.prime(x), strict=True):
        torch.testing.assert_close(grown.keys, whole.keys, atol=1e-5, rtol=1e-5)
        torch.testing.assert_close(grown.values, whole.values, atol=1e-5, rtol=1e-5)


def test_with_a_width_of_one_head_it_is_attention_as_in_the_textbook() -> None:
    from wunderkammer.learners.video.transformer import TemporalAttention

    torch.manual_seed(1)
    layer = TemporalAttention(width=4, heads=1, qk_norm=False)
    x = torch.randn(1, 3, 1, 4)
    q, k, v = (part(x)[0, :, 0] for part in (layer.query, layer.key, layer.value))
    scores = (q @ k.T / 2).masked_fill(torch.ones(3, 3).triu(1).bool(), -torch.inf)
    wanted = layer.outward(scores.softmax(-1) @ v)
    torch.testing.assert_close(layer(x)[0][0, :, 0], wanted)
