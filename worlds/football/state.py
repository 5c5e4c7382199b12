"""A match under way, as arrays in which the matches of a batch come last.

Every function of this world that takes a state works on one match and, unchanged, on a batch: what is said of shapes
here is followed by the axes of the batch, if any. So the innermost loops run over matches, which is what makes it quick
on a CPU, and `jax.vmap` over states of single matches does as well.
"""

from __future__ import annotations

from dataclasses import dataclass

import jax
import jax.numpy as jnp

from wunderkammer.worlds.football.tally import Tally

NOBODY = -1


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class State:
    """Players 0 to n - 1 are left's, n to 2n - 1 right's; 0 and n are the keepers."""

    place: jax.Array
    """(2, 2n) float32: x and y."""
    speed: jax.Array
    """(2, 2n) float32: per step."""
    heading: jax.Array
    """(2, 2n) float32, of length 1: where a player looks, the last direction that it chose."""
    sprinting: jax.Array
    """(2n,) bool."""
    down: jax.Array
    """(2n,) float32: steps until a player is on its feet again."""
    ball: jax.Array
    """(2,) float32."""
    flight: jax.Array
    """(2,) float32: the ball's speed while nobody has it."""
    air: jax.Array
    """() float32: steps until the ball comes down; nobody reaches it before."""
    owner: jax.Array
    """() int32: who has the ball, or `NOBODY`."""
    held: jax.Array
    """() float32: steps since the owner has it."""
    safe: jax.Array
    """() float32: steps for which nobody can tackle the owner."""
    promise: jax.Array
    """() float32: in how many of these steps a shot was promising."""
    had: jax.Array
    """() int32: the side of the last owner, 0 or 1; `NOBODY` before the first."""
    touched: jax.Array
    """() int32: who touched the ball last; `NOBODY` before the first."""
    wait: jax.Array
    """() float32: steps until whoever touched it last may take a free ball."""
    passing: jax.Array
    """() bool: the ball is on its way from a pass that nobody has touched yet."""
    ahead: jax.Array
    """(2n,) bool: who was offside when that pass was played."""
    beaten: jax.Array
    """() bool: a keeper has tried to save this ball and failed."""
    time: jax.Array
    """() int32: steps taken."""
    score: jax.Array
    """() int32: 1: left has scored; -1: right has; 0: nobody has yet."""
    own_goal: jax.Array
    """() bool: and it was one of the other side who touched the ball last."""
    done: jax.Array
    """() bool."""
    fault: jax.Array
    """() bool: an action was none, or a position was no number. The match is over and means nothing."""
    tally: Tally

    @property
    def players(self) -> int:
        """Of each side."""
        return self.place.shape[1] // 2


def along(values: jax.Array, like: jax.Array) -> jax.Array:
    """A vector with as many axes behind it as the batch has. like: a leaf with the batch's axes alone."""
    return values.reshape(-1, *(1,) * like.ndim)


def indices(state: State) -> jax.Array:
    """(2n,) int32: who is who."""
    return along(jnp.arange(2 * state.players, dtype=jnp.int32), state.time)


def rightward(players: int, like: jax.Array) -> jax.Array:
    """(2n,) float32: 1 for left's players, who attack towards x = 1, and -1 for right's."""
    return along(jnp.repeat(jnp.array([1.0, -1.0], jnp.float32), players), like)


def of(who: jax.Array, values: jax.Array) -> jax.Array:
    """The value of one player. who: (2n,) bool with at most one True, else 0; values: (2n,) or (k, 2n)."""
    return jnp.where(who, values, 0).sum(axis=values.ndim - who.ndim)


def nearest(distance: jax.Array, coin: jax.Array) -> jax.Array:
    """() int32: who is at the least distance; of equals the first, or the first of the other side if the coin is.

    distance: (2n,), infinite for those who do not count; coin: () bool. `NOBODY` if nobody counts.
    """
    count = distance.shape[0]
    order = along(jnp.arange(count, dtype=jnp.int32), coin)
    order = jnp.where(coin, (order + count // 2) % count, order)
    least = distance.min(axis=0)
    first = jnp.where(distance == least, order, count).min(axis=0)
    first = jnp.where(coin, (first + count // 2) % count, first)
    return jnp.where(jnp.isfinite(least), first, NOBODY)


def length(vector: jax.Array) -> jax.Array:
    """Of (2, ...), over the first axis."""
    return jnp.sqrt((vector * vector).sum(axis=0))
