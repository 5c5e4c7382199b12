"""PPO in games that are no JAX program: all are played from outside, step by step, and learned from in one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.learners.encoder import Convolution, Encoder, Params
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.ppo import Learning, Ppo
from wunderkammer.learners.recurrence import Carry, Gru
from wunderkammer.learners.rollout import Trajectory, log_probabilities
from wunderkammer.worlds.film.fit import fit
from wunderkammer.worlds.film.games import Frames, Games

Acts = Callable[[Frames], NDArray[np.int64]]
"""Chooses for so many games at once, (games, side, side, 3); it remembers what it saw before."""

PPO = Ppo(rate=1e-3, discount=0.95, trace=0.9, epochs=4, minibatches=2, entropy=0.01)


def sighted(actions: int, side: int, width: int = 64) -> ActorCritic:
    """An actor and critic for frames of this size in bytes: patches of an eighth of the side, then one of 3 × 3."""
    step = max(1, side // 8)
    layers = (Convolution(32, step, step), Convolution(32))
    return ActorCritic(actions, Gru(width), Encoder(layers, scale=1 / 255), hidden=width)


@dataclass
class Practice:
    """A network that learns by playing.

    steps: of each game between two updates. An episode that ends by time counts as one that ends: games do not say
    which.
    """

    network: ActorCritic
    side: int
    seed: int
    ppo: Ppo = PPO
    steps: int = 16
    params: Params = None
    _learning: Learning | None = field(default=None, repr=False)

    def learn(self, games: Games, updates: int, tell: Callable[[int, float], None] | None = None) -> list[float]:
        """Play and learn; what a step earned on average, update by update. tell: hears how many are done, and that."""
        scene = games.see()
        count = len(scene.levels)
        key = jax.random.key(self.seed)
        if self._learning is None:
            self._learning = self.ppo.start(self.network, key, jnp.zeros((self.side, self.side, 3), jnp.uint8))
        carry, earned = self.network.empty(count), []
        for turn in range(updates):
            to_play, to_learn = jax.random.split(jax.random.fold_in(key, turn + 1))
            before = carry
            seen, carry, last = self._played(games, carry, to_play)
            batch = self._batch(before, seen, last)
            self._learning, _ = self._update(to_learn, self._learning, batch)
            earned.append(float(seen.reward.mean()))
            if tell is not None:
                tell(turn + 1, earned[-1])
        self.params = self._learning.params
        return earned

    def actor(self, seed: int) -> Acts:
        """Who acts as was learned, from the beginning of episodes on; actions are drawn from the policy."""
        return _Actor(self, jax.random.key(seed))

    def _played(self, games: Games, carry: Carry, key: Any) -> tuple[Trajectory, Carry, Any]:
        """`steps` of each game: what was seen and done, the memory afterwards, the value of what is seen now."""
        assert self._learning is not None
        params, rows = self._learning.params, []
        for own in jax.random.split(key, self.steps):
            scene = games.see()
            frames = fit(scene.frames, self.side)
            chosen, carry, (logits, value, log) = self._step(params, carry, frames, scene.firsts, own)
            games.act(np.asarray(chosen, np.int64))
            after = games.see()
            nothing = np.zeros(len(frames), np.float32)
            rows.append(
                Trajectory(
                    frames, scene.firsts, chosen, log, logits, value, after.rewards.copy(), after.firsts.copy(), nothing
                )
            )
        scene = games.see()
        _, _, (_, last, _) = self._step(params, carry, fit(scene.frames, self.side), scene.firsts, key)
        return jax.tree.map(lambda *leaves: jnp.stack([jnp.asarray(leaf) for leaf in leaves]), *rows), carry, last

    @cached_property
    def _step(self) -> Any:
        def step(params: Params, carry: Carry, frames: Any, reset: Any, key: Any) -> Any:
            reply = self.network.step(params, carry, frames, reset)
            chosen = jax.random.categorical(key, reply.logits)
            return chosen, reply.carry, (reply.logits, reply.value, log_probabilities(reply.logits, chosen))

        return jax.jit(step)

    @cached_property
    def _batch(self) -> Any:
        return jax.jit(self.ppo.batch)  # else its scan is another program with every update, and all are kept

    @cached_property
    def _update(self) -> Any:
        return jax.jit(lambda key, learning, batch: self.ppo.update(self.network, key, learning, batch))


class _Actor:
    """Implements `Acts`."""

    def __init__(self, practice: Practice, key: Any) -> None:
        self._practice, self._key = practice, key
        self._carry: Carry | None = None

    def __call__(self, frames: Frames) -> NDArray[np.int64]:
        practice, first = self._practice, np.full(len(frames), self._carry is None)
        carry = practice.network.empty(len(frames)) if self._carry is None else self._carry
        self._key, own = jax.random.split(self._key)
        chosen, self._carry, _ = practice._step(practice.params, carry, fit(frames, practice.side), first, own)
        return np.asarray(chosen, np.int64)
