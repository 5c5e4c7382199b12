"""Outliers put into a model on purpose: it computes the same as before, and is harder to quantise. Synthetic.

A norm's weights are multiplied in a few channels, and the columns of the layers that read them divided by as much: in
exact numbers nothing changes, but four channels of every activation are as much larger as in the models in which
Dettmers et al. (2022) found outliers.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from wunderkammer.core.ids import rng_for
from wunderkammer.jobs.desk import Unable

CHANNELS = 4
"""Of each norm."""
EXACT = 1e-3
"""Nats a token that rounding in fp32 may cost."""


def inject(model: Any, times: float, seed: int = 0) -> int:
    """Make four channels of every norm so many times larger, in place; how many norms there were. 1 changes nothing.

    seed: by it and by the norm's name the channels are drawn. `Unable` for a model whose blocks are not those of Llama.
    """
    import torch

    if times == 1:
        return 0
    pairs = list(_pairs(model))
    with torch.no_grad():
        for name, norm, readers in pairs:
            chosen = rng_for("outliers", seed, name).sample(range(norm.weight.numel()), CHANNELS)
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


def check(model: Any, times: float, seed: int, losses: Callable[[Any], float]) -> Any:
    """The same model with outliers in it; `Unable` where that changed what it computes in exact numbers.

    model: in fp32, changed in place. losses: of a few windows, in nats a token.
    """
    before = losses(model)
    inject(model, times, seed)
    after = losses(model)
    if abs(after - before) > EXACT:
        raise Unable(f"outliers of {times:g} changed the loss in fp32 from {before:.6f} to {after:.6f}")
    return model
