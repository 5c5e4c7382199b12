"""Hashes of weights, and what their headers say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from wunderkammer.core import fingerprint
from wunderkammer.core.fingerprint import PIECE, dtypes, file_hash, mark, parameters, weight_files, weights_hash
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


def test_a_mark_follows_from_every_byte_and_not_from_the_folder(tmp_path: Path) -> None:
    file, elsewhere = tmp_path / "model.gguf", tmp_path / "other" / "model.gguf"
    elsewhere.parent.mkdir()

    def marked(data: bytes) -> str:
        file.write_bytes(data)
        return mark(file)

    plain = b"a" * (3 * PIECE + 1)
    elsewhere.write_bytes(plain)
    middle = plain[:PIECE] + b"b" + plain[PIECE + 1 :]
    assert marked(plain) == marked(plain) == mark(elsewhere)
    assert len({marked(one) for one in (plain, middle, b"b" + plain[1:], plain[:-1] + b"b", plain + b"a", b"a")}) == 6


def test_a_folders_mark_sees_its_tokenizer(tmp_path: Path) -> None:
    save_file({"a": np.zeros(3, np.float32)}, tmp_path / "model.safetensors")
    (tmp_path / "tokenizer.json").write_text("{}", "utf-8")
    (tmp_path / "README.md").write_text("one", "utf-8")
    first = mark(tmp_path)
    (tmp_path / "README.md").write_text("two", "utf-8")
    assert mark(tmp_path) == first
    (tmp_path / "tokenizer.json").write_text("[1]", "utf-8")

    assert mark(tmp_path) != first


def test_of_what_is_large_a_share_of_every_stretch_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fingerprint, "READ", 2 * PIECE)
    file = tmp_path / "model.gguf"

    def marked(changed: int) -> str:
        data = bytearray(8 * PIECE)
        data[changed] = 1
        file.write_bytes(data)
        return mark(file)

    assert marked(4 * PIECE) != marked(0)
    assert marked(5 * PIECE) == marked(6 * PIECE)
