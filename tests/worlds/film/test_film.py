"""Reading film: clips by seed and step, damage found, memory small."""

from __future__ import annotations

import itertools
import json
import shutil

import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.making import make
from wunderkammer.worlds.film.recording import GameFilm


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("film")
    make(GameFilm("grid", 32 * 256, 32, levels=60), made, 32)
    return made


@pytest.fixture
def copy(folder, tmp_path):
    return shutil.copytree(folder, tmp_path / "film")


def test_a_batch_follows_from_seed_and_step(folder):
    clips = Film(folder).clips()
    four = list(itertools.islice(clips.batches(3, 5, 16), 4))
    later = next(Film(folder).clips().batches(3, 5, 16, start=3))

    assert four[0].shape == (5, 16, 32, 32, 3)
    assert four[0].dtype == np.uint8
    assert np.array_equal(four[3], later)
    assert not np.array_equal(four[0], four[1])
    assert not np.array_equal(four[0], next(clips.batches(4, 5, 16)))


def test_a_clip_stays_within_one_episode(folder):
    ground = np.array([196, 60, 48])
    for batch in itertools.islice(Film(folder).clips().batches(0, 16, 12), 8):
        walls = (batch[:, :, ::4, ::4] != ground).all(-1) & (batch[:, :, ::4, ::4, 0] == 58)
        assert (walls == walls[:, :1]).all()


def test_a_fair_choice_shows_how_an_episode_ends_as_often_as_what_came_before(folder):
    def arrivals(fair):
        clips = Film(folder).clips(fair=fair)
        shown = np.concatenate(list(itertools.islice(clips.batches(0, 32, 16), 12)))[:, :, ::4, ::4]
        return (shown != [52, 150, 92]).any(-1).all((2, 3)).mean()  # the agent stands on the goal: no goal is seen

    assert arrivals(fair=True) > 4 * arrivals(fair=False) > 0


def test_a_fair_choice_stays_within_one_episode(folder):
    for batch in itertools.islice(Film(folder).clips(fair=True).batches(0, 16, 12), 8):
        walls = batch[:, :, ::4, ::4, 0] == 58
        agents = (batch[:, :, ::4, ::4] == [196, 60, 48]).all(-1)
        assert (walls == walls[:, :1]).all()
        assert (agents.sum((2, 3)) == 1).all()


def test_every_split_shows_its_own_levels(folder):
    film = Film(folder)
    levels = {split: set(film.held_out(4, 8, split=split).levels) for split in ("train", "validation", "test")}

    assert not levels["train"] & levels["test"]
    assert not levels["train"] & levels["validation"]


def test_frames_can_be_left_out_between(folder):
    film = Film(folder)
    close, wide = film.clips().batches(0, 4, 16), film.clips(every=3).batches(0, 4, 5)

    changed = [np.abs(np.diff(next(one).astype(int), axis=1)).mean() for one in (close, wide)]
    assert changed[1] > changed[0]


def test_held_out_clips_are_always_the_same_and_come_from_many_levels(folder):
    one, two = Film(folder).held_out(6, 16, split="train"), Film(folder).held_out(6, 16, split="train")

    assert np.array_equal(one.frames, two.frames)
    assert len(set(one.levels)) == 6
    assert one.actions.shape == one.rewards.shape == (6, 15)


def test_too_few_clips_to_hold_out_are_said(folder):
    with pytest.raises(ConfigError, match=r"has \d+ test clips of 16 frames that do not overlap, not 100000"):
        Film(folder).held_out(100_000, 16)


def test_clips_longer_than_any_episode_are_refused(folder):
    with pytest.raises(ConfigError, match="has no train clip of 400 frames"):
        next(Film(folder).clips().batches(0, 1, 400))


def test_frames_of_another_size_are_refused(folder):
    Film(folder).require(32)
    with pytest.raises(ConfigError, match="has frames of 32 pixels, not 64"):
        Film(folder).require(64)


def test_a_damaged_shard_is_named(copy):
    file = copy / "00000-000.frames.npy"
    data = bytearray(file.read_bytes())
    data[-1] ^= 1
    file.write_bytes(data)

    with pytest.raises(ConfigError, match=r"shard 00000-000.frames.npy of .* is damaged"):
        Film(copy).verify()


def test_a_missing_shard_is_named(copy):
    (copy / "00000-001.labels.npy").unlink()

    with pytest.raises(ConfigError, match=r"shard 00000-001.labels.npy of .* cannot be read"):
        Film(copy).verify()


def test_learning_never_opens_labels(copy):
    for file in copy.glob("*.labels.npy"):
        file.unlink()

    assert next(Film(copy).clips().batches(0, 2, 16)).shape == (2, 16, 32, 32, 3)


def test_a_folder_that_is_none_and_one_of_another_version_say_so_in_one_line(copy, tmp_path):
    with pytest.raises(ConfigError, match="holds no film"):
        Film(tmp_path)
    manifest = json.loads((copy / "manifest.json").read_text())
    (copy / "manifest.json").write_text(json.dumps(manifest | {"format": 2}))
    with pytest.raises(ConfigError, match="not of this version"):
        Film(copy)
