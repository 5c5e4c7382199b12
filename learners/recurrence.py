"""Recurrent cells, and running one over time with a backward pass that leaves the weights' gradient to one product."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import ClassVar, Protocol, TypeAlias

import jax
import jax.numpy as jnp

Carry: TypeAlias = tuple[jax.Array, ...]
"""What a cell remembers, arrays of shape (..., width); the first is also what it puts out."""


class Cell(Protocol):
    """A recurrent cell whose two matrix products are done by its caller.

    Both go into `turn`, gates along the last axis: `driven` is what the input contributes, biases included, and
    `recurrent` the product of the remembered output with the recurrent weights.
    """

    gates: ClassVar[int]
    slots: ClassVar[int]
    """How many arrays the carry has."""

    @property
    def width(self) -> int: ...

    def turn(self, carry: Carry, driven: jax.Array, recurrent: jax.Array) -> Carry:
        """One step. driven, recurrent: (..., gates * width)."""
        ...

    def bias(self) -> jax.Array:
        """Biases to begin with, shape (gates * width,)."""
        ...


@dataclass(frozen=True)
class Lstm:
    """Long short-term memory (Hochreiter and Schmidhuber 1997); the forget gate's bias begins at 1."""

    width: int = 256
    gates: ClassVar[int] = 4
    slots: ClassVar[int] = 2

    def turn(self, carry: Carry, driven: jax.Array, recurrent: jax.Array) -> Carry:
        """One step."""
        entering, forgetting, new, leaving = jnp.split(driven + recurrent, 4, axis=-1)
        cell = jax.nn.sigmoid(forgetting) * carry[1] + jax.nn.sigmoid(entering) * jnp.tanh(new)
        return jax.nn.sigmoid(leaving) * jnp.tanh(cell), cell

    def bias(self) -> jax.Array:
        """Zeros but for the forget gate."""
        return jnp.zeros((4, self.width)).at[1].set(1.0).reshape(-1)


@dataclass(frozen=True)
class Gru:
    """Gated recurrent unit (Cho et al. 2014), in the form that resets after the product."""

    width: int = 64
    gates: ClassVar[int] = 3
    slots: ClassVar[int] = 1

    def turn(self, carry: Carry, driven: jax.Array, recurrent: jax.Array) -> Carry:
        """One step."""
        reset, keep, new = jnp.split(driven, 3, axis=-1)
        reset_past, keep_past, new_past = jnp.split(recurrent, 3, axis=-1)
        kept = jax.nn.sigmoid(keep + keep_past)
        proposed = jnp.tanh(new + jax.nn.sigmoid(reset + reset_past) * new_past)
        return (kept * carry[0] + (1 - kept) * proposed,)

    def bias(self) -> jax.Array:
        """Zeros."""
        return jnp.zeros(3 * self.width)


def empty(cell: Cell, *batch: int) -> Carry:
    """The carry at the beginning of an episode: zeros."""
    return (jnp.zeros((*batch, cell.width)),) * cell.slots


def forget(carry: Carry, reset: jax.Array) -> Carry:
    """The carry, emptied where an episode begins. reset: (...) bool."""
    return tuple(jnp.where(reset[..., None], 0.0, part) for part in carry)


@partial(jax.custom_vjp, nondiff_argnums=(0,))
def run(cell: Cell, weights: jax.Array, carry: Carry, driven: jax.Array, resets: jax.Array) -> tuple[Carry, jax.Array]:
    """A cell over time.

    The obvious backward pass adds a thin outer product to the gradient of the weights at every step. Here the steps
    only keep their gates' gradients, and the weights' comes of one product over all of them: on a CPU this halves the
    backward pass.

    Args:
        weights: (width, gates * width), recurrent.
        carry: at the beginning, arrays of shape (batch, width).
        driven: (time, batch, gates * width).
        resets: (time, batch) bool; the carry is emptied before such a step.

    Returns:
        The last carry, and outputs of shape (time, batch, width).
    """

    def step(carry: Carry, given: tuple[jax.Array, jax.Array]) -> tuple[Carry, jax.Array]:
        driven, reset = given
        carry = forget(carry, reset)
        carry = cell.turn(carry, driven, carry[0] @ weights)
        return carry, carry[0]

    return jax.lax.scan(step, carry, (driven, resets))


def _forward(cell: Cell, weights: jax.Array, carry: Carry, driven: jax.Array, resets: jax.Array):  # type: ignore[no-untyped-def]
    def step(carry: Carry, given: tuple[jax.Array, jax.Array]) -> tuple[Carry, tuple[Carry, jax.Array, jax.Array]]:
        driven, reset = given
        before = forget(carry, reset)
        recurrent = before[0] @ weights
        carry = cell.turn(before, driven, recurrent)
        return carry, (before, recurrent, carry[0])

    last, (before, recurrent, outputs) = jax.lax.scan(step, carry, (driven, resets))
    return (last, outputs), (weights, before, driven, recurrent, resets)


def _backward(cell: Cell, kept, gradients):  # type: ignore[no-untyped-def]
    weights, before, driven, recurrent, resets = kept
    last, outputs = gradients

    def step(later: Carry, given):  # type: ignore[no-untyped-def]
        before, driven, recurrent, reset, output = given
        _, pull = jax.vjp(cell.turn, before, driven, recurrent)
        earlier, to_driven, to_recurrent = pull((later[0] + output, *later[1:]))
        earlier = (earlier[0] + to_recurrent @ weights.T, *earlier[1:])
        return forget(earlier, reset), (to_driven, to_recurrent)

    first, (to_driven, to_recurrent) = jax.lax.scan(
        step, last, (before, driven, recurrent, resets, outputs), reverse=True
    )
    to_weights = jnp.einsum("tbh,tbg->hg", before[0], to_recurrent)
    return to_weights, first, to_driven, None


run.defvjp(_forward, _backward)
