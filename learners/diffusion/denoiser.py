"""The network of a diffusion over vectors: a residual perceptron that is told how noisy its input is."""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.learners.encoder import Params, scaled
from wunderkammer.worlds.world import Key


@dataclass(frozen=True)
class Denoiser:
    """`layers` residual layers of one width, no normalisation (Lu et al. 2023)."""

    columns: int
    """Numbers of a row."""
    width: int = 2048
    layers: int = 6
    embedding: int = 128
    """Width of what is known of the noise."""
    waves: int = 16
    """Random Fourier features that tell the noise level."""

    def init(self, key: Key) -> Params:
        """Weights. The last layer is 0: at first it takes nothing away."""
        to_waves, to_first, to_second, to_rows, to_stem, to_layers = jax.random.split(key, 6)
        told = 2 * self.waves + 1
        square = (self.width, self.width)
        return {
            "waves": jax.random.normal(to_waves, (self.waves,)),
            "noise": [_dense(to_first, (told, self.embedding)), _dense(to_second, (self.embedding, self.embedding))],
            "rows": _dense(to_rows, (self.columns, self.embedding)),
            "stem": _dense(to_stem, (self.embedding, self.width)),
            "layers": jax.vmap(lambda own: _dense(own, square, 0.5))(jax.random.split(to_layers, self.layers)),
            "out": {"weights": jnp.zeros((self.width, self.columns)), "bias": jnp.zeros(self.columns)},
        }

    def __call__(self, params: Params, rows: jax.Array, noise: jax.Array) -> jax.Array:
        """(n, columns) of rows and (n,) of noise levels, as `Edm` scales both; to (n, columns)."""
        waves = 2 * jnp.pi * noise[:, None] * jax.lax.stop_gradient(params["waves"])
        told = jnp.concatenate([noise[:, None], jnp.sin(waves), jnp.cos(waves)], -1)
        first, second = params["noise"]
        hidden = _through(params["rows"], rows) + _through(second, jax.nn.silu(_through(first, told)))
        hidden = _through(params["stem"], hidden)

        def deeper(hidden: jax.Array, layer: Params) -> tuple[jax.Array, None]:
            return hidden + _through(layer, jax.nn.relu(hidden)), None

        hidden, _ = jax.lax.scan(deeper, hidden, params["layers"])
        return _through(params["out"], jax.nn.relu(hidden))


def _dense(key: Key, shape: tuple[int, int], gain: float = 1.0) -> Params:
    return {"weights": scaled(key, shape, gain), "bias": jnp.zeros(shape[1])}


def _through(layer: Params, inputs: jax.Array) -> jax.Array:
    return inputs @ layer["weights"] + layer["bias"]
