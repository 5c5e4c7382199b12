"""From an observation, whatever its parts, to one vector per step."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

import jax
import jax.numpy as jnp

Params: TypeAlias = Any
"""A pytree of float32 arrays."""


def scaled(key: jax.Array, shape: tuple[int, int], gain: float = 1.0) -> jax.Array:
    """Weights (entering, leaving), uniform, such that what leaves varies `gain` times as much as what enters.

    Orthogonal ones, which are usual, each take a second to compile.
    """
    most = gain * (3 / shape[0]) ** 0.5
    return jax.random.uniform(key, shape, minval=-most, maxval=most)


class Convolution(NamedTuple):
    """One layer over a picture, without padding, followed by relu."""

    filters: int = 16
    kernel: int = 3
    stride: int = 1


@dataclass(frozen=True)
class Encoder:
    """Each leaf of the observation by its own shape and type, the results side by side.

    (height, width, channels): convolutions. Scalar integers: an embedding. Vectors and scalar floats: as they are.
    """

    layers: tuple[Convolution, ...] = (Convolution(),)
    choices: int = 4
    """Integers are in [0, choices)."""
    embedding: int = 5
    scale: float = 1.0
    """What the numbers of pictures are multiplied by: 1 / 255 for brightness."""

    def init(self, key: jax.Array, observation: Any) -> Params:
        """Weights for observations of this one's shapes, which has no batch axis."""
        leaves = jax.tree.leaves(observation)
        return [self._init(part, leaf) for part, leaf in zip(jax.random.split(key, len(leaves)), leaves, strict=True)]

    def __call__(self, params: Params, observation: Any, leading: int) -> jax.Array:
        """Vectors of shape (..., features). leading: how many batch axes the observation has."""
        leaves = jax.tree.leaves(observation)
        return jnp.concatenate([self._see(own, leaf, leading) for own, leaf in zip(params, leaves, strict=True)], -1)

    def _init(self, key: jax.Array, leaf: jax.Array) -> Params:
        match leaf.ndim:
            case 3:
                keys = jax.random.split(key, len(self.layers))
                channels = [leaf.shape[-1], *(layer.filters for layer in self.layers)]
                return [
                    {
                        "weights": scaled(own, (layer.kernel**2 * entering, layer.filters)),
                        "bias": jnp.zeros(layer.filters),
                    }
                    for own, layer, entering in zip(keys, self.layers, channels, strict=False)
                ]
            case 0 if jnp.issubdtype(leaf.dtype, jnp.integer):
                return scaled(key, (self.choices, self.embedding), self.choices**0.5)
            case 0 | 1:
                return None
        raise TypeError(f"a part of the observation has shape {leaf.shape}; a picture has three axes, a vector one")

    def _see(self, params: Params, leaf: jax.Array, leading: int) -> jax.Array:
        if leaf.ndim - leading == 3:
            picture = leaf.astype(jnp.float32) * self.scale
            for layer, own in zip(self.layers, params, strict=True):
                picture = jax.nn.relu(_patches(picture, layer) @ own["weights"] + own["bias"])
            return picture.reshape(*picture.shape[:leading], -1)
        if params is not None:
            return jax.nn.one_hot(leaf, self.choices) @ params
        return leaf.astype(jnp.float32).reshape(*leaf.shape[:leading], -1)


def _patches(picture: jax.Array, layer: Convolution) -> jax.Array:
    """Every patch that the kernel covers, flat: (..., height, width, kernel² · channels).

    A convolution is the product of these with its weights; for kernels as small as ours this beats XLA's own on CPUs.
    """
    height, width = (size - layer.kernel + 1 for size in picture.shape[-3:-1])
    reach = range(layer.kernel)
    parts = [
        picture[..., row : row + height : layer.stride, column : column + width : layer.stride, :]
        for row in reach
        for column in reach
    ]
    return jnp.concatenate(parts, axis=-1)
