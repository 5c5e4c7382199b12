"""LoRA adapters of random weights: as PEFT writes them, and as llama.cpp reads them, for the shapes of SmolLM2-135M."""

from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np
from safetensors.numpy import save_file

WIDTH, LAYERS = 576, 30  # of SmolLM2-135M
RANK = 4
STRING, FLOAT32 = 8, 6  # type numbers of GGUF metadata
_METADATA = {"general.architecture": "llama", "general.type": "adapter", "adapter.type": "lora"}


def halves(seed: int, rank: int = RANK, scale: float = 0.5) -> list[tuple[np.ndarray, np.ndarray]]:
    """A pair (A of rank x width, B of width x rank) for each layer's query projection."""
    rng = np.random.default_rng(seed)

    def drawn(*shape: int) -> np.ndarray:
        return rng.normal(scale=scale, size=shape).astype("<f4")

    return [(drawn(rank, WIDTH), drawn(WIDTH, rank)) for _ in range(LAYERS)]


def write_gguf(file: Path, seed: int = 0) -> None:
    """A GGUF LoRA (version 3) over the query projections."""
    head = [_text(key) + struct.pack("<I", STRING) + _text(value) for key, value in _METADATA.items()]
    head.append(_text("adapter.lora.alpha") + struct.pack("<If", FLOAT32, 8.0))
    tensors, data = [], b""
    for layer, pair in enumerate(halves(seed)):
        for half, values in zip("ab", pair, strict=True):
            name = _text(f"blk.{layer}.attn_q.weight.lora_{half}")
            tensors.append(name + struct.pack("<IQQIQ", 2, values.shape[1], values.shape[0], 0, len(data)))
            data += values.tobytes()  # a multiple of the alignment, 32
    opening = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(head)) + b"".join(head) + b"".join(tensors)
    file.write_bytes(opening + bytes(-len(opening) % 32) + data)


def write_peft(
    folder: Path, seed: int = 0, *, rank: int = RANK, scale: float = 0.5, gguf: bool = False, **config: object
) -> Path:
    """A folder as PEFT's `save_pretrained` leaves it; returns it."""
    folder.mkdir(parents=True, exist_ok=True)
    said = {
        "peft_type": "LORA",
        "base_model_name_or_path": "smollm2",
        "r": rank,
        "lora_alpha": 2 * rank,
        "target_modules": ["q_proj"],
        "bias": "none",
        "task_type": "CAUSAL_LM",
    }
    (folder / "adapter_config.json").write_text(json.dumps({**said, **config}), "utf-8")
    tensors = {}
    for layer, (a, b) in enumerate(halves(seed, rank, scale)):
        name = f"base_model.model.model.layers.{layer}.self_attn.q_proj"
        tensors |= {f"{name}.lora_A.weight": a, f"{name}.lora_B.weight": b}
    save_file(tensors, folder / "adapter_model.safetensors")
    if gguf:
        write_gguf(folder / "adapter.gguf", seed)
    return folder


def _text(words: str) -> bytes:
    return struct.pack("<Q", len(words)) + words.encode()
