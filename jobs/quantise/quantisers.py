"""Quantisers by name, as recipes of llm-compressor: what is rounded, and what is done about it beforehand."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Literal

from wunderkammer.jobs.desk import Unable

Quantiser = Literal["none", "round", "gptq", "awq", "smooth", "static", "dynamic"]
"""none: the model as it is. round: weights to the nearest. gptq, awq: weights, by what the calibration set shows.
smooth: weights and activations in 8 bits, after SmoothQuant. static, dynamic: the same without; ranges of activations
per tensor from the calibration set, or per token as they come."""
CALIBRATED: frozenset[str] = frozenset({"gptq", "awq", "smooth", "static"})
"""Those that look at a calibration set at all."""
SMOOTHING = 0.5
"""SmoothQuant's α, as its paper has it."""


def recipe(quantiser: str, bits: int, group: int) -> list[Any]:
    """Modifiers for `llmcompressor.oneshot`; the output layer stays as it is.

    bits, group: of weights, for those that round weights alone; symmetric, so that a model whose weights came from an
    asymmetric grid is not simply put back onto it.
    """
    from llmcompressor.modifiers.gptq import GPTQModifier
    from llmcompressor.modifiers.quantization import QuantizationModifier
    from llmcompressor.modifiers.transform.awq import AWQModifier
    from llmcompressor.modifiers.transform.smoothquant import SmoothQuantModifier

    narrow, kept = {"weights": _weights(bits, group)}, {"ignore": ["lm_head"]}
    match quantiser:
        case "round":
            return [QuantizationModifier(config_groups=_all(narrow), **kept)]
        case "gptq":
            return [GPTQModifier(config_groups=_all(narrow), **kept)]
        case "awq":
            return [AWQModifier(), QuantizationModifier(config_groups=_all(narrow), **kept)]
        case "smooth":
            smooth = SmoothQuantModifier(smoothing_strength=SMOOTHING)
            return [smooth, QuantizationModifier(config_groups=_all(_eight(dynamic=False)), **kept)]
        case "static" | "dynamic":
            return [QuantizationModifier(config_groups=_all(_eight(dynamic=quantiser == "dynamic")), **kept)]
    raise Unable(f"no quantiser {quantiser!r}")


@contextmanager
def on_this_machine() -> Iterator[None]:
    """Without an accelerator there is no memory to pin; llm-compressor 0.14 pins AWQ's activations all the same."""
    import torch
    from llmcompressor.pipelines.cache import IntermediatesCache

    pin = IntermediatesCache.pin_memory
    if not torch.accelerator.is_available():
        IntermediatesCache.pin_memory = lambda *_, **__: None
    try:
        yield
    finally:
        IntermediatesCache.pin_memory = pin


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
    seen = {"num_bits": 8, "type": "int", "symmetric": True, "dynamic": dynamic}
    return {
        "weights": {"num_bits": 8, "type": "int", "symmetric": True, "strategy": "channel"},
        "input_activations": {**seen, "strategy": "token" if dynamic else "tensor"},
    }
