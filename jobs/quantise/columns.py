"""GPTQ's innermost loop for a processor: the same numbers, with a third of the operations and along the memory.

Imports llm-compressor; only who quantises imports this.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import torch
from compressed_tensors.quantization import QuantizationType
from compressed_tensors.quantization.utils import calculate_range
from compressed_tensors.utils.impl_backend import ImplBackend
from llmcompressor.modifiers.gptq.helpers import column_scale_window

ENTRY = "gptq_block_update"
"""What llm-compressor calls the loop where it asks for a faster one."""


def applies(weights: torch.Tensor, *_: Any, quant_args: Any, global_scale: Any, **__: Any) -> bool:
    """Whether the loop below is the one that is wanted: integers around 0, on a processor."""
    whole = quant_args.type == QuantizationType.INT and quant_args.symmetric
    return bool(whole and global_scale is None and weights.device.type == "cpu")


def update(
    weights: torch.Tensor,
    inverse: torch.Tensor,
    rounded: torch.Tensor,
    errors: torch.Tensor,
    losses: torch.Tensor,
    *,
    scale: torch.Tensor,
    zero_point: torch.Tensor | None,
    global_scale: torch.Tensor | None,
    g_idx: torch.Tensor | None,
    quant_args: Any,
    i1: int,
) -> None:
    """Round a block of columns one after the other, each time making later columns good for it (Frantar et al. 2022).

    weights, rounded, errors, losses: shape (layers, rows, columns); the last three are filled, the first is used up.
    inverse: of the Hessian, its upper Cholesky factor, shape (layers, columns, columns).
    """
    count = weights.shape[-1]
    scales, _ = column_scale_window(
        scale, zero_point, global_scale, g_idx, quant_args, num_rows=weights.shape[-2], i1=i1, i2=i1 + count
    )
    low, high = (float(edge) for edge in calculate_range(quant_args, weights.device))
    # A column becomes a row: what is worked on lies side by side.
    left = weights.transpose(1, 2).contiguous()
    steps = scales.expand(weights.shape).transpose(1, 2).float().contiguous()
    found, wrong = torch.empty_like(left), torch.empty_like(left)
    room = torch.empty_like(left)
    for at in range(count):
        column, step = left[:, at], steps[:, at]
        nearest = torch.div(column, step, out=found[:, at]).clamp_(low, high).round_().mul_(step)
        if scales.dtype != nearest.dtype:
            nearest.copy_(nearest.to(scales.dtype))  # what the layer will hold
        error = torch.sub(column, nearest, out=wrong[:, at]).div_(inverse[:, at, at, None])
        rest = left[:, at + 1 :]
        rest -= torch.mul(inverse[:, at, at + 1 :, None], error[:, None], out=room[:, at + 1 :])
    rounded.copy_(found.transpose(1, 2))
    errors.copy_(wrong.transpose(1, 2))
    losses.copy_(wrong.square_().transpose(1, 2))


@contextmanager
def fast_columns() -> Iterator[None]:
    """llm-compressor's GPTQ goes through its columns by `update`, where that applies."""
    before = list(ImplBackend._backends.get(ENTRY, []))
    ImplBackend._backends[ENTRY] = [(update, applies, 0), *before]
    try:
        yield
    finally:
        ImplBackend._backends[ENTRY] = before
