"""Frames as patches."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch")

from wunderkammer.learners.video.patches import centred, cosines, cut, join, shaken, tinted, to_bytes, visible  # noqa: E402


def test_what_was_cut_is_joined_again() -> None:
    frames = torch.rand(2, 3, 8, 8, 3)
    assert torch.equal(join(cut(frames, 4), 4), frames)


def test_a_patch_is_a_square_of_the_frame() -> None:
    frames = torch.rand(1, 1, 8, 8, 3)
    assert torch.equal(cut(frames, 4)[0, 0, 1].view(4, 4, 3), frames[0, 0, :4, 4:])


def test_a_shaken_clip_is_moved_as_a_whole() -> None:
    dice = torch.Generator().manual_seed(1)
    frames = torch.rand(6, 3, 8, 8, 3)
    moved = shaken(frames, 2, dice)
    seen = set()
    for was, now in zip(frames, moved, strict=True):
        fits = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(now[:, 2:6, 2:6], was[:, 2 + down : 6 + down, 2 + right : 6 + right])
        ]
        assert len(fits) == 1
        seen.add(fits[0])
    assert len(seen) > 1
    assert shaken(frames, 0, dice) is frames


def test_a_tinted_clip_has_other_colours_throughout_and_the_same_shapes() -> None:
    dice = torch.Generator().manual_seed(1)
    frames = 2 * torch.rand(32, 3, 4, 4, 3) - 1
    looks = set()
    for was, now in zip(frames, tinted(frames, 1.0, dice), strict=True):
        of = [
            next((at, s) for at in range(3) for s in (1, -1) if torch.equal(now[..., c], s * was[..., at]))
            for c in range(3)
        ]
        assert sorted(at for at, _ in of) == [0, 1, 2]
        looks.add(tuple(of))
    assert len(looks) > 16
    assert tinted(frames, 0.0, dice) is frames
    kept = [torch.equal(was, now) for was, now in zip(frames, tinted(frames, 0.5, dice), strict=True)]
    assert 4 < sum(kept) < 28


def test_bytes_survive_being_centred() -> None:
    frames = torch.arange(256, dtype=torch.uint8).view(1, 1, 16, 16, 1)
    assert torch.equal(to_bytes(visible(centred(frames))), frames)
    torch.testing.assert_close(centred(frames.float() / 255), centred(frames))


@pytest.mark.parametrize("count", [4, 27, 48])
def test_cosines_are_orthonormal_and_begin_with_the_mean_colour(count) -> None:
    basis = cosines(4, count)
    torch.testing.assert_close(basis @ basis.T, torch.eye(count), atol=1e-6, rtol=0)
    torch.testing.assert_close(basis[0].view(16, 3), torch.tensor([0.25, 0, 0]).expand(16, 3))
