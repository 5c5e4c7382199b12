"""A world on disk, and ways through it."""

from __future__ import annotations

import json

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from wunderkammer.core.errors import ConfigError  # noqa: E402
from wunderkammer.learners.video.patches import to_bytes  # noqa: E402
from wunderkammer.learners.video.settings import FORMAT  # noqa: E402
from wunderkammer.learners.video.squares import Squares  # noqa: E402
from wunderkammer.learners.video.transformer import Past  # noqa: E402
from wunderkammer.learners.video.world_model import Memory, WorldModel  # noqa: E402


def frames(count: int = 6, batch: int = 2) -> np.ndarray:
    return next(Squares(16, square=4).batches(0, batch, count))


def test_a_world_that_was_kept_goes_on_as_the_one_that_was_not(world, tmp_path) -> None:
    world.notes = {"film": "squares"}
    world.save(tmp_path / "w")
    again = WorldModel.load(tmp_path / "w")
    assert again.notes == {"film": "squares"}
    assert again.settings == world.settings
    one, two = (it.start(frames()[0, 0], seed=3).walk([1, 2, 3]) for it in (world, again))
    assert np.array_equal(one, two)


def test_a_clip_is_repainted_in_its_own_shape(world) -> None:
    clips = torch.from_numpy(frames())
    painted = world.repainted(clips)
    assert (painted.shape, painted.dtype) == (clips.shape, torch.uint8)
    assert not torch.equal(painted, clips)


def test_another_version_is_refused(world, tmp_path) -> None:
    world.save(tmp_path)
    file = tmp_path / "settings.json"
    file.write_text(json.dumps(json.loads(file.read_text()) | {"format": 99}))
    with pytest.raises(ConfigError, match=f"is of format 99, and this version reads format {FORMAT}"):
        WorldModel.load(tmp_path)


def test_a_folder_without_a_world_is_refused(tmp_path) -> None:
    with pytest.raises(ConfigError, match="holds no world"):
        WorldModel.load(tmp_path)


def test_weights_of_another_world_are_refused_in_one_line(world, settings, tmp_path) -> None:
    world.save(tmp_path)
    WorldModel(settings.model_copy(update={"width": 32})).save(tmp_path / "other")
    (tmp_path / "other/world.safetensors").replace(tmp_path / "world.safetensors")
    with pytest.raises(ConfigError, match="does not hold this world") as fault:
        WorldModel.load(tmp_path)
    assert "\n" not in str(fault.value)


def test_damaged_weights_are_refused(world, tmp_path) -> None:
    world.save(tmp_path)
    (tmp_path / "world.safetensors").write_bytes(b"no tensors")
    with pytest.raises(ConfigError, match="does not hold this world"):
        WorldModel.load(tmp_path)


def test_a_frame_of_another_size_is_refused(world) -> None:
    with pytest.raises(ConfigError, match="a frame of 32 × 32 × 3 .*: this world is of 16 × 16 × 3"):
        world.start(np.zeros((32, 32, 3), np.uint8))


def test_what_is_undone_can_be_done_again_and_comes_out_the_same(world) -> None:
    session = world.start(frames()[0, 0], seed=1)
    begun = session.frame
    first, second = session.step(2), session.step(5)
    assert np.array_equal(session.undo(), first)
    assert np.array_equal(session.step(5), second)
    session.undo()
    session.undo()
    assert np.array_equal(session.undo(), begun)
    assert session.actions == []


def test_a_way_may_be_longer_than_the_window(world) -> None:
    session = world.start(frames()[0, 0])
    session.walk([0, 1, 2, 3, 4, 5, 6, 7, 0, 1])
    assert len(session.frames) == 11
    assert session.frame.shape == (16, 16, 3)
    assert session.frame.dtype == np.uint8


def test_an_action_that_does_not_exist_is_refused(world) -> None:
    with pytest.raises(ConfigError, match="action 8: one of 0 to 7"):
        world.start(frames()[0, 0]).step(8)


def test_there_can_be_fewer_latent_actions(settings) -> None:
    small = WorldModel(settings.model_copy(update={"actions": 3})).eval()

    assert small.actions == 3
    assert set(small.infer(torch.from_numpy(frames())).unique().tolist()) <= {0, 1, 2}
    assert small.start(frames()[0, 0]).step(2).shape == (16, 16, 3)
    with pytest.raises(ConfigError, match="action 3: one of 0 to 2"):
        small.start(frames()[0, 0]).step(3)


def test_many_rolled_out_at_once_are_each_as_alone(world) -> None:
    clips, actions = torch.from_numpy(frames()), torch.randint(8, (2, 9))
    both, one = (
        world.rollout(clips[:n, :2], actions[:n], torch.Generator().manual_seed(0), temperature=0) for n in (2, 1)
    )
    assert both.shape == (2, 8, 16, 16, 3)
    assert (both[:1].int() - one.int()).abs().max() <= 1


def test_a_rollout_and_a_session_see_the_same_world(world) -> None:
    still = WorldModel(world.settings.model_copy(update={"temperature": 0.0})).eval()
    still.load_state_dict(world.state_dict())
    clip, actions = torch.from_numpy(frames()[:1, :1]), torch.randint(8, (1, 8))
    rolled = still.rollout(clip, actions, torch.Generator())
    session = still.start(clip[0, 0].numpy())
    session.walk(actions[0].tolist())
    assert np.abs(rolled[0].numpy().astype(int) - np.stack(session.frames[1:]).astype(int)).max() <= 1


def test_in_half_the_bytes_it_is_nearly_the_same_world(world, tmp_path) -> None:
    world.save(tmp_path / "whole")
    world.save(tmp_path / "half", half=True)
    sizes = [(tmp_path / name / "world.safetensors").stat().st_size for name in ("whole", "half")]
    assert sizes[1] < 0.6 * sizes[0]
    found = WorldModel.load(tmp_path / "half")
    for name, value in world.state_dict().items():
        assert found.state_dict()[name].dtype == value.dtype
        torch.testing.assert_close(found.state_dict()[name], value, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("steady", [True, False])
def test_a_patch_whose_token_stays_is_shown_as_it_was(world, steady) -> None:
    model = WorldModel(world.settings.model_copy(update={"steady": steady})).eval()
    model.load_state_dict(world.state_dict())
    clip = torch.from_numpy(frames()[:1, :1])
    begun = model.begin(clip, torch.zeros(1, 0, dtype=torch.int64))
    assert torch.equal(begun.frames[-1], clip[:, 0]) == steady
    after = model.advance(begun, torch.tensor([3]), torch.Generator().manual_seed(0))
    stayed = model._pixels(after.codes[:, -1] == after.codes[:, -2]).expand(-1, -1, -1, 3)
    assert 0 < stayed.float().mean() < 1, "some stay, some do not"
    painted = to_bytes(model.tokenizer.decode(after.codes))[:, -1]
    assert torch.equal(after.frames[-1][~stayed], painted[~stayed])
    assert torch.equal(after.frames[-1][stayed], (begun.frames[-1] if steady else painted)[stayed])


def test_actions_of_a_long_clip_are_inferred_window_by_window(world) -> None:
    clips = torch.from_numpy(frames(17))
    found = world.infer(clips)
    assert found.shape == (2, 16)
    assert torch.equal(found[:, :5], world.infer(clips[:, :6]))


@pytest.fixture
def ways(world):
    """Four of them, begun with two frames each, and what is done next."""
    dice = torch.Generator().manual_seed(3)
    side = world.settings.side
    frames = torch.randint(256, (4, 2, side, side, 3), generator=dice, dtype=torch.uint8)
    actions = torch.randint(world.actions, (4, 9), generator=dice)
    return world.begin(frames, actions[:, :1]), actions[:, 1:]


def test_remembering_saves_work_and_changes_nothing(world, ways) -> None:
    remembering, actions = ways
    forgetting, one, other = remembering, torch.Generator().manual_seed(1), torch.Generator().manual_seed(1)
    for action in actions.unbind(1):  # longer than a window, too
        remembering = world.advance(remembering, action, one)
        forgetting = world.advance(forgetting._replace(memory=None), action, other)
        assert torch.equal(remembering.codes, forgetting.codes)
        apart = remembering.frames[-1].int() - forgetting.frames[-1].int()
        assert apart.abs().max() <= 1


def test_ways_that_are_exchanged_bring_their_memories(world, ways) -> None:
    begun, actions = ways
    dice = torch.Generator().manual_seed(1)
    left = world.advance(begun, actions[:, 0], dice)
    right = world.advance(begun, actions[:, 1], dice)
    rows = torch.tensor([1, 3])
    some = Memory(*(tuple(Past(*(part[rows] for part in one)) for one in parts) for parts in right.memory))

    mixed = left.memory.replaced(rows, some)

    for part, one, other in zip(mixed.dynamics + mixed.decoder, *map(_parts, (left, right)), strict=True):
        assert torch.equal(part.keys[rows], other.keys[rows])
        assert torch.equal(part.values[[0, 2]], one.values[[0, 2]])


def _parts(window) -> tuple[Past, ...]:
    return window.memory.dynamics + window.memory.decoder


def test_a_session_keeps_the_memory_of_its_last_window_alone(world) -> None:
    session = world.start(np.zeros((world.settings.side,) * 2 + (3,), np.uint8))
    session.walk([0, 1, 2])
    assert [window.memory is None for window in session._windows] == [True, True, True, False]
