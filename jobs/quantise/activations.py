"""What the layers of a model read: moments and extremes of their inputs, layer by layer, streamed and never kept.

Arguments: `set`, `tokens` (of a row), `rows`, `precision`; `file`, where the set is the user's own; `outliers`, how
many times larger four channels of every norm are made (see `outliers`). After: a weights job. Artifacts:
`activations.json` with the figures of each layer, `sizes.svg` with a histogram of each as a row of shades.
"""

from __future__ import annotations

import json
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from wunderkammer.core.ids import rng_for
from wunderkammer.jobs.desk import Desk
from wunderkammer.jobs.finetune.faults import named
from wunderkammer.jobs.finetune.upstream import Base, base_of
from wunderkammer.jobs.quantise import outliers, texts
from wunderkammer.jobs.quantise.examination import Windows
from wunderkammer.jobs.quantise.moments import Moments
from wunderkammer.jobs.quantise.shades import Row, shades

AT_ONCE = 2
"""Rows: what a layer reads must stay small beside the model."""


def main(desk: Desk) -> dict[str, object]:
    """Look, draw, and say what the worst layer reads."""
    base = base_of(desk)
    with named("tokens"):
        found, memory = _seen(desk, base)
    layers = {name: moments.said() for name, moments in found.items()}
    (desk.out / "activations.json").write_text(json.dumps(layers), "utf-8")
    drawn = [Row(name, moments.sizes, moments.largest) for name, moments in found.items()]
    (desk.out / "sizes.svg").write_text(shades(f"Sizes of what the layers of {base.name} read", drawn), "utf-8")
    worst = max(found, key=lambda name: found[name].kurtosis)
    loudest = max(found, key=lambda name: found[name].largest)
    return {
        "base": base.hash,
        "base_name": base.name,
        "kurtosis": found[worst].kurtosis,
        "kurtosis_at": worst,
        "largest": found[loudest].largest,
        "largest_at": loudest,
        "largest_first": found[loudest].largest_first,
        "largest_later": found[loudest].largest_later,
        "far_out": max(one.far_out for one in found.values()),
        **memory,
    }


def _seen(desk: Desk, base: Base) -> tuple[dict[str, Moments], dict[str, float]]:
    import torch

    from wunderkammer.jobs.finetune import loading

    tokenizer = loading.load_tokenizer(base.model)
    file = Path(str(desk.args["file"])) if "file" in desk.args else None
    source = texts.read(str(desk.args["set"]), "calibration", rng_for("activations", desk.seed), file)
    rows = Windows.cut(tokenizer, source, int(desk.args["rows"]), int(desk.args["tokens"])).rows
    before = _peak()
    model = loading.load_model(base, "fp32" if desk.args["precision"] == "fp32" else "bf16", loading.device())
    outliers.inject(model, float(desk.args.get("outliers", 1)), desk.seed)
    size = sum(one.numel() * one.element_size() for one in model.parameters())
    with watched(model) as found, torch.no_grad():
        for at in range(0, len(rows), AT_ONCE):
            model.base_model(torch.tensor(rows[at : at + AT_ONCE], device=model.device), use_cache=False)
            desk.tell(at, len(rows), "rows")
    return found, {"model_mib": size / 2**20, "memory_by_model": (_peak() - before) / size}


@contextmanager
def watched(model: Any) -> Iterator[dict[str, Moments]]:
    """Figures of what each linear layer reads while the model runs. Layers that read one tensor go by the first."""
    from torch import nn

    found: dict[str, Moments] = {}
    last: list[Any] = [None]
    head = model.get_output_embeddings()

    def see(name: str, _: Any, args: tuple[Any, ...]) -> None:
        if last[0] is not args[0]:
            last[0] = args[0]
            read = args[0] if args[0].ndim > 2 else args[0][None]  # OPT's feed-forward layers read rows laid end to end
            found.setdefault(name, Moments()).see(read)

    named_layers = [(n, part) for n, part in model.named_modules() if isinstance(part, nn.Linear) and part is not head]
    hooks = [part.register_forward_pre_hook(partial(see, name)) for name, part in named_layers]
    try:
        yield found
    finally:
        for hook in hooks:
            hook.remove()


def _peak() -> int:
    """Most memory that this process has held, in bytes."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
