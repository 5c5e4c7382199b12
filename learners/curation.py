"""The levels that are worth playing again: a fixed number of them, their scores, and who is drawn next.

Source: prioritised level replay (Jiang et al. 2021), section 3: rank prioritisation mixed with staleness.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.worlds.world import Key


class Buffer(NamedTuple):
    """Levels along a first axis (capacity); places that nobody has yet score -inf."""

    levels: Any
    scores: jax.Array
    """(capacity,) float32."""
    best: jax.Array
    """(capacity,) float32: the most that was ever returned in each."""
    drawn: jax.Array
    """(capacity,) int32: when it was last drawn or came in, by `clock`."""
    marks: jax.Array
    """(capacity, 2) uint32: fingerprints, by which equal levels are known."""
    clock: jax.Array
    """() int32: batches so far."""

    @property
    def held(self) -> jax.Array:
        """(capacity,) bool: places that are taken."""
        return jnp.isfinite(self.scores)


@dataclass(frozen=True)
class Curation:
    """How a buffer is kept. It holds no levels itself; it takes buffers and returns them."""

    capacity: int
    temperature: float = 0.3
    staleness: float = 0.3

    def empty(self, level: Any) -> Buffer:
        """A buffer with nothing in it, for levels like this one."""
        many = jax.tree.map(lambda leaf: jnp.zeros((self.capacity, *leaf.shape), leaf.dtype), level)
        nobody = jnp.full(self.capacity, -jnp.inf)
        moments = jnp.zeros(self.capacity, jnp.int32)
        return Buffer(many, nobody, jnp.zeros(self.capacity), moments, marks_of(many), jnp.int32(0))

    def chances(self, buffer: Buffer) -> jax.Array:
        """(capacity,): the chance of each level to be drawn first; they sum to 1 unless the buffer is empty.

        (1 - staleness) of it is proportional to rank ^ (-1 / temperature), the best score having rank 1, the rest to
        how many batches ago the level was drawn.
        """
        rank = jnp.argsort(jnp.argsort(-buffer.scores)) + 1
        by_rank = jnp.where(buffer.held, rank.astype(jnp.float32) ** (-1 / self.temperature), 0.0)
        waited = jnp.where(buffer.held, buffer.clock - buffer.drawn, 0).astype(jnp.float32)
        by_rank /= jnp.maximum(by_rank.sum(), 1e-9)
        by_age = jnp.where(waited.sum() > 0, waited / jnp.maximum(waited.sum(), 1.0), by_rank)
        return (1 - self.staleness) * by_rank + self.staleness * by_age

    def draw(self, key: Key, buffer: Buffer, count: int) -> tuple[Buffer, jax.Array]:
        """Places of `count` different levels, one after the other by their chances, shape (count,).

        Different: with the usual temperature more than half of a batch would else be copies of the best level.
        """
        keys = jnp.log(self.chances(buffer)) + jax.random.gumbel(key, (self.capacity,))
        # Levels whose chance is 0 come last, before places that nobody has; those are drawn where levels are too few.
        places = jax.lax.top_k(jnp.where(buffer.held, jnp.maximum(keys, -1e9), -jnp.inf), count)[1]
        clock = buffer.clock + 1
        return buffer._replace(drawn=buffer.drawn.at[places].set(clock), clock=clock), places

    def rate(self, buffer: Buffer, places: jax.Array, scores: jax.Array, best: jax.Array) -> Buffer:
        """New scores of levels that were drawn; what nobody holds stays nobody's."""
        held = buffer.held[places]
        return buffer._replace(
            scores=buffer.scores.at[places].set(jnp.where(held, scores, -jnp.inf)),
            best=buffer.best.at[places].max(best),
        )

    def offer(self, buffer: Buffer, levels: Any, scores: jax.Array, best: jax.Array) -> tuple[Buffer, jax.Array]:
        """The buffer after a batch of levels, and how many came in.

        A level comes in where there is room, or in the place of the one with the lowest score if its own is higher; one
        that is there already does not. The same as one after the other, best first.
        """
        marks = marks_of(levels)
        known = _equal(marks, buffer.marks) & buffer.held[None]
        twins = jnp.tril(_equal(marks, marks), -1)
        scores = jnp.where(known.any(1) | twins.any(1), -jnp.inf, scores)
        count = min(scores.shape[0], self.capacity)
        newcomers = jax.lax.top_k(scores, count)[1]
        weakest = jax.lax.top_k(-buffer.scores, count)[1]
        enters = scores[newcomers] > buffer.scores[weakest]
        clock = buffer.clock + 1
        fresh = (jax.tree.map(lambda leaf: leaf[newcomers], levels), scores[newcomers], best[newcomers])
        coming = (*fresh, jnp.full(count, clock), marks[newcomers])

        def put(old: jax.Array, new: jax.Array) -> jax.Array:
            which = enters.reshape(-1, *(1,) * (old.ndim - 1))
            return old.at[weakest].set(jnp.where(which, new, old[weakest]))

        *held, _ = buffer
        kept, kept_scores, kept_best, drawn, kept_marks = jax.tree.map(put, held, list(coming))
        return Buffer(kept, kept_scores, kept_best, drawn, kept_marks, clock), enters.sum()


def marks_of(levels: Any) -> jax.Array:
    """Fingerprints of levels along a first axis, (count, 2) uint32: two different levels share one by chance only,
    once in 2^64."""
    leaves = [_bits(leaf).reshape(leaf.shape[0], -1) for leaf in jax.tree.leaves(levels)]
    flat = jnp.concatenate(leaves, axis=1)
    factors = np.random.default_rng(0).integers(2**31, size=(flat.shape[1], 2), dtype=np.uint32) * 2 + 1
    return ((flat[..., None] + 1) * factors).sum(axis=1, dtype=jnp.uint32)


def _bits(leaf: jax.Array) -> jax.Array:
    """Numbers as uint32: of fractions all bits, so that those that differ by little are not one."""
    if jnp.issubdtype(leaf.dtype, jnp.floating):
        return jax.lax.bitcast_convert_type(leaf.astype(jnp.float32), jnp.uint32)
    return leaf.astype(jnp.uint32)


def _equal(one: jax.Array, other: jax.Array) -> jax.Array:
    """(count, count): which fingerprint equals which."""
    return (one[:, None] == other[None]).all(-1)
