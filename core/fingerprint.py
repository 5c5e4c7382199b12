"""Names of weights that follow from their bytes, read in pieces: a model may be larger than memory."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import TypedDict

PIECE = 1 << 20
EDGE = 1 << 16
"""Bytes at each end of a file that `mark` looks at."""


def file_hash(file: Path) -> str:
    """24 hex digits of the BLAKE2b hash of a file: its name as an artifact."""
    digest = hashlib.blake2b(digest_size=12)
    for piece in _pieces(file):
        digest.update(piece)
    return digest.hexdigest()


def weights_hash(folder: Path) -> str:
    """Of all `*.safetensors` of a folder, by name and content; `FileNotFoundError` where there is none."""
    files = weight_files(folder)
    if not files:
        raise FileNotFoundError(f"{folder} has no *.safetensors")
    if len(files) == 1:
        return file_hash(files[0])
    return hashlib.blake2b(
        "\n".join(f"{file.name} {file_hash(file)}" for file in files).encode(), digest_size=12
    ).hexdigest()


def mark(path: Path) -> str:
    """A quick name for a model file or folder: sizes and both ends of its weights, wherever they lie.

    Enough to notice that another model came to stand at the same path, without reading gigabytes.
    """
    digest = hashlib.blake2b(digest_size=12)
    for file in [path] if path.is_file() else weight_files(path):
        size = file.stat().st_size
        digest.update(f"{file.name} {size}\n".encode())
        with file.open("rb") as data:
            digest.update(data.read(EDGE))
            data.seek(max(0, size - EDGE))
            digest.update(data.read(EDGE))
    return digest.hexdigest()


def weight_files(folder: Path) -> list[Path]:
    return sorted(folder.glob("*.safetensors"))


def parameters(files: Iterable[Path]) -> int:
    """How many numbers safetensors files hold, from their headers alone."""
    return sum(math.prod(entry["shape"]) for file in files for entry in _tensors(file))


def dtypes(files: Iterable[Path]) -> tuple[str, ...]:
    """Which number formats they are stored in, as safetensors calls them (`BF16`, `F32`, …)."""
    return tuple(sorted({entry["dtype"] for file in files for entry in _tensors(file)}))


class _Tensor(TypedDict):
    dtype: str
    shape: list[int]


def _tensors(file: Path) -> Iterator[_Tensor]:
    """What a safetensors file says it holds: its first 8 bytes tell how long the JSON is that follows."""
    with file.open("rb") as data:
        length = int.from_bytes(data.read(8), "little")
        header: dict[str, _Tensor] = json.loads(data.read(length))
    return (entry for name, entry in header.items() if name != "__metadata__")


def _pieces(file: Path) -> Iterator[bytes]:
    with file.open("rb") as data:
        while piece := data.read(PIECE):
            yield piece
