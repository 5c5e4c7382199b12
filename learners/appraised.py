"""PPO in a world whose reward comes from outside the program: from whoever looks at pictures of it.

The world's own reward, and that it would end an episode, are not told to the learner.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Generic, NamedTuple, TypeVar

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.learners.networks import Network
from wunderkammer.learners.ppo import Figures, Learning, Ppo
from wunderkammer.learners.rollout import Trajectory, log_probabilities
from wunderkammer.worlds.episodes import choose
from wunderkammer.worlds.world import Key, World

L = TypeVar("L")
S = TypeVar("S")
Bools = NDArray[np.bool_]


class Playing(NamedTuple):
    """Episodes under way, (batch,) each; kept from one rollout to the next."""

    carry: Any
    state: Any
    observation: Any
    reset: jax.Array
    age: jax.Array
    """() int32: steps of this episode."""
    room: jax.Array
    """() int32: which of the levels it is played in."""


class Apprentice(NamedTuple):
    """A learner in the middle of its training: all that a checkpoint needs."""

    learning: Learning
    playing: Playing


Appraise = Callable[[NDArray[np.uint8], Playing], Bools]
"""Which pictures, uint8 (batch, height, width, 3), show what is wanted. It is handed the episodes too: a model looks at
which levels they are in, for the words of the goal; whoever knows the truth looks at their states."""


@dataclass(frozen=True)
class Appraised(Generic[L, S]):
    """How it is learned. An appraisal that says yes earns 1 and ends the episode; so does time, and earns nothing.

    levels: stacked; each episode is played in one of them by chance.
    """

    world: World[L, S]
    network: Network
    ppo: Ppo
    levels: L
    games: int
    """Episodes side by side."""
    steps: int
    """Of each between two updates."""

    def begin(self, key: Key) -> Apprentice:
        """A network that has learned nothing, at the beginning of its first episodes."""
        to_weights, to_rooms = jax.random.split(key)
        playing = self._fresh(to_rooms)
        observation = jax.tree.map(lambda leaf: jax.ShapeDtypeStruct(leaf.shape[1:], leaf.dtype), playing.observation)
        return Apprentice(self.ppo.start(self.network, to_weights, observation), playing)

    def turn(self, key: Key, at: Apprentice, appraise: Appraise) -> tuple[Apprentice, dict[str, float]]:
        """Play `steps`, learn once; figures: `earned`, the mean reward of a step, and what PPO says."""
        to_play, to_learn = jax.random.split(key)
        carry, playing, rows = at.playing.carry, at.playing, []
        for own in jax.random.split(to_play, self.steps):
            to_act, to_room = jax.random.split(own)
            ahead, seen, pictures = self.act(at.learning.params, playing, to_act)
            met = appraise(np.asarray(pictures), ahead)
            playing, reward, done = self._follow(ahead, jnp.asarray(met), to_room)
            rows.append(seen._replace(reward=reward, done=done))
        learning, figures = self._learn(to_learn, at.learning, carry, rows, playing)
        earned = float(np.mean([np.asarray(row.reward) for row in rows]))
        return Apprentice(learning, playing), {"earned": earned, **{n: float(v) for n, v in figures.items()}}

    def start(self, key: Key, room: jax.Array) -> Playing:
        """The first moment of an episode in each of these levels, (episodes,) int32."""
        count = room.shape[0]
        levels = jax.tree.map(lambda leaf: leaf[room], self.levels)
        state, seen = jax.vmap(self.world.reset_to_level)(jax.random.split(key, count), levels)
        nothing = jnp.zeros(count, jnp.int32)
        return Playing(self.network.empty(count), state, seen, jnp.ones(count, jnp.bool_), nothing, room)

    def _fresh(self, key: Key) -> Playing:
        to_room, to_reset = jax.random.split(key)
        count = jax.tree.leaves(self.levels)[0].shape[0]
        return self.start(to_reset, jax.random.randint(to_room, (self.games,), 0, count))

    @cached_property
    def act(self) -> Callable[[Any, Playing, Key], tuple[Playing, Trajectory, jax.Array]]:
        """One step of all episodes: as they stand then, what was seen and done, pictures of it."""

        def act(params: Any, at: Playing, key: Key) -> tuple[Playing, Trajectory, jax.Array]:
            to_action, to_step = jax.random.split(key)
            reply = self.network.step(params, at.carry, at.observation, at.reset)
            action = jax.random.categorical(to_action, reply.logits)
            log = log_probabilities(reply.logits, action)
            count = at.room.shape[0]
            after = jax.vmap(self.world.step)(jax.random.split(to_step, count), at.state, action)
            none = jnp.zeros(count)
            seen = Trajectory(
                at.observation, at.reset, action, log, reply.logits, reply.value, none, none > 0, none
            )  # fmt: skip
            ahead = Playing(reply.carry, after.state, after.observation, at.reset, at.age + 1, at.room)
            return ahead, seen, jax.vmap(self.world.render)(after.state)

        return jax.jit(act)

    @cached_property
    def _follow(self) -> Callable[[Playing, jax.Array, Key], tuple[Playing, jax.Array, jax.Array]]:
        def follow(ahead: Playing, met: jax.Array, key: Key) -> tuple[Playing, jax.Array, jax.Array]:
            done = met | (ahead.age >= self.world.horizon)
            going_on = choose(done, self._fresh(key), ahead)
            return going_on._replace(carry=ahead.carry, reset=done), met.astype(jnp.float32), done

        return jax.jit(follow)

    @cached_property
    def _learn(self) -> Callable[..., tuple[Learning, Figures]]:
        def learn(key: Key, learning: Learning, carry: Any, rows: list[Trajectory], playing: Playing) -> Any:
            seen: Trajectory = jax.tree.map(lambda *leaves: jnp.stack(leaves), *rows)
            last = self.network.step(learning.params, playing.carry, playing.observation, playing.reset).value
            return self.ppo.update(self.network, key, learning, self.ppo.batch(carry, seen, last))

        return jax.jit(learn)
