"""Transitions as files and tables: what comes back, and what is refused."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.experience import D4RL, Transitions, joined, of_table, read, write

RNG = np.random.default_rng(0)
FEW = Transitions(
    *(RNG.normal(size=shape).astype(np.float32) for shape in ((5, 3), (5, 2), 5, (5, 3))),
    np.eye(5, dtype=np.float32)[0],
)


def same(one: Transitions, other: Transitions) -> bool:
    return all(np.array_equal(left, right) for left, right in zip(one, other, strict=True))


def test_a_file_gives_back_what_was_written(tmp_path) -> None:
    write(FEW, tmp_path / "few.npz")
    assert same(read(tmp_path / "few.npz"), FEW)
    assert set(np.load(tmp_path / "few.npz")) == set(D4RL)


def test_a_table_gives_back_its_rows() -> None:
    assert FEW.table().shape == (5, 10)
    assert same(of_table(FEW.table(), 3, 2), FEW)
    blurred = FEW.table()
    blurred[:, -1] += [-0.3, 0.3, 0.6, 0.4, -2]
    assert of_table(blurred, 3, 2).terminal.tolist() == [1, 0, 1, 0, 0]


def test_parts_are_joined_and_taken() -> None:
    both = joined(FEW, FEW.at(np.array([4, 1])))
    assert both.steps == 7
    assert same(both.at(slice(5, 7)), FEW.at(np.array([4, 1])))


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"rewards": None}, "has no array rewards; transitions are observations, actions"),
        ({"rewards": np.zeros(4)}, r"do not make transitions: observations \(5, 3\).*rewards \(4,\)"),
        ({"next_observations": np.zeros((5, 2))}, "do not make transitions"),
        ({"actions": np.zeros(5)}, "do not make transitions"),
        ({"rewards": np.full(5, np.nan)}, "some numbers are not finite"),
        ({"rewards": np.array([{}] * 5)}, "holds no transitions"),
    ],
)
def test_other_arrays_are_refused_in_one_line(tmp_path, change, words) -> None:
    arrays = dict(zip(D4RL, FEW, strict=True)) | change
    np.savez(tmp_path / "few.npz", **{name: array for name, array in arrays.items() if array is not None})
    with pytest.raises(ConfigError, match=words):
        read(tmp_path / "few.npz")


def test_other_files_are_refused_in_one_line(tmp_path) -> None:
    (tmp_path / "half.npz").write_bytes(b"PK\x03\x04 half a file")
    (tmp_path / "words.npz").write_text("words")
    np.savez(tmp_path / "none.npz", **{name: column[:0] for name, column in zip(D4RL, FEW, strict=True)})
    for name in ("half", "words", "none", "nowhere"):
        with pytest.raises(ConfigError, match="holds no transitions"):
            read(tmp_path / f"{name}.npz")
