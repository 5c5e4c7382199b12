"""A base model in memory: on which device, in which numbers, with which adapter. Imports torch when asked to load."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.finetune.recipe import Recipe
from wunderkammer.jobs.finetune.upstream import Base

Precision = Literal["fp32", "bf16"]
KEPT_ROW = 512
"""Tokens up to which a matrix of attention weights may be kept."""


def device() -> str:
    """`cuda` where there is one, else `cpu`."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"


def precision(wanted: Literal["auto", "fp32", "bf16"], place: str) -> Precision:
    """What `auto` comes to: bf16 where the device multiplies in it; on other processors it would only be slower."""
    import torch

    if wanted != "auto":
        return wanted
    if place == "cuda":
        return "bf16" if torch.cuda.is_bf16_supported() else "fp32"
    able = torch.cpu.get_capabilities()
    return "bf16" if able.get("avx512_bf16") or able.get("amx_bf16") else "fp32"


def load_tokenizer(folder: Path) -> Any:
    """The tokenizer of a transformers folder, with a padding token."""
    from transformers import AutoTokenizer

    tokenizer = AutoTokenizer.from_pretrained(folder)
    if tokenizer.pad_token is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def load_model(base: Base, numbers: Precision, place: str, row: int = 0) -> Any:
    """The model of a transformers folder on its device, frozen and in evaluation mode.

    row: how many tokens will be learned from in one row; 0: none, it is only asked.
    """
    import torch
    from transformers import AutoModelForCausalLM

    try:
        model = AutoModelForCausalLM.from_pretrained(
            base.model,
            dtype=torch.bfloat16 if numbers == "bf16" else torch.float32,
            attn_implementation=attention(numbers, place, row),
        )
    except (ValueError, KeyError) as fault:
        raise Unable(f"transformers cannot load {base.name}: {str(fault).strip().splitlines()[0]}") from None
    return model.to(place).requires_grad_(False).eval()


def attention(numbers: Precision, place: str, row: int) -> str:
    """Which implementation. torch's fused one is the choice, but on processors its gradient in bf16 is slow: a fifth of
    a training step of SmolLM2-135M at 80 tokens, which is short enough to keep the matrix instead."""
    return "eager" if place == "cpu" and numbers == "bf16" and 0 < row <= KEPT_ROW else "sdpa"


def check_targets(model: Any, targets: str, layers: int) -> list[str] | str:
    """What PEFT takes as `target_modules`; `Unable` with what the model has where a name is not among it."""
    from torch import nn

    if targets == "all-linear":
        return targets
    head = model.get_output_embeddings()
    has = sorted(
        {
            name.rpartition(".")[2]
            for name, part in model.named_modules()
            if isinstance(part, nn.Linear) and part is not head
        }
    )
    wanted = targets.replace(",", " ").split()
    strange = [name for name in wanted if name not in has]
    if strange or not wanted:
        raise Unable(f"the model has no module {' '.join(strange) or '(none named)'} to adapt; it has {' '.join(has)}")
    depth = model.config.get_text_config().num_hidden_layers
    if layers > depth:
        raise Unable(f"layers = {layers}, but the model has {depth}; 0 means all")
    return wanted


def lora(recipe: Recipe, targets: list[str] | str, model: Any) -> Any:
    """A fresh adapter's configuration."""
    from peft import LoraConfig

    depth = model.config.get_text_config().num_hidden_layers
    return LoraConfig(
        task_type="CAUSAL_LM",
        r=recipe.rank,
        lora_alpha=recipe.alpha,  # type: ignore[arg-type, unused-ignore]
        lora_dropout=recipe.dropout,
        target_modules=targets,
        layers_to_transform=list(range(depth - recipe.layers, depth)) if recipe.layers else None,
    )


def adapted(model: Any, folder: Path, *, trainable: bool = True) -> Any:
    """A model with an adapter on it; `Unable` where the two do not fit."""
    from peft import PeftModel

    try:
        return PeftModel.from_pretrained(model, folder, is_trainable=trainable)
    except (ValueError, RuntimeError) as fault:
        raise Unable(f"adapter {folder} does not fit the base: {str(fault).strip().splitlines()[0]}") from None


def with_checkpointing(recipe: Recipe, model: Any, place: str) -> Recipe:
    """`auto` settled: on where the activations of a batch may not fit into the GPU's free memory."""
    import torch

    if recipe.checkpointing != "auto":
        return recipe
    short = place == "cuda" and activations(recipe, model.config.get_text_config()) > torch.cuda.mem_get_info()[0]
    return recipe.model_copy(update={"checkpointing": "on" if short else "off"})


def activations(recipe: Recipe, config: Any) -> int:
    """Bytes that a batch of full length keeps for its gradient, from above.

    34 bytes times hidden size per position and layer (Korthikanti et al. 2022, eq. 2, without the attention matrix,
    which is recomputed), doubled for gated feed-forward layers and the adapters' fp32 copies.
    """
    positions = recipe.batch * recipe.max_tokens * (2 if recipe.method == "dpo" else 1)
    return int(positions * config.hidden_size * config.num_hidden_layers * 34 * 2)
