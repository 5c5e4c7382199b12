"""Who plays the mazes that are searched for: a walker without learning, or what a training left."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
from safetensors import SafetensorError
from safetensors.numpy import load_file

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners import weights
from wunderkammer.learners.encoder import Convolution, Encoder, Params
from wunderkammer.learners.networks import ActorCritic, Network, Reply
from wunderkammer.learners.recurrence import Cell, Gru, Lstm
from wunderkammer.worlds.maze.world import FORWARD, LEFT, RIGHT, Maze, Observation

WALKER = "walker"


@dataclass(frozen=True)
class Walker:
    """Goes towards the goal where it sees it and no wall is before it, else follows the wall on its left.

    Now and then it does anything at all. A network without weights, whose memory is whether it has just turned left.
    """

    noise: float = 0.1
    """Share of its actions that are drawn uniformly. 1.0 is a random walker."""

    def init(self, key: jax.Array, observation: Any) -> Params:
        """Nothing."""
        return ()

    def empty(self, *batch: int) -> jax.Array:
        """(*batch,) bool: it has not just turned left."""
        return jnp.zeros(batch, jnp.bool_)

    def step(self, params: Params, carry: Any, observation: Observation, reset: jax.Array) -> Reply:
        """One step of a batch."""
        view = observation.view
        middle, last = view.shape[-2] // 2, view.shape[-3] - 1
        turned = carry & ~reset
        wall, goal = view[..., 1] > 0, view[..., 2] > 0
        wall_left, wall_ahead, wall_right = (wall[..., last - (side == 0), middle + side] for side in (-1, 0, 1))
        follow = jnp.where(~wall_left & ~turned, LEFT, jnp.where(wall_ahead, RIGHT, FORWARD))
        action = jnp.select(
            [
                goal[..., :last, :].any((-1, -2)) & ~wall_ahead,
                goal[..., last, :middle].any(-1) & ~wall_left,
                goal[..., last, middle:].any(-1) & ~wall_right,
            ],
            [FORWARD, LEFT, RIGHT],
            follow,
        )
        chances = (1 - self.noise) * jax.nn.one_hot(action, Maze.actions) + self.noise / Maze.actions
        return Reply(action == LEFT, jnp.log(jnp.maximum(chances, 1e-9)), jnp.zeros(action.shape))

    def unroll(self, params: Params, carry: Any, observations: Any, resets: jax.Array) -> Reply:
        """All steps of a batch."""

        def step(carry: Any, given: Any) -> tuple[Any, tuple[jax.Array, jax.Array]]:
            reply = self.step(params, carry, *given)
            return reply.carry, (reply.logits, reply.value)

        carry, (logits, value) = jax.lax.scan(step, carry, (observations, resets))
        return Reply(carry, logits, value)


def student(name: str, noise: float) -> tuple[Network, Params]:
    """Who is called so: `WALKER`, or a file of weights; how large its network is follows from them.

    Raises:
        ConfigError: there is no such file, or it holds something else.
    """
    if name == WALKER:
        return Walker(noise), ()
    file = Path(name)
    if not file.is_file():
        raise ConfigError(f"student {name!r} is neither {WALKER!r} nor a file; a training leaves student.safetensors")
    network = _network(file)
    shapes = jax.eval_shape(lambda: network.init(jax.random.key(0), _observation()))
    return network, weights.read(file, shapes)


def _network(file: Path) -> ActorCritic:
    try:
        shapes = {name: array.shape for name, array in load_file(file).items()}
        width, gates = shapes["['memory']"]
        cells: dict[int, type[Cell]] = {4 * width: Lstm, 3 * width: Gru}
        layers = sorted(name for name in shapes if name.startswith("['encoder'][0][") and name.endswith("['weights']"))
        convolutions, entering = [], 3
        for name in layers:
            patch, filters = shapes[name]
            convolutions.append(Convolution(filters, round((patch / entering) ** 0.5)))
            entering = filters
        hidden = shapes["['actor'][0]['weights']"][1]
        return ActorCritic(Maze.actions, cells[gates](width), Encoder(tuple(convolutions)), hidden)  # type: ignore[call-arg]
    except (SafetensorError, KeyError, ValueError) as fault:
        raise ConfigError(f"{file} holds no student of mazes; a training leaves student.safetensors") from fault


def _observation() -> Observation:
    """One of the shapes that every size of maze shows."""
    view = Maze.view
    return Observation(jnp.zeros((view, view, 3), jnp.uint8), jnp.int32(0))
