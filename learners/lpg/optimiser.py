"""The learned optimiser: from a stretch of an agent's life, backwards in time, to what the agent should do and foresee.

Source: Oh et al. 2020, section 3.2 and appendix A; sizes and inputs as in Jackson et al. 2023.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import jax
import jax.numpy as jnp

from wunderkammer.learners import perceptron
from wunderkammer.learners.encoder import Params, scaled
from wunderkammer.learners.recurrence import Gru, empty, run
from wunderkammer.worlds.world import Key


class Lesson(NamedTuple):
    """What the optimiser is shown of a stretch, each (time, batch)."""

    reward: jax.Array
    done: jax.Array
    """bool: the episode ended with this step; what is later in time is another one."""
    chance: jax.Array
    """Of the action that was taken, by the agent as it is now."""
    foreseen: jax.Array
    """(time, batch, predictions): y, the agent's prediction vector of where it was."""
    following: jax.Array
    """(time, batch, predictions): the same of where it came to; not looked at where an episode ended."""


class Targets(NamedTuple):
    """What the optimiser says of each step."""

    push: jax.Array
    """(time, batch): how strongly the action is to be made likelier (π̂)."""
    foresee: jax.Array
    """(time, batch, predictions): what y should have been (ŷ), chances."""


@dataclass(frozen=True)
class Optimiser:
    """A recurrent network over reversed time, whose carry is emptied where an episode ended."""

    predictions: int = 8
    """Length of y, m in the paper: 30 there, 8 in GROOVE's code."""
    width: int = 256
    embedding: int = 16
    """Width of the layer by which y is read."""
    discount: float = 0.99
    """γ, one of the inputs."""

    def init(self, key: Key) -> Params:
        """Weights. The last layer's are small: an optimiser that has learned nothing says almost nothing."""
        keys = jax.random.split(key, 5)
        cell = Gru(self.width)
        entering = 4 + 2  # reward, done, discount, chance; y and the y after it, a number each
        return {
            "reading": perceptron.init(keys[0], (self.predictions, self.embedding, 1)),
            "driven": {"weights": scaled(keys[1], (entering, 3 * self.width)), "bias": cell.bias()},
            "recurrent": scaled(keys[2], (self.width, 3 * self.width)),
            "push": perceptron.init(keys[3], (self.width, 1), last=0.1),
            "foresee": perceptron.init(keys[4], (self.width, self.predictions), last=0.1),
        }

    def __call__(self, params: Params, lesson: Lesson) -> Targets:
        """Targets of all steps."""
        read = perceptron.apply(params["reading"], jnp.stack([lesson.foreseen, lesson.following]))[..., 0]
        now, after = read[0], jnp.where(lesson.done, 0.0, read[1])
        done = lesson.done.astype(jnp.float32)
        inputs = [lesson.reward, done, self.discount * (1 - done), lesson.chance, now, after]
        driven = jnp.stack(inputs, -1) @ params["driven"]["weights"] + params["driven"]["bias"]
        carry = empty(Gru(self.width), *lesson.reward.shape[1:])
        # Reversed, a step comes after the one that followed it in time: the carry is emptied where those two are of
        # different episodes, which is where `done` is of this step.
        _, out = run(Gru(self.width), params["recurrent"], carry, driven[::-1], lesson.done[::-1])
        hidden = out[::-1]
        push = perceptron.apply(params["push"], hidden)[..., 0]
        return Targets(push, jax.nn.softmax(perceptron.apply(params["foresee"], hidden)))
