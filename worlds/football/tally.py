"""What a match remembers of itself, by side, so that what went wrong in it can be named."""

from __future__ import annotations

from dataclasses import dataclass, fields

import jax
import jax.numpy as jnp


@jax.tree_util.register_dataclass
@dataclass(frozen=True)
class Tally:
    """Each (2,) float32: left's and right's; followed by the axes of the batch."""

    possession: jax.Array
    """Steps with the ball."""
    lost: jax.Array
    """How often the ball went to the other side: tackled, intercepted, out, offside."""
    passes: jax.Array
    """Short and long."""
    completed: jax.Array
    """Passes that a player of the same side took."""
    shots: jax.Array
    shot_distance: jax.Array
    """From the goal, summed over shots."""
    shot_angle: jax.Array
    """Between the posts as the shooter sees them, in radians, summed over shots; small: from far or aside."""
    shots_sprinting: jax.Array
    """Shots while sprinting."""
    shots_pressed: jax.Array
    """Shots with an opponent near."""
    shots_selfish: jax.Array
    """Shots while somebody of the same side, not offside, had the wider angle by half and more."""
    shots_late: jax.Array
    """Shots after 15 steps and more with the ball where a shot was promising."""
    saves: jax.Array
    """By the side's keeper."""
    offsides: jax.Array
    """Given against the side."""
    tackles: jax.Array
    """Tried on foot or sliding within reach of the ball."""
    tackles_won: jax.Array
    chances: jax.Array
    """Possessions that came where a shot was promising."""
    hesitation: jax.Array
    """Steps with the ball there."""
    exposed: jax.Array
    """Steps in which the other side had the ball and only the keeper, if anybody, was nearer to the goal."""
    run: jax.Array
    """Distance, all players together."""
    sprints: jax.Array
    """Player-steps of sprinting."""
    turns: jax.Array
    """Player-steps in which somebody turned back by more than a right angle."""


def nothing(batch: tuple[int, ...]) -> Tally:
    """Before a match."""
    zero = jnp.zeros((2, *batch), jnp.float32)
    return Tally(**{field.name: zero for field in fields(Tally)})
