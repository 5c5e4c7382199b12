"""Names of weights that follow from their bytes, read in pieces: a model may be larger than memory."""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import TypedDict

PIECE = 1 << 18
"""Bytes read at a time."""
READ = 1 << 30
"""Bytes of weights that `mark` reads, about: some seconds' work."""
BESIDE = ("*.json", "*.model", "*.jinja", "*.txt")
"""What belongs to a transformers folder beside its weights: configuration and tokenizer."""


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
    """A name for a model file or folder that follows from what is in it and not from where it lies.

    Weights are read whole up to `READ` bytes. Of larger ones it is the same share of every stretch: a change to less
    than a few MiB of a model of tens of GiB may go unseen.
    """
    weights = [path] if path.is_file() else weight_files(path)
    beside = sorted(one for kind in BESIDE for one in path.glob(kind)) if path.is_dir() and weights else []
    return _mark(tuple(map(_stamped, weights)), tuple(map(_stamped, beside)))


_Stamped = tuple[Path, int, int]
"""A file, its size, and when it was written."""


@lru_cache(maxsize=64)
def _mark(weights: tuple[_Stamped, ...], beside: tuple[_Stamped, ...]) -> str:
    """Asked again and again of the same model: each of a study's cells names it."""
    digest = hashlib.blake2b(digest_size=12)
    stride = PIECE * max(1, math.ceil(sum(size for _, size, _ in weights) / READ))
    for files, step in ((weights, stride), (beside, PIECE)):
        for file, size, _ in files:
            digest.update(f"{file.name} {size}\n".encode())
            with file.open("rb") as data:
                for at in range(0, size, step):
                    data.seek(at)
                    digest.update(data.read(PIECE))
    return digest.hexdigest()


def _stamped(file: Path) -> _Stamped:
    found = file.stat()
    return file, found.st_size, found.st_mtime_ns


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
