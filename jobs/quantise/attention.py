"""Attention while a calibration set is looked at: torch's fused one, as when the model is examined."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any


@contextmanager
def fused_attention(model: Any) -> Iterator[None]:
    """What llm-compressor asks for as `eager` is computed by torch's fused attention.

    llm-compressor makes every model keep its matrices of attention weights, which costs more than all else in a block:
    512 tokens and nine heads are 2.4 million numbers a row, gone over six times. Models that were not loaded with fused
    attention, because they have none, are left as they are.
    """
    from transformers.integrations.sdpa_attention import sdpa_attention_forward
    from transformers.modeling_utils import ALL_ATTENTION_FUNCTIONS

    if model.config._attn_implementation != "sdpa":
        yield
        return

    def fused(module: Any, query: Any, key: Any, value: Any, attention_mask: Any, **more: Any) -> Any:
        mask = None if _is_causal(attention_mask) else attention_mask
        return sdpa_attention_forward(module, query, key, value, mask, **more)

    ALL_ATTENTION_FUNCTIONS["eager"] = fused
    try:
        yield
    finally:
        del ALL_ATTENTION_FUNCTIONS["eager"]


def _is_causal(mask: Any) -> bool:
    """Whether a mask that is added, shape (rows, 1, length, length), hides what comes later and nothing else: the
    fused attention knows that by itself, in half the time."""
    import torch

    if mask is None or mask.ndim != 4 or mask.shape[-1] != mask.shape[-2]:
        return mask is None
    return bool(((mask == 0) == torch.ones(mask.shape[-2:], dtype=torch.bool, device=mask.device).tril()).all())
