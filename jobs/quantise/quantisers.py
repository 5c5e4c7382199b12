"""Quantisers by name, as recipes of llm-compressor: what is rounded, and what is done about it beforehand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.quantise.attention import fused_attention
from wunderkammer.jobs.quantise.grams import shared_hessians

Quantiser = Literal["none", "round", "gptq", "awq", "smooth", "static", "dynamic"]
"""none: the model as it is. round: weights to the nearest. gptq, awq: weights, by what the calibration set shows.
smooth: weights and activations in 8 bits, after SmoothQuant. static, dynamic: the same without; ranges of activations
per tensor from the calibration set, or per token as they come."""
CALIBRATED: frozenset[str] = frozenset({"gptq", "awq", "smooth", "static"})
"""Those that look at a calibration set at all."""
NARROW: frozenset[str] = frozenset({"round", "gptq", "awq"})
"""Those that round weights alone; the others are W8A8."""
ROWS = 8
"""Of the calibration set, at once: with one, a third of the time goes into small matrices."""
SMOOTHING = 0.5
"""SmoothQuant's α, as its paper has it."""


def recipe(quantiser: str, bits: int, group: int) -> list[Any]:
    """Modifiers for `llmcompressor.oneshot`; the output layer stays as it is.

    bits, group: of weights, for those that round weights alone; symmetric, so that a model whose weights came from an
    asymmetric grid is not simply put back onto it.
    """
    from llmcompressor.modifiers.gptq import GPTQModifier
    from llmcompressor.modifiers.quantization import QuantizationModifier
    from llmcompressor.modifiers.transform.smoothquant import SmoothQuantModifier

    from wunderkammer.jobs.quantise.awq import GramAWQModifier

    narrow, kept = {"weights": _weights(bits, group)}, {"ignore": ["lm_head"]}
    match quantiser:
        case "round":
            return [QuantizationModifier(config_groups=_all(narrow), **kept)]
        case "gptq":
            return [GPTQModifier(config_groups=_all(narrow), **kept)]
        case "awq":
            return [GramAWQModifier(), QuantizationModifier(config_groups=_all(narrow), **kept)]
        case "smooth":
            smooth = SmoothQuantModifier(smoothing_strength=SMOOTHING)
            return [smooth, QuantizationModifier(config_groups=_all(_eight(dynamic=False)), **kept)]
        case "static" | "dynamic":
            return [QuantizationModifier(config_groups=_all(_eight(dynamic=quantiser == "dynamic")), **kept)]
    raise Unable(f"no quantiser {quantiser!r}")


def quantise(model: Any, quantiser: str, bits: int, group: int, rows: Sequence[Sequence[int]] = ()) -> None:
    """Quantise a model in place; `Unable` where its layers do not take such groups.

    rows: tokens of the calibration set, all of one length; looked at by `CALIBRATED` alone.
    """
    from llmcompressor import oneshot

    from wunderkammer.jobs.quantise.columns import fast_columns

    modifiers = recipe(quantiser, bits, group)
    if quantiser in NARROW:
        check_group(model, group)
    if quantiser not in CALIBRATED:
        oneshot(model=model, recipe=modifiers)
        return
    with shared_hessians(), fast_columns(), fused_attention(model):
        oneshot(
            model=model,
            dataset=_dataset(rows),
            recipe=modifiers,
            num_calibration_samples=len(rows),
            max_seq_length=len(rows[0]),
            shuffle_calibration_samples=False,
            batch_size=ROWS,
            propagate_error=quantiser == "gptq",
        )


def settle(model: Any) -> None:
    """Put rounded weights in the place of those that were to be rounded: each call rounds them all again otherwise.

    The model computes the same as before, and cannot be exported any more.
    """
    from compressed_tensors.quantization.lifecycle.forward import (
        forward_quantize,
    )

    for part in model.modules():
        scheme = getattr(part, "quantization_scheme", None)
        if scheme is not None and scheme.weights is not None and getattr(part, "weight", None) is not None:
            part.weight.data = forward_quantize(part, part.weight, "weight", scheme.weights).to(part.weight.dtype)
            part.quantization_scheme = scheme.model_copy(update={"weights": None})


def check_group(model: Any, group: int) -> None:
    """`Unable` where a layer's inputs cannot be cut into groups of this size."""
    from torch import nn

    for name, part in model.named_modules():
        if isinstance(part, nn.Linear) and not name.endswith("lm_head") and part.in_features % group:
            raise Unable(f"{name} has {part.in_features} inputs, which groups of {group} do not divide; set group")


def _all(scheme: dict[str, Any]) -> dict[str, dict[str, Any]]:
    return {"all": {"targets": ["Linear"], **scheme}}


def _weights(bits: int, group: int) -> dict[str, Any]:
    return {"num_bits": bits, "type": "int", "symmetric": True, "strategy": "group", "group_size": group}


def _eight(*, dynamic: bool) -> dict[str, Any]:
    """W8A8: weights per channel, activations per token as they come, or per tensor as they were."""
    seen: dict[str, Any] = {"num_bits": 8, "type": "int", "symmetric": True, "dynamic": dynamic}
    if not dynamic:  # the extremes of the whole set; the default forgets them again, batch by batch
        seen["observer"] = "static_minmax"
    return {
        "weights": {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel"},
        "input_activations": {**seen, "strategy": "token" if dynamic else "tensor"},
    }


def _dataset(rows: Sequence[Sequence[int]]) -> Any:
    from datasets import Dataset

    return Dataset.from_dict({"input_ids": [list(row) for row in rows], "attention_mask": [[1] * len(r) for r in rows]})
