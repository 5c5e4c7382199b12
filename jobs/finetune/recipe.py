"""How a model is tuned, and the jobs that do it. Needs none of the trainer's libraries: planning is for everyone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Literal

from pydantic import Field

from wunderkammer.core.frozen import Frozen
from wunderkammer.core.weights import ENVIRONMENT
from wunderkammer.core.work import Job, Resources

HERE = "wunderkammer.jobs.finetune"


class Recipe(Frozen):
    """Settings of a training job; everything but `needs` is part of what it computes."""

    method: Literal["sft", "dpo"] = "sft"
    """sft: learn the chosen answers. dpo: prefer them over the rejected ones (Rafailov et al. 2023)."""
    rank: int = Field(8, ge=1, le=512)
    alpha: float = Field(16.0, gt=0)
    """The adapter's product is scaled by alpha / rank."""
    dropout: float = Field(0.0, ge=0, lt=1)
    targets: str = "q_proj k_proj v_proj o_proj"
    """Names of linear modules that get an adapter, or `all-linear`."""
    layers: int = Field(0, ge=0)
    """Only the upper so many layers get one: what lies below needs no gradient. 0: all."""
    learning_rate: float = Field(2e-4, gt=0)
    schedule: Literal["linear", "cosine", "constant"] = "linear"
    warmup: float = Field(0.05, ge=0, le=1)
    """Share of the steps in which the learning rate rises."""
    epochs: float = Field(1.0, gt=0)
    steps: int = Field(0, ge=0)
    """Optimiser steps; where given, instead of epochs."""
    batch: int = Field(8, ge=1)
    """Examples (packs, where packing) computed at once."""
    accumulate: int = Field(1, ge=1)
    """Batches per optimiser step."""
    max_tokens: int = Field(512, ge=16)
    """Of an example; longer ones are left out and counted. Where packing, of a pack."""
    packing: bool = False
    """Fill each row with several examples that cannot see one another (sft)."""
    precision: Literal["auto", "fp32", "bf16"] = "auto"
    """Of the frozen base; the adapter is always fp32. auto: bf16 where the device multiplies in it."""
    checkpointing: Literal["auto", "on", "off"] = "auto"
    """Compute activations twice instead of keeping them. auto: on a GPU that is short of memory."""
    beta: float = Field(0.1, gt=0)
    """DPO: how strongly the model is held to what it was."""
    save_every: int = Field(25, ge=1)
    """Optimiser steps between checkpoints."""
    needs: Resources = Resources(cores=2, memory_gib=4)


PRESETS: Mapping[str, Recipe] = MappingProxyType(
    {
        "smoke": Recipe(rank=4, alpha=8, steps=4, batch=2, max_tokens=256, save_every=2, learning_rate=1e-3),
        "cpu": Recipe(rank=8, alpha=16, epochs=1, batch=8, max_tokens=320, learning_rate=1e-3),
        "gpu": Recipe(
            rank=16,
            alpha=32,
            targets="all-linear",
            epochs=2,
            batch=8,
            accumulate=2,
            max_tokens=2048,
            packing=True,
            needs=Resources(cores=4, memory_gib=16, gpus=1, gpu_memory_gib=16),
        ),
    }
)


def train_job(
    recipe: Recipe, train: str, held_out: str, weights: str, *, seed: int = 0, start: str = "", title: str = ""
) -> Job:
    """A LoRA adapter; artifacts `adapter/`, `README.md`, `held_out.jsonl`, `curve.json`.

    train, held_out: names in HOME/artifacts of JSONL files of `lessons.Example`. weights: id of a `weights_job`.
    start: id of a `train_job` whose adapter to go on from; default: a fresh one.
    """
    return Job(
        module=f"{HERE}.train",
        args=recipe.model_dump(exclude={"needs"}),
        seed=seed,
        inputs={"train": train, "held_out": held_out},
        after=(weights, start) if start else (weights,),
        title=title or f"{recipe.method} rank {recipe.rank}, seed {seed}",
        needs=recipe.needs,
        environment=ENVIRONMENT,
        attempts=3,
    )


def gguf_job(train: str, weights: str, *, title: str = "") -> Job:
    """The adapter of a `train_job` for llama.cpp; artifact `adapter.gguf`."""
    return Job(
        module=f"{HERE}.gguf",
        after=(weights, train),
        title=title or "adapter for llama.cpp",
        needs=Resources(cores=1, memory_gib=1),
        environment=ENVIRONMENT,
    )


def utility_job(
    weights: str,
    adapters: Sequence[str] = (),
    *,
    seed: int = 0,
    passages: int = 48,
    tokens: int = 128,
    questions: int = 0,
    needs: Resources | None = None,
    title: str = "",
) -> Job:
    """What the base and each adapter (ids of `train_job`) still can do; artifacts `passages.jsonl`, `questions.jsonl`.

    passages: how many texts of so many tokens perplexity is taken over. questions: how many are asked; 0: all.
    """
    return Job(
        module=f"{HERE}.utility",
        args={"passages": passages, "tokens": tokens, "questions": questions},
        seed=seed,
        after=(weights, *adapters),
        title=title or f"utility of the base and {len(adapters)} adapters",
        needs=needs or Resources(cores=2, memory_gib=3),
        environment=ENVIRONMENT,
    )
