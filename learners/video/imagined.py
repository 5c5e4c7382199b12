"""A video model's next frame as a JAX program, so that whole trainings can go on inside it.

The same arithmetic as `Narrated` with `looks` 0, nothing shown, and all tokens of a frame taken in one round.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import torch

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.video.narrated import Narrated
from wunderkammer.learners.video.words import REST

Arrays: TypeAlias = dict[str, jax.Array]
NARROW = 1e-5
"""What torch's layer norms add to the variance."""


@dataclass(frozen=True)
class Imagined:
    """A video model, its weights aside: these are arguments, so that programs can be compiled once for all of them."""

    width: int
    heads: int
    layers: int

    def next_scores(self, weights: Arrays, said: jax.Array, codes: jax.Array) -> jax.Array:
        """Logits of the frame that follows, (cells, tiles). said: (length,). codes: (cells,)."""
        side = math.isqrt(codes.shape[0])
        before = weights["vectors"][codes].reshape(side, side, -1)
        around = _around(before, weights["before.weight"])
        rest = (weights["row"].shape[0] - side) // 2
        place = weights["row"][rest : rest + side, None] + weights["column"][None, rest : rest + side]
        cells = weights["hidden"] + (around + place).reshape(side * side, -1)
        words = weights["word.weight"][said] + weights["spoken"] * (said != REST)[:, None]
        x = jnp.concatenate([words, cells]) + weights["trunk.when"][0]
        for layer in range(self.layers):
            x = self._block(weights, f"trunk.blocks.{layer}.", x)
        seen = _norm(x, weights["trunk.norm.weight"], weights["trunk.norm.bias"])[said.shape[0] :]
        return seen @ weights["vectors"].T + weights["bias"]

    def _block(self, weights: Arrays, at: str, x: jax.Array) -> jax.Array:
        def normed(name: str, x: jax.Array) -> jax.Array:
            return _norm(x, weights[f"{at}{name}.weight"], weights[f"{at}{name}.bias"])

        query, key, value = jnp.split(normed("space_norm", x) @ weights[f"{at}space.inward.weight"].T, 3, -1)
        query, key, value = (part.reshape(len(x), self.heads, -1) for part in (query, key, value))
        query, key = (_norm(part, weights[f"{at}space.norms.{i}.weight"]) for i, part in enumerate((query, key)))
        scores = jnp.einsum("qhd,khd->hqk", query, key) / (self.width // self.heads) ** 0.5
        seen = jnp.einsum("hqk,khd->qhd", jax.nn.softmax(scores), value).reshape(len(x), -1)
        x = x + seen @ weights[f"{at}space.outward.weight"].T
        # One frame looks back on itself alone: of the attention over time the values are left.
        x = x + normed("time_norm", x) @ weights[f"{at}time.value.weight"].T @ weights[f"{at}time.outward.weight"].T
        hidden = jax.nn.relu(normed("feed_norm", x) @ weights[f"{at}feed.0.weight"].T)
        return x + hidden @ weights[f"{at}feed.2.weight"].T


def imagined(model: Narrated) -> tuple[Imagined, Arrays]:
    """The program and its weights; `ConfigError` where the model looks back on whole frames."""
    settings = model.settings
    if settings.looks:
        raise ConfigError("a video model that looks back on whole frames cannot be played in; train one with looks 0")
    with torch.inference_mode():
        known: dict[str, Any] = {**model.state_dict(), "vectors": model.vectors()}
        weights = {name: jnp.asarray(value.cpu().numpy().copy()) for name, value in known.items()}
    return Imagined(settings.width, settings.heads, settings.layers), weights


def _around(grid: jax.Array, kernel: jax.Array) -> jax.Array:
    """What each cell is shown of its neighbourhood, (side, side, width). kernel: (width, width, 3, 3), as torch's."""
    side = grid.shape[0]
    wide = jnp.pad(grid, ((1, 1), (1, 1), (0, 0)))
    parts = [wide[row : row + side, column : column + side] for row in range(3) for column in range(3)]
    flat = kernel.transpose(2, 3, 1, 0).reshape(-1, kernel.shape[0])
    return jnp.concatenate(parts, -1) @ flat


def _norm(x: jax.Array, scale: jax.Array, bias: jax.Array | float = 0.0) -> jax.Array:
    middle = x.mean(-1, keepdims=True)
    spread = ((x - middle) ** 2).mean(-1, keepdims=True)
    return (x - middle) / jnp.sqrt(spread + NARROW) * scale + bias
