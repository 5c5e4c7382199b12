"""How the optimiser learns: by the gradient of what agents do after some updates, through those updates.

Source: Oh et al. 2020, equations 4 to 6; windows and regularisers as Jackson et al. 2023 have them.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.learners.encoder import Params
from wunderkammer.learners.lpg.critic import Critic
from wunderkammer.learners.lpg.learning import Lpg
from wunderkammer.learners.lpg.tabular import Agent, Playing, Stretch, play
from wunderkammer.worlds.world import Key, World


class Life(NamedTuple):
    """An agent in its level; a batch of lives has one more axis in front."""

    agent: Agent
    playing: Playing


class Window(NamedTuple):
    """What is known of a window of a life besides how it goes on, scalars."""

    reward: jax.Array
    """A step, mean over the window."""
    positive: jax.Array
    """Mean of the positive advantages after its last update (positive value loss)."""
    size: jax.Array
    """Mean size of the advantages (L1 value loss)."""
    entropy: jax.Array
    """Of the policy, after the last update."""


@dataclass(frozen=True)
class Meta:
    """The meta-objective over windows of lives."""

    lpg: Lpg = field(default_factory=Lpg)
    critic: Critic = field(default_factory=Critic)
    updates: int = 5
    """K: of a window."""
    steps: int = 20
    """Of each worker before an update."""
    entropy: float = 0.05
    foresight: float = 0.001
    push: float = 0.005
    foresee: float = 0.001
    """Weights of the regularisers: entropy of the policy and of y are wanted, large π̂ and ŷ are not."""

    def lived(
        self, world: World[Any, Any], params: Params, key: Key, level: Any, life: Life
    ) -> tuple[jax.Array, tuple[Life, Window]]:
        """A window of one life: the loss of the optimiser, and life and figures afterwards.

        The loss is −A log π of a stretch that follows the last update, with advantages of a critic of the life's own,
        and the regularisers' mean over the updates. Its gradient is the meta-gradient: actions, states and advantages
        are constants in it, policies are not.
        """

        def once(life: Life, key: Key) -> tuple[Life, Any]:
            playing, stretch = play(world, key, life.agent, level, life.playing, self.steps)
            agent, taught = self.lpg.update(params, life.agent, stretch)
            advantages = self.critic.advantages(life.agent.values, stretch)
            agent = agent._replace(values=self.critic.learn(life.agent.values, stretch, advantages))
            return Life(agent, playing), (taught, stretch.reward.mean())

        keys = jax.random.split(key, self.updates + 1)
        life, (taught, rewards) = jax.lax.scan(once, life, keys[1:])
        # What follows is looked at and not lived: the next window begins where the last update was made.
        _, stretch = play(world, keys[0], life.agent, level, life.playing, self.steps)
        advantages = jax.lax.stop_gradient(self.critic.advantages(life.agent.values, stretch))
        loss = self.objective(life.agent, stretch, advantages)
        loss -= self.entropy * taught.entropy.mean() + self.foresight * taught.foresight.mean()
        loss += self.push * taught.push.mean() + self.foresee * taught.foresee.mean()
        positive, size = jnp.maximum(advantages, 0.0).mean(), jnp.abs(advantages).mean()
        return loss, (life, Window(rewards.mean(), positive, size, taught.entropy[-1]))

    def objective(self, agent: Agent, stretch: Stretch, advantages: jax.Array) -> jax.Array:
        """−A log π, a mean over the stretch."""
        logits = jax.nn.log_softmax(agent.logits[stretch.seen])
        chosen = jnp.take_along_axis(logits, stretch.action[..., None], -1)[..., 0]
        return -(advantages * chosen).mean()

    def gradient(
        self, world: World[Any, Any], params: Params, key: Key, levels: Any, lives: Life
    ) -> tuple[Params, jax.Array, Life, Window]:
        """The mean meta-gradient of a batch of lives, the mean loss, and the lives a window later."""
        count = lives.playing.seen.shape[0]

        def loss(params: Params) -> tuple[jax.Array, tuple[Life, Window]]:
            lived = jax.vmap(self.lived, (None, None, 0, 0, 0))
            losses, after = lived(world, params, jax.random.split(key, count), levels, lives)
            return losses.mean(), after

        (found, (lives, window)), gradient = jax.value_and_grad(loss, has_aux=True)(params)
        return gradient, found, jax.lax.stop_gradient(lives), window
