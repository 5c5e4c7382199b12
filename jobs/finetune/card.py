"""The model card of an adapter: what it was made of, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_FRONT = """---
library_name: peft
base_model: {base_name}
license: {license}
tags: [lora, {method}]
---

# {title}

A LoRA adapter of rank {rank} (alpha {alpha:g}, modules: {targets}) for {base_name}, trained with {method} on lessons
from an archive of what its base got wrong. It is made for the base weights `{base}` and no others.

## Figures

"""


def card(result: Mapping[str, Any], recipe: Mapping[str, Any]) -> str:
    """Markdown; `result` is what the training job returns, `recipe` its arguments."""
    base_license = result["license"] or "unknown; see the base model"
    front = _FRONT.format(
        title=f"{result['base_name']} adapter {result['adapter'][:8]}",
        **{**recipe, **result, "license": base_license},
    )
    figures = _table(("held-out lessons", "examples", "loss before", "loss after"), _figures(result))
    data = _table(("data", "hash", "examples", "left out", "archives"), _data(result))
    made = [
        f"- seed {result['seed']}, {result['steps']} steps, {result['tokens']:,} tokens, {result['seconds']:.0f} s on "
        f"{result['device']} in {result['precision']}",
        f"- loss {result['loss_first']:.4f} in the first step, {result['loss_last']:.4f} over the last tenth",
        "- " + ", ".join(f"{name} {value}" for name, value in result["versions"].items()),
        "- " + ", ".join(f"{name} = {value}" for name, value in sorted(recipe.items())),
        f"- weights of the adapter `{result['adapter']}`, of the base `{result['base']}`",
        f"- licence of the base: {base_license}; an adapter is a derived work of it",
    ]
    return (
        front
        + figures
        + "\nLoss: nats per token of the right answer.\n\n## Data\n\n"
        + data
        + "\n## Made\n\n"
        + "\n".join(made)
        + "\n"
    )


def _figures(result: Mapping[str, Any]) -> list[tuple[object, ...]]:
    rows: Mapping[str, Mapping[str, float]] = result["held_out"]
    return [(name, int(row["examples"]), f"{row['before']:.4f}", f"{row['after']:.4f}") for name, row in rows.items()]


def _data(result: Mapping[str, Any]) -> list[tuple[object, ...]]:
    rows: Mapping[str, Mapping[str, Any]] = result["data"]
    return [
        (name, f"`{row['hash']}`", row["examples"], row["left_out"], ", ".join(row["groups"]))
        for name, row in rows.items()
    ]


def _table(head: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    lines = [head, tuple("---" for _ in head), *rows]
    return "".join("| " + " | ".join(str(cell) for cell in line) + " |\n" for line in lines)
