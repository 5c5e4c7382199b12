"""Weights of the shapes of TiZero's actor."""

from __future__ import annotations

from typing import Any

import numpy as np

from wunderkammer.worlds.grf import tizero


def weights(seed: int = 0) -> dict[str, Any]:
    """Random, of the released actor's shapes."""
    rng, made = np.random.default_rng(seed), {}

    def layer(name: str, out: int, size: int) -> None:
        made[f"{name}.0.weight"] = rng.normal(0, 0.2, (out, size))
        made[f"{name}.0.bias"] = rng.normal(0, 0.2, out)
        made[f"{name}.2.weight"] = rng.normal(1, 0.2, out)
        made[f"{name}.2.bias"] = rng.normal(0, 0.2, out)

    for part, size in tizero.PARTS:
        width, inner = (size if part == "match_state" else 64), f"obs_encoder.input_encoder.{part}_encoder"
        layer(f"{inner}.first_mlp", width, size)
        layer(f"{inner}.mlp.0", width, width)
    layer("obs_encoder.input_embedding", 256, 265)
    for name, size in (("ih", (1024, 256)), ("hh", (1024, 256))):
        made[f"obs_encoder.rnn.rnn.weight_{name}_l0"] = rng.normal(0, 0.1, size)
        made[f"obs_encoder.rnn.rnn.bias_{name}_l0"] = rng.normal(0, 0.1, 1024)
    made["obs_encoder.rnn.norm.weight"] = rng.normal(1, 0.2, 256)
    made["obs_encoder.rnn.norm.bias"] = rng.normal(0, 0.2, 256)
    layer("obs_encoder.after_rnn_mlp", 256, 256)
    layer("id_embedding", 11, 11)
    layer("before_act_wrapper.first_mlp", 256, 267)
    layer("before_act_wrapper.mlp.0", 256, 256)
    made["act.action_out.linear.weight"] = rng.normal(0, 0.1, (20, 256))
    made["act.action_out.linear.bias"] = rng.normal(0, 0.1, 20)
    return {name: value.astype(np.float32) for name, value in made.items()}
