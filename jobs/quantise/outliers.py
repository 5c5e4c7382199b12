"""Outliers put into a model on purpose: it computes the same as before, and is harder to quantise. Synthetic.

A norm's weights are multiplied in a few channels, and the columns of the layers that read them divided by as much: in
exact numbers nothing changes, but four channels of every activation are as much larger as in the models in which
Dettmers et al. (2022) found outliers.
"""

from __future__ import annotations

from typing import Any

from wunderkammer.core.ids import rng_for
from wunderkammer.jobs.desk import Unable

CHANNELS = 4
"""Of each norm."""


def inject(model: Any, times: float) -> int:
    """Make four channels of every norm so many times larger, in place; how many norms there were. 1 changes nothing.

    The channels are drawn once for each norm, by its name. `Unable` for a model whose blocks are not those of Llama.
    """
    import torch

    if times == 1:
        return 0
    pairs = list(_pairs(model))
    with torch.no_grad():
        for name, norm, readers in pairs:
            chosen = rng_for("outliers", name).sample(range(norm.weight.numel()), CHANNELS)
            norm.weight[chosen] *= times
            for reader in readers:
                reader.weight[:, chosen] /= times
    return len(pairs)


def _pairs(model: Any) -> list[tuple[str, Any, list[Any]]]:
    """Each norm of a block with the layers that read what it puts out."""
    found = []
    for at, block in enumerate(getattr(model.base_model, "layers", ())):
        try:
            attention, gate = block.self_attn, block.mlp
            found += [
                (f"{at}.attention", block.input_layernorm, [attention.q_proj, attention.k_proj, attention.v_proj]),
                (f"{at}.mlp", block.post_attention_layernorm, [gate.gate_proj, gate.up_proj]),
            ]
        except AttributeError:
            break
    if not found:
        raise Unable(f"outliers cannot be put into a {type(model).__name__}: its blocks are not those of a Llama")
    return found
