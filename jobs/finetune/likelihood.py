"""How likely a model finds given answers: negative log-likelihoods in nats, without the logits nobody asks for."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from wunderkammer.jobs.finetune.encoding import IGNORED, Encoded

if TYPE_CHECKING:
    from torch import Tensor

ROOM = 4096
"""Positions, padding included, that are computed at once."""
PIECE = 64
"""Positions whose logits are widened at once where no gradient is asked for: 12 MB with a vocabulary of 49,152."""


def token_losses(model: Any, inputs: dict[str, Any]) -> Tensor:
    """Loss of each labelled token, shape (batch, kept), 0 where a token has no label.

    inputs: what the model takes, and `labels`, shape (batch, length). Only positions where some row has a label go
    through the output layer: with a vocabulary of 49,152 that layer costs a fifth of SmolLM2-135M.
    """
    import torch

    inputs = dict(inputs)
    labels = inputs.pop("labels")[:, 1:]
    kept = (labels != IGNORED).any(0).nonzero()[:, 0]
    if _keeps(model):
        logits = model(**inputs, logits_to_keep=kept, use_cache=False).logits
    else:
        logits = model(**inputs, use_cache=False).logits[:, kept]
    # Row by row: fp32 logits of one row are there at a time, and lie as the loss reads them (four times as fast). Where
    # no gradient keeps them all, piece by piece: what stays in the cache is twice as fast again.
    piece = PIECE if not torch.is_grad_enabled() else len(kept)
    rows = zip(logits, labels[:, kept], strict=True)
    return torch.stack([_in_pieces(row, own, piece) for row, own in rows])


def _in_pieces(logits: Tensor, labels: Tensor, piece: int) -> Tensor:
    import torch

    if len(labels) <= piece:
        return _losses(logits, labels)
    parts = zip(logits.split(piece), labels.split(piece), strict=True)
    return torch.cat([_losses(*part) for part in parts])


def _losses(logits: Tensor, labels: Tensor) -> Tensor:
    """Of each position, shape (positions,)."""
    from torch.nn.functional import cross_entropy

    return cross_entropy(logits.float(), labels, ignore_index=IGNORED, reduction="none")


def answer_losses(
    model: Any, examples: Sequence[Encoded], pad: int, tell: Callable[[int], object] | None = None, room: int = ROOM
) -> list[float]:
    """Summed loss of each example's answer, in the order of the examples; the model is asked in evaluation mode.

    room: positions that are computed at once.
    """
    import torch

    losses = [0.0] * len(examples)
    trained = model.training
    model.eval()
    done = 0
    with torch.no_grad():
        for indices in _batches([len(example.ids) for example in examples], room):
            found = token_losses(model, _padded([examples[index] for index in indices], pad, model.device)).sum(1)
            for index, loss in zip(indices, found.tolist(), strict=True):
                losses[index] = loss
            done += len(indices)
            if tell is not None:
                tell(done)
    model.train(trained)
    return losses


def _keeps(model: Any) -> bool:
    inner = model.get_base_model() if hasattr(model, "get_base_model") else model
    return "logits_to_keep" in inspect.signature(type(inner).forward).parameters


def _batches(lengths: Sequence[int], room: int) -> list[list[int]]:
    """Indices by falling length, as many at once as there is room for."""
    batches: list[list[int]] = []
    for index in sorted(range(len(lengths)), key=lambda index: -lengths[index]):
        if not batches or (len(batches[-1]) + 1) * lengths[batches[-1][0]] > room:
            batches.append([])
        batches[-1].append(index)
    return batches


def _padded(examples: Sequence[Encoded], pad: int, place: Any) -> dict[str, Any]:
    import torch

    length = max(len(example.ids) for example in examples)
    rows = [(example.ids, example.labels, length - len(example.ids)) for example in examples]
    return {
        "input_ids": torch.tensor([[*ids, *[pad] * rest] for ids, _, rest in rows], device=place),
        "attention_mask": torch.tensor([[1] * len(ids) + [0] * rest for ids, _, rest in rows], device=place),
        "labels": torch.tensor([[*labels, *[IGNORED] * rest] for _, labels, rest in rows], device=place),
    }
