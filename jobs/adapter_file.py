"""A PEFT adapter as it lies in a folder: whether it is whole, of which rank, and the hash of what it computes."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from wunderkammer.core.adapters import CONFIG, GGUF, WEIGHTS
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import canonical

MEANING = (
    "peft_type", "r", "lora_alpha", "target_modules", "use_rslora", "use_dora", "rank_pattern", "alpha_pattern",
    "fan_in_fan_out", "layers_to_transform", "modules_to_save", "bias",
)  # fmt: skip
"""Of `adapter_config.json`: what decides what the weights compute. Paths and versions do not."""

_EXPONENTS = {
    "F64": ("<u8", 0x7FF0 << 48),
    "F32": ("<u4", 0x7F80 << 16),
    "F16": ("<u2", 0x7C00),
    "BF16": ("<u2", 0x7F80),
}
"""By dtype: how to read a number, and the bits that are all set in infinities and NaN alone."""


@dataclass(frozen=True)
class Examined:
    """What is known of an adapter once it was looked through."""

    rank: int
    """The greatest of its modules."""
    hash: str
    base: str
    """The base as the trainer called it: a path or a hub name; may be empty."""
    files: tuple[Path, ...]
    """What belongs to it."""


def examine(folder: Path, gguf: Path | None = None) -> Examined:
    """Look through an adapter; `ConfigError` in one line where it is not whole, not LoRA, or holds no numbers.

    gguf: its twin for llama.cpp, where that lies elsewhere than beside it.
    """
    config = _config(folder / CONFIG)
    rank = _weights(folder / WEIGHTS, config)
    twin = gguf or folder / GGUF
    if twin.is_file():
        _check_gguf(twin)
    elif gguf is not None:
        raise ConfigError(f"{gguf}: no such file")
    meaning = {name: config.get(name) for name in MEANING}
    if isinstance(meaning["target_modules"], list):
        meaning["target_modules"] = sorted(meaning["target_modules"])  # PEFT keeps a set: any order means the same
    digest = hashlib.blake2b(canonical(meaning), digest_size=12)
    with (folder / WEIGHTS).open("rb") as file:
        while piece := file.read(2**20):
            digest.update(piece)
    files = (folder / CONFIG, folder / WEIGHTS, *([twin] if twin.is_file() else []))
    return Examined(rank, digest.hexdigest(), str(config.get("base_model_name_or_path") or ""), files)


def _config(file: Path) -> dict[str, Any]:
    try:
        config = json.loads(file.read_bytes())
    except OSError as fault:
        raise ConfigError(
            f"{file}: {fault.strerror}; an adapter's folder is what PEFT's save_pretrained wrote"
        ) from None
    except ValueError:
        raise ConfigError(f"{file}: no JSON; was the trainer interrupted?") from None
    if not isinstance(config, dict) or config.get("peft_type") != "LORA":
        raise ConfigError(f"{file}: no LoRA adapter (peft_type); others cannot be loaded into a running server")
    if not isinstance(config.get("r"), int) or config["r"] < 1:
        raise ConfigError(f"{file}: r must be a whole number of 1 or more")
    return config


def _weights(file: Path, config: Mapping[str, Any]) -> int:
    """The greatest rank of the tensors, all of which must be there, finite, and as the config says."""
    head, start = _head(file)
    ranks = set()
    for name, tensor in head.items():
        if ".lora_A." in name or ".lora_B." in name:
            ranks.add(tensor["shape"][0 if ".lora_A." in name else -1])
    if not ranks:
        raise ConfigError(f"{file}: holds no lora_A and lora_B; is it a whole model?")
    allowed = {config["r"], *(config.get("rank_pattern") or {}).values()}
    if not ranks <= allowed:
        raise ConfigError(f"{file}: ranks {sorted(ranks)} are not those of its {CONFIG} ({sorted(allowed)})")
    for name in _infinite(file, head, start):
        raise ConfigError(f"{file}: {name} holds NaN or infinity; the training went wrong")
    return int(max(ranks))


def _head(file: Path) -> tuple[dict[str, Any], int]:
    """The header of a safetensors file (names to dtype, shape, offsets), and where the numbers begin."""
    try:
        size = file.stat().st_size
        with file.open("rb") as opened:
            length = int.from_bytes(opened.read(8), "little")
            if length > size:
                raise ValueError("header")
            head = json.loads(opened.read(length))
        head.pop("__metadata__", None)
        end = max(tensor["data_offsets"][1] for tensor in head.values())
    except OSError as fault:
        raise ConfigError(
            f"{file}: {fault.strerror}; an adapter's folder is what PEFT's save_pretrained wrote"
        ) from None
    except (ValueError, KeyError, TypeError, AttributeError):
        raise ConfigError(f"{file}: not a safetensors file, or the beginning of one") from None
    if 8 + length + end != size:
        raise ConfigError(f"{file}: {size} bytes of {8 + length + end}; was its writer interrupted?")
    return head, 8 + length


def _infinite(file: Path, head: Mapping[str, Any], start: int) -> Iterator[str]:
    """Names of tensors with a number that is none."""
    for name, tensor in head.items():
        if tensor["dtype"] in _EXPONENTS:
            kind, mask = _EXPONENTS[tensor["dtype"]]
            begin, end = tensor["data_offsets"]
            bits = np.fromfile(file, dtype=kind, count=(end - begin) // np.dtype(kind).itemsize, offset=start + begin)
            if ((bits & np.dtype(kind).type(mask)) == mask).any():
                yield name


def _check_gguf(file: Path) -> None:
    with file.open("rb") as opened:
        if opened.read(4) != b"GGUF":
            raise ConfigError(f"{file}: not a GGUF file")
