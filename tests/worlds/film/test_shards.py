"""Shards: stretches cut to size, splits by level, hashes of what was written."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.worlds.film.shards import LABEL, SHORTEST, Reel, sha256, split_of, splits_of


def stretch(length: int, seed: int = 0) -> np.ndarray:
    return np.random.default_rng(seed).integers(0, 256, (length, 8, 8, 3), np.uint8)


def reel(folder, labelled=False, capacity=64):
    return Reel(folder, "00000", 8, capacity, labelled=labelled)


def test_a_stretch_longer_than_a_shard_goes_on_in_the_next(tmp_path):
    made, frames = reel(tmp_path), stretch(100)
    made.add(frames, "7", "train")
    made.cut()

    assert [shard.frames for shard in made.shards] == [64, 36]
    kept = [np.load(tmp_path / f"{shard.name}.frames.npy", allow_pickle=False) for shard in made.shards]
    assert np.array_equal(np.concatenate(kept), frames)
    assert {episode.level for shard in made.shards for episode in shard.episodes} == {"7"}


def test_what_is_too_short_is_counted_and_not_kept(tmp_path):
    made = reel(tmp_path)
    made.add(stretch(SHORTEST - 1), "1", "train")
    made.add(stretch(SHORTEST), "2", "test")
    made.cut()

    assert made.short == 1
    assert [episode.level for episode in made.shards[0].episodes] == ["2"]


def test_labels_stand_in_a_file_of_their_own_in_the_order_of_the_frames(tmp_path):
    made, labels = reel(tmp_path, labelled=True), np.zeros(100, LABEL)
    labels["action"] = np.arange(100)
    made.add(stretch(100), "1", "train", labels)
    made.cut()

    kept = [np.load(tmp_path / f"{shard.name}.labels.npy", allow_pickle=False)["action"] for shard in made.shards]
    assert np.concatenate(kept).tolist() == list(range(100))
    assert made.shards[0].labels_sha256 == sha256(tmp_path / "00000-000.labels.npy")


def test_a_labelled_reel_refuses_frames_without_labels(tmp_path):
    with pytest.raises(ValueError, match="was given none"):
        reel(tmp_path, labelled=True).add(stretch(SHORTEST), "1", "train")


def test_nothing_half_written_is_left(tmp_path):
    made = reel(tmp_path)
    made.add(stretch(20), "1", "train")
    made.cut()

    assert [file.name for file in tmp_path.iterdir()] == ["00000-000.frames.npy"]


def test_levels_are_split_eighty_ten_ten_by_their_names_alone():
    found = [split_of(level) for level in range(5000)]

    assert found == [split_of(str(level)) for level in range(5000)]
    assert 0.78 < found.count("train") / 5000 < 0.82
    assert 0.08 < found.count("test") / 5000 < 0.12


@pytest.mark.parametrize(("count", "held"), [(1, 0), (2, 0), (3, 1), (9, 1), (40, 4)])
def test_a_few_known_levels_leave_some_for_each_split(count, held):
    found = list(splits_of([f"{at}.mp4" for at in range(count)]).values())

    assert found.count("test") == found.count("validation") == held
    assert len(found) == count
