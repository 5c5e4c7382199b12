"""Gram matrices of what layers read: all that GPTQ and AWQ need to know of a calibration set, in one pass over it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from torch import Tensor

PIECES, NARROWEST = 4, 128
"""Into which a matrix's columns are cut, at most, and how many a piece has, at least: narrower ones multiply slowly."""


def gram(rows: Tensor) -> Tensor:
    """XᵀX in fp32, shape (width, width), of rows of shape (…, width).

    Rows that come in bf16 are multiplied in bf16 and summed up in fp32: nothing is lost, for a product of two such
    numbers fits into fp32. On a processor with such instructions that is half as dear again as a product in fp32.
    """
    import torch

    flat = rows.reshape(-1, rows.shape[-1])
    if rows.device.type != "cpu":
        return flat.float().T @ flat.float()
    with multiplying_in("bf16" if rows.dtype == torch.bfloat16 else "ieee"):
        return _half(flat.float())


def _half(wide: Tensor) -> Tensor:
    """XᵀX, of which no more than the blocks on the diagonal and above it are multiplied out: the rest mirrors them."""
    width = wide.shape[1]
    piece = -(-width // max(1, min(PIECES, width // NARROWEST)))
    found = wide.new_empty(width, width)
    for at in range(0, width, piece):
        found[at : at + piece, at:] = wide[:, at : at + piece].T @ wide[:, at:]
        found[at + piece :, at : at + piece] = found[at : at + piece, at + piece :].T
    return found


@contextmanager
def multiplying_in(numbers: str) -> Iterator[None]:
    """In which numbers oneDNN multiplies fp32 matrices on the processor."""
    import torch

    matmul = torch.backends.mkldnn.matmul
    before = matmul.fp32_precision
    matmul.fp32_precision = numbers
    try:
        yield
    finally:
        matmul.fp32_precision = before


@contextmanager
def shared_hessians() -> Iterator[None]:
    """Layers that read the same tensor share one Gram matrix of it, while llm-compressor runs its GPTQ.

    It works out one for each layer otherwise: seven a block of Llama's, where four differ.
    """
    from llmcompressor.modifiers.gptq import base  # its name, not ours

    theirs = base.accumulate_hessian
    last: list[Any] = [None, None]

    def accumulate(inputs: Tensor, _: Any, hessian: Tensor, count: Tensor) -> tuple[Tensor, Tensor]:
        if last[0] is not inputs:
            last[:] = [inputs, 2 * gram(inputs)]  # GPTQ's H is of the squared error, hence the 2
        hessian += last[1]
        count += inputs.shape[0]
        return hessian, count

    base.accumulate_hessian = accumulate
    try:
        yield
    finally:
        base.accumulate_hessian = theirs
