"""A LoRA adapter for llama.cpp: the same numbers under llama.cpp's names, queries and keys in its order of rows.

After: a weights job and the training job whose adapter to convert. Artifact: `adapter.gguf`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wunderkammer.core.fingerprint import file_hash
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.jobs.finetune.faults import named
from wunderkammer.jobs.finetune.upstream import base_of, tuned

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODULES = {
    "q_proj": "attn_q",
    "k_proj": "attn_k",
    "v_proj": "attn_v",
    "o_proj": "attn_output",
    "gate_proj": "ffn_gate",
    "up_proj": "ffn_up",
    "down_proj": "ffn_down",
}
"""What transformers calls a linear layer of a llama block, and what llama.cpp does."""
TENSOR = re.compile(r"base_model\.model\.model\.layers\.(\d+)\.(?:self_attn|mlp)\.(\w+)\.lora_([AB])\.weight")


@dataclass(frozen=True)
class Heads:
    """How many rows of queries and of keys belong together."""

    queries: int
    keys: int

    @classmethod
    def of(cls, config: Mapping[str, Any]) -> Heads:
        queries = int(config["num_attention_heads"])
        return cls(queries, int(config.get("num_key_value_heads") or queries))


def main(desk: Desk) -> dict[str, object]:
    """Convert the adapter and say what it belongs to."""
    base = base_of(desk)
    adapters = tuned(desk, base)
    if len(adapters) != 1:
        raise Unable(f"this job converts the adapter of one training job, and was given {len(adapters)}")
    file = desk.out / "adapter.gguf"
    with named("nothing: an adapter needs little; see what else runs"):
        tensors = convert(adapters[0].adapter, base.model, file)
    said = adapters[0].said
    return {
        "hash": file_hash(file),
        "adapter": said["adapter"],
        "base": base.hash,
        "base_source": base.said.get("source_hash", ""),
        "rank": said["rank"],
        "tensors": tensors,
    }


def convert(adapter: Path, base: Path, file: Path) -> int:
    """Write a GGUF LoRA in fp32; how many tensors it has. `Unable` where llama.cpp could not use it as it was meant."""
    from gguf import GGUFWriter
    from safetensors.numpy import load_file

    model, lora = (
        json.loads(path.read_text("utf-8")) for path in (base / "config.json", adapter / "adapter_config.json")
    )
    check(model, lora)
    heads = Heads.of(model)
    writer = GGUFWriter(file, "llama")
    writer.add_type("adapter")
    writer.add_string("adapter.type", "lora")
    writer.add_float32("adapter.lora.alpha", float(lora["lora_alpha"]))
    found = sorted(load_file(adapter / "adapter_model.safetensors").items())
    for name, numbers in found:
        writer.add_tensor(*translated(name, numbers, heads))
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    return len(found)


def check(model: Mapping[str, Any], lora: Mapping[str, Any]) -> None:
    """Refuse what has no counterpart in llama.cpp's adapters, or none that is known here."""
    if model.get("model_type") != "llama":
        raise Unable(
            f"adapters of {model.get('model_type')} models are not converted, only of llama; serve it with vLLM"
        )
    for option in (
        "use_dora",
        "use_rslora",
        "modules_to_save",
        "rank_pattern",
        "alpha_pattern",
        "trainable_token_indices",
    ):
        if lora.get(option):
            raise Unable(f"an adapter with {option} has no counterpart in llama.cpp; serve it with vLLM")


def translated(name: str, numbers: NDArray[np.float32], heads: Heads) -> tuple[str, NDArray[np.float32]]:
    """llama.cpp's name of a tensor and its numbers, shape (rank, in) for A and (out, rank) for B."""
    import numpy as np

    match = TENSOR.fullmatch(name)
    if match is None or match[2] not in MODULES:
        raise Unable(f"{name} has no counterpart in llama.cpp's llama; adapt {' '.join(MODULES)} alone")
    layer, module, side = match.groups()
    if side == "B" and module in ("q_proj", "k_proj"):
        numbers = interleaved(numbers, heads.queries if module == "q_proj" else heads.keys)
    return f"blk.{layer}.{MODULES[module]}.weight.lora_{side.lower()}", np.ascontiguousarray(numbers, dtype=np.float32)


def interleaved(rows: NDArray[np.float32], heads: int) -> NDArray[np.float32]:
    """Rows of queries or keys in llama.cpp's order, shape (out, rank).

    Rotary embedding turns pairs of rows. transformers pairs row i of a head with row i + half of it, llama.cpp for this
    architecture each row with the next. A's columns are of the residual stream, which both order alike.
    """
    half = rows.shape[0] // heads // 2
    return rows.reshape(heads, 2, half, -1).swapaxes(1, 2).reshape(rows.shape)
