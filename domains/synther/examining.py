"""What a policy of a world of control returns, on starts that are the same for everybody."""

from __future__ import annotations

from collections.abc import Callable

import jax

from wunderkammer.worlds.control import Control

Policy = Callable[[jax.Array], jax.Array]
"""An observation, to an action."""


def examine(world: Control, policy: Policy, starts: int) -> float:
    """The mean return of one episode from each start."""

    def episode(state: jax.Array) -> jax.Array:
        def once(at: tuple[jax.Array, jax.Array], _: None) -> tuple[tuple[jax.Array, jax.Array], jax.Array]:
            state, alive = at
            found = world.step(state, policy(world.observe(state)))
            return (found.state, alive & ~found.terminal), found.reward * alive

        return jax.lax.scan(once, (state, jax.numpy.bool_(True)), None, world.horizon)[1].sum()

    return float(jax.jit(jax.vmap(episode))(world.examined(starts)).mean())


def normalised(world: Control, returned: float) -> float:
    """0 for a random policy, 100 for a good one, as D4RL counts."""
    return 100 * (returned - world.worst) / (world.best - world.worst)
