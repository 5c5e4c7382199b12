"""A side of players who share their weights: how it plays matches against others, and learns from them.

Every player is one column of a batch, acts on what it sees, and is rewarded as its side is; so the learners for single
agents (`Ppo`) learn from a side's matches as they are.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple, Protocol, TypeAlias, TypeVar

import jax
import jax.numpy as jnp
import optax

from wunderkammer.learners.encoder import Params, scaled
from wunderkammer.learners.networks import Reply
from wunderkammer.learners.ppo import Figures
from wunderkammer.learners.rollout import Trajectory, log_probabilities
from wunderkammer.worlds.episodes import again
from wunderkammer.worlds.world import Key

L = TypeVar("L", contravariant=True)
S = TypeVar("S")


class Contest(Protocol[L, S]):
    """A world of two sides with the same number of players each, of which every side sees itself as the left one.

    Its states have `done`; methods work on one match and are vmapped."""

    def reset_to_level(self, key: Key, lineup: L) -> S: ...

    def observe(self, state: S, side: int) -> jax.Array:
        """(players, features)."""
        ...

    def step(self, key: Key, state: S, left_actions: jax.Array, right_actions: jax.Array) -> S: ...


Act: TypeAlias = Callable[[Any, Key, jax.Array, Any], tuple[jax.Array, Any]]
"""(parameters, key, observation (players, features), memory) to (actions (players,), memory)."""


class Rival(NamedTuple):
    """Whom one plays against: somebody without a memory."""

    act: Act
    parameters: Any


@dataclass(frozen=True)
class Players:
    """Actor and critic of one player, without memory: a `Network`, whose actor is also a policy of its own.

    Weights: {"actor": layers, "critic": layers}, each a list of {"weights", "bias"} with relu between."""

    actions: int
    hidden: tuple[int, ...] = (128, 64)

    def init(self, key: jax.Array, observation: Any) -> Params:
        """observation: (features,)."""
        to_actor, to_critic = jax.random.split(key)
        entering = observation.shape[-1]
        return {
            "actor": _layers(to_actor, (entering, *self.hidden, self.actions), 0.01),
            "critic": _layers(to_critic, (entering, *self.hidden, 1), 1.0),
        }

    def empty(self, *batch: int) -> tuple[()]:
        """It remembers nothing."""
        return ()

    def step(self, params: Params, carry: Any, observation: jax.Array, reset: jax.Array) -> Reply:
        """What it says of observations with any batch axes."""
        return Reply((), _through(params["actor"], observation), _through(params["critic"], observation)[..., 0])

    def unroll(self, params: Params, carry: Any, observations: jax.Array, resets: jax.Array) -> Reply:
        """The same: a step knows nothing of the one before."""
        return self.step(params, carry, observations, resets)


class Matches(NamedTuple):
    """A rollout."""

    seen: Trajectory
    """Of left's players: arrays begin with (steps, matches · players)."""
    last_value: jax.Array
    """(matches · players,)."""
    ended: jax.Array
    """() float32: matches that ended."""


def contend(
    world: Contest[L, Any],
    network: Players,
    params: Params,
    rivals: Sequence[Rival],
    reward: Callable[[Any, Any], jax.Array],
    key: Key,
    levels: L,
    steps: int,
) -> Matches:
    """Matches for so many steps, each begun anew in its own level when it is over.

    Args:
        rivals: who plays right; each meets an equal part of the matches.
        reward: of left, from the states before and after a step of one match.
        levels: leaves with a first axis (matches).
    """
    matches = jax.tree.leaves(levels)[0].shape[0]
    to_begin, to_play = jax.random.split(key)
    first = jax.vmap(world.reset_to_level)(jax.random.split(to_begin, matches), levels)

    def once(at: tuple[Any, jax.Array], key: Key) -> tuple[tuple[Any, jax.Array], tuple[Trajectory, jax.Array]]:
        state, reset = at
        to_act, to_rivals, to_step = jax.random.split(key, 3)
        seen = jax.vmap(partial(world.observe, side=0))(state)
        reply = network.step(params, (), seen, reset)
        action = jax.random.categorical(to_act, reply.logits)
        against = answers(rivals, to_rivals, jax.vmap(partial(world.observe, side=1))(state))

        def play(key: Key, start: Any, before: Any, left: jax.Array, right: jax.Array) -> tuple[Any, ...]:
            after = world.step(key, before, left, right)
            return again(start, before, after, after.done), reward(before, after), after.done

        keys = jax.random.split(to_step, matches)
        state, earned, done = jax.vmap(play)(keys, first, state, action, against)

        def each(values: jax.Array) -> jax.Array:
            return jnp.broadcast_to(values[:, None], action.shape)

        trajectory = Trajectory(
            seen, each(reset), action, log_probabilities(reply.logits, action), reply.logits, reply.value,
            each(earned), each(done), jnp.zeros(action.shape),
        )  # fmt: skip
        return (state, done), (jax.tree.map(_columns, trajectory), done)

    start = (first, jnp.ones(matches, jnp.bool_))
    (state, reset), (seen, done) = jax.lax.scan(once, start, jax.random.split(to_play, steps))
    last = network.step(params, (), jax.vmap(partial(world.observe, side=0))(state), reset).value
    return Matches(seen, _columns(last), done.sum().astype(jnp.float32))


class Lessons(NamedTuple):
    """What a teacher would have done: (samples, features) and (samples,)."""

    observation: jax.Array
    action: jax.Array
    weight: jax.Array
    """(samples,) float32: how much each counts."""


def lessons(
    world: Contest[L, Any],
    teacher: Rival,
    player: Rival,
    rivals: Sequence[Rival],
    key: Key,
    levels: L,
    steps: int,
    own: jax.Array | float,
    weigh: Callable[[jax.Array], jax.Array],
) -> Lessons:
    """Matches in which a teacher says of each moment what it would do, whoever acts.

    own: the share of moments in which left is played by `player`, so that it is taught where its own mistakes lead to
    (Ross et al. 2011, DAgger); else by the teacher. weigh: from observations (..., features), how much each counts.
    """
    matches = jax.tree.leaves(levels)[0].shape[0]
    to_begin, to_play = jax.random.split(key)
    first = jax.vmap(world.reset_to_level)(jax.random.split(to_begin, matches), levels)

    def once(state: Any, key: Key) -> tuple[Any, Lessons]:
        to_teacher, to_player, to_rivals, to_choice, to_step = jax.random.split(key, 5)
        seen = jax.vmap(partial(world.observe, side=0))(state)
        taught = answers([teacher], to_teacher, seen)
        tried = answers([player], to_player, seen)
        left = jnp.where(jax.random.uniform(to_choice, (matches, 1)) < own, tried, taught)
        right = answers(rivals, to_rivals, jax.vmap(partial(world.observe, side=1))(state))

        def play(key: Key, start: Any, before: Any, left: jax.Array, right: jax.Array) -> Any:
            after = world.step(key, before, left, right)
            return again(start, before, after, after.done)

        state = jax.vmap(play)(jax.random.split(to_step, matches), first, state, left, right)
        return state, Lessons(seen, taught, weigh(seen))

    found = jax.lax.scan(once, first, jax.random.split(to_play, steps))[1]
    return jax.tree.map(lambda leaf: leaf.reshape(-1, *leaf.shape[3:]), found)


def imitate(
    optimiser: Any, params: Params, state: Any, key: Key, given: Lessons, minibatches: int
) -> tuple[Params, Any, Figures]:
    """Once over the lessons: the actor is drawn to the teacher's actions by cross-entropy.

    Returns weights, the optimiser's state, and `surprise` (nats) and `agreement` (share of lessons in which the
    likeliest action is the teacher's), before each minibatch was learned from."""
    order = jax.random.permutation(key, given.action.shape[0])
    size = order.shape[0] // minibatches
    parts = jax.tree.map(
        lambda leaf: leaf[order[: size * minibatches]].reshape(minibatches, size, *leaf.shape[1:]), given
    )

    def loss(params: Params, part: Lessons) -> tuple[jax.Array, Figures]:
        logits = _through(params["actor"], part.observation)
        share = part.weight / part.weight.sum()
        surprise = -(log_probabilities(logits, part.action) * share).sum()
        return surprise, {"surprise": surprise, "agreement": ((logits.argmax(-1) == part.action) * share).sum()}

    def once(at: tuple[Params, Any], part: Lessons) -> tuple[tuple[Params, Any], Figures]:
        params, state = at
        gradient, figures = jax.grad(loss, has_aux=True)(params, part)
        change, state = optimiser.update(gradient, state, params)
        return (optax.apply_updates(params, change), state), figures

    (params, state), figures = jax.lax.scan(once, (params, state), parts)
    return params, state, jax.tree.map(jnp.mean, figures)


def answers(rivals: Sequence[Rival], key: Key, observation: jax.Array) -> jax.Array:
    """Actions (matches, players) of several, each in an equal part of the matches; (matches, players, features)."""
    matches = observation.shape[0]
    keys = jax.random.split(key, matches)
    share = matches // len(rivals)
    cuts = [*(at * share for at in range(len(rivals))), matches]
    parts = [
        jax.vmap(rival.act, in_axes=(None, 0, 0, None))(rival.parameters, keys[a:b], observation[a:b], ())[0]
        for rival, a, b in zip(rivals, cuts, cuts[1:], strict=False)
    ]
    return jnp.concatenate(parts)


def _columns(values: jax.Array) -> jax.Array:
    """(matches, players, ...) to (matches · players, ...)."""
    return values.reshape(-1, *values.shape[2:])


def _layers(key: jax.Array, widths: tuple[int, ...], last: float) -> list[Params]:
    keys = jax.random.split(key, len(widths) - 1)
    return [
        {"weights": scaled(own, (a, b), last if at == len(keys) - 1 else 2.0**0.5), "bias": jnp.zeros(b)}
        for at, (own, a, b) in enumerate(zip(keys, widths, widths[1:], strict=False))
    ]


def _through(layers: Sequence[Params], inputs: jax.Array) -> jax.Array:
    for at, layer in enumerate(layers):
        inputs = inputs @ layer["weights"] + layer["bias"]
        inputs = jax.nn.relu(inputs) if at < len(layers) - 1 else inputs
    return inputs
