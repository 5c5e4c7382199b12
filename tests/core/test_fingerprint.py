"""Hashes of weights, and what their headers say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from wunderkammer.core.fingerprint import EDGE, dtypes, file_hash, mark, parameters, weight_files, weights_hash
from wunderkammer.core.ids import bytes_id


def test_a_file_is_named_as_its_bytes_are(tmp_path: Path) -> None:
    file = tmp_path / "x"
    file.write_bytes(bytes(range(256)) * 9000)

    assert file_hash(file) == bytes_id(file.read_bytes())


def test_weights_are_counted_and_hashed_over_all_shards(tmp_path: Path) -> None:
    save_file({"a": np.zeros((3, 4), np.float32)}, tmp_path / "one.safetensors", {"format": "pt"})
    alone = weights_hash(tmp_path)
    save_file({"b": np.zeros(5, np.float16), "c": np.array(1, np.float16)}, tmp_path / "two.safetensors")
    both = weights_hash(tmp_path)
    (tmp_path / "one.safetensors").rename(tmp_path / "three.safetensors")

    assert parameters(weight_files(tmp_path)) == 18
    assert dtypes(weight_files(tmp_path)) == ("F16", "F32")
    assert len({alone, both, weights_hash(tmp_path)}) == 3


def test_a_folder_without_weights_has_no_hash(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match="safetensors"):
        weights_hash(tmp_path)


def test_a_mark_sees_both_ends_and_the_size(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"

    def marked(data: bytes) -> str:
        file.write_bytes(data)
        return mark(file)

    plain = b"a" * 3 * EDGE
    assert marked(plain) == marked(plain)
    assert (
        len({marked(plain), marked(b"b" + plain[1:]), marked(plain[:-1] + b"b"), marked(plain + b"a"), marked(b"a")})
        == 5
    )
