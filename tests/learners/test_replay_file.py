"""Replay files as D4RL and Minari have them: what is read of them, what is left out, what is refused."""

from __future__ import annotations

import sys
from pathlib import Path

import h5py
import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.experience import D4RL, Transitions
from wunderkammer.learners.replay_file import MINARI, read, write

SEEN = np.arange(12, dtype=np.float32).reshape(6, 2)
DONE, PAID = np.arange(6, dtype=np.float32)[:, None] / 6, np.arange(6, dtype=np.float32)
ENDS = np.array([0, 0, 1, 0, 0, 0], np.float32)
FEW = Transitions(SEEN, DONE, PAID, SEEN + 2, ENDS)


def same(one: Transitions, other: Transitions) -> bool:
    return all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))


def kept(file: Path, **arrays) -> Path:
    file.parent.mkdir(parents=True, exist_ok=True)
    with h5py.File(file, "w") as opened:
        for name, array in arrays.items():
            opened[name] = array
    return file


@pytest.mark.parametrize("name", ["few.npz", "few.hdf5", "few.h5"])
def test_what_is_written_is_read(tmp_path, name) -> None:
    write(FEW, tmp_path / name)
    assert same(read(tmp_path / name), FEW)


def test_without_next_observations_each_is_the_row_after_it(tmp_path) -> None:
    arrays = {name: column for name, column in zip(D4RL, FEW, strict=True) if name != "next_observations"}
    found = read(kept(tmp_path / "old.hdf5", **arrays))
    assert found.reward.tolist() == [0, 1, 2, 3, 4], "of the last row nobody knows what came next"
    np.testing.assert_array_equal(found.after, SEEN[1:])
    found = read(kept(tmp_path / "cut.hdf5", **arrays, timeouts=np.array([0, 0, 0, 1, 0, 0], bool)))
    assert found.reward.tolist() == [0, 1, 2, 4]
    assert found.terminal.tolist() == [0, 0, 1, 0]


def test_episodes_of_minari_are_read_from_the_folder_or_the_file(tmp_path) -> None:
    file = kept(
        tmp_path / MINARI,
        **{
            f"episode_{at}/{name}": array
            for at in (0, 1)
            for name, array in {
                "observations": SEEN[:4] + 100 * at,
                "actions": DONE[:3, 0],
                "rewards": PAID[:3] + 10 * at,
                "terminations": ENDS[:3] * at > 0,
                "truncations": ENDS[:3] * (1 - at) > 0,
            }.items()
        },
    )
    found = read(file)
    assert same(read(tmp_path), found)
    assert found.reward.tolist() == [0, 1, 2, 10, 11, 12]
    assert found.terminal.tolist() == [0, 0, 0, 0, 0, 1], "cut off is not over"
    np.testing.assert_array_equal(found.after, np.concatenate([SEEN[1:4], SEEN[1:4] + 100]))
    assert found.action.shape == (6, 1)


def test_other_files_are_refused_in_one_line(tmp_path) -> None:
    (tmp_path / "words.hdf5").write_text("words")
    refused = {
        tmp_path / "words.hdf5": "holds no transitions",
        tmp_path / "nowhere.hdf5": "holds no transitions",
        tmp_path / "few.csv": "end in .npz, .hdf5, .h5",
        kept(tmp_path / "some.hdf5", observations=SEEN, actions=DONE): "has no array rewards, terminals",
        kept(tmp_path / "short.hdf5", **dict(zip(D4RL, FEW._replace(reward=PAID[:3]), strict=True))): "do not make",
        kept(tmp_path / "part.hdf5", **{"episode_0/observations": SEEN}): "episode_0 has no actions, rewards",
    }
    for file, words in refused.items():
        with pytest.raises(ConfigError, match=words):
            read(file)


def test_without_h5py_it_says_what_to_install(tmp_path, monkeypatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ConfigError, match="pip install h5py, or use .npz"):
        read(tmp_path / "few.hdf5")
