"""Matches of two policies from given levels, thousands side by side, and one of them step by step."""

from __future__ import annotations

from functools import partial
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import summary
from wunderkammer.worlds.football.level import Lineup
from wunderkammer.worlds.football.policy import Act, Policy
from wunderkammer.worlds.football.state import State
from wunderkammer.worlds.football.world import LUCK, Football
from wunderkammer.worlds.world import Key


class Result(NamedTuple):
    """How matches ended."""

    value: jax.Array
    """(levels, repeats) float32: 1 where left scored, -1 where right did, 0 where nobody has."""
    features: dict[str, jax.Array]
    """(levels, repeats) float32 each, by name; see `summary`."""


class Trace(NamedTuple):
    """A match with all positions, for clips: the beginning and what was after each step, until its end."""

    place: NDArray[np.float32]
    """(1 + steps, 2n, 2)."""
    heading: NDArray[np.float32]
    """(1 + steps, 2n, 2)."""
    down: NDArray[np.bool_]
    """(1 + steps, 2n)."""
    ball: NDArray[np.float32]
    """(1 + steps, 2)."""
    air: NDArray[np.bool_]
    """(1 + steps,): the ball is in the air."""
    owner: NDArray[np.int32]
    """(1 + steps,): who has the ball; -1: nobody."""
    value: int
    features: dict[str, float]
    names: tuple[str, str]
    """Of the policies of left and right."""


def play(world: Football, left: Policy, right: Policy, lineups: Lineup, key: Key, repeats: int) -> Result:
    """So many matches from each level.

    What a match comes to depends on its level, the policies, the key and its place among levels and repeats; not on how
    many there are. The program is compiled once for each world, pair of `act` and number of levels and repeats.

    Args:
        lineups: a batch, leaves with a first axis (levels).

    Raises:
        ConfigError: a policy does not fit the world, or gave an action that is none.
    """
    check(world, lineups, left, right)
    result, fault = _play(world, left.act, right.act, repeats, _hands(left), _hands(right), lineups, key)
    refuse(np.asarray(fault), left.name, right.name)
    return result


def judged(
    world: Football, left: Policy, right: Policy, lineups: Lineup, keys: Key, repeats: int
) -> tuple[Result, jax.Array]:
    """`play` with a key for each level, (levels,), so that a match depends on its own level's alone, as if there were
    no other; and where `play` refuses, (levels, repeats) bool: True where an action was none, the value void.

    Nothing is checked: that takes longer than the matches of a few levels. Whoever calls does so once (`check`).
    """
    found: tuple[Result, jax.Array] = _play(
        world, left.act, right.act, repeats, _hands(left), _hands(right), lineups, keys
    )
    return found


def traces(world: Football, left: Policy, right: Policy, lineup: Lineup, key: Key, count: int = 1) -> list[Trace]:
    """So many matches from one level, whole: those that `play` has of it as the only level, up to rounding."""
    lineups = Lineup(*(jnp.asarray(part, jnp.float32)[None] for part in lineup))
    check(world, lineups, left, right)
    first, states, result, fault = _trace(
        world, left.act, right.act, count, _hands(left), _hands(right), lineups, key
    )  # fmt: skip
    refuse(np.asarray(fault), left.name, right.name)
    first, states, result = jax.device_get((first, states, result))
    return [cut(first, states, result, at, (left.name, right.name)) for at in range(count)]


def check(world: Football, lineups: Lineup, *policies: Policy) -> None:
    """Whether policies and levels fit a world, before any match; `ConfigError` says in one line what does not."""
    wanted = (world.players, 2)
    for name, part in zip(("left", "right"), lineups[:2], strict=True):
        if part.shape[-2:] != wanted:
            raise ConfigError(f"{name} is of {part.shape[-2]} players, and the match of {world.players}")
    for policy in policies:
        if policy.players not in (0, world.players):
            raise ConfigError(
                f"{policy.name} plays {policy.players} against {policy.players}, and the match is of {world.players}; "
                "take a policy made for it"
            )
        _try(world, policy)


def _try(world: Football, policy: Policy) -> None:
    """Whether shapes and kinds are right, without playing."""
    seen = jax.ShapeDtypeStruct((world.players, world.features), jnp.float32)
    try:
        actions, memory = jax.eval_shape(policy.act, policy.parameters, jax.random.key(0), seen, policy.memory0)
    except (TypeError, ValueError) as fault:
        line = str(fault).splitlines()[0]
        raise ConfigError(f"{policy.name} cannot act on what {world.players} players see: {line}") from fault
    if actions.shape != (world.players,):
        raise ConfigError(f"{policy.name} gives actions of shape {actions.shape}; give one for each player")
    shapes = [jax.tree.map(lambda leaf: jnp.asarray(leaf).shape if not hasattr(leaf, "shape") else leaf.shape, tree)
              for tree in (policy.memory0, memory)]  # fmt: skip
    if shapes[0] != shapes[1]:
        raise ConfigError(f"{policy.name} remembers {shapes[1]} after a step and {shapes[0]} before; keep the shapes")


def _hands(policy: Policy) -> tuple[Any, Any]:
    return policy.parameters, policy.memory0


def refuse(fault: NDArray[np.bool_], left: str, right: str) -> None:
    """`ConfigError` where an action was none. fault: (levels, repeats)."""
    if fault.any():
        level, repeat = np.argwhere(fault)[0]
        raise ConfigError(
            f"{left} against {right}, level {level}, match {repeat}: an action or a position that is none "
            f"({int(fault.sum())} of {fault.size} matches); the match counts for nobody"
        )


class Going(NamedTuple):
    """Matches under way."""

    state: State
    memories: tuple[Any, Any]


def begin(world: Football, memories: tuple[Any, Any], lineups: Lineup, repeats: int) -> Going:
    """The matches of a level stand next to one another."""
    place = jnp.concatenate([jnp.asarray(lineups.left), jnp.asarray(lineups.right)], axis=1).astype(jnp.float32)
    place = jnp.repeat(place.transpose(2, 1, 0), repeats, axis=-1)
    ball = jnp.repeat(jnp.asarray(lineups.ball).astype(jnp.float32).T, repeats, axis=-1)
    matches = ball.shape[-1]

    def each(leaf: Any) -> jax.Array:
        leaf = jnp.asarray(leaf)
        return jnp.broadcast_to(leaf, (matches, *leaf.shape))

    return Going(world.begin(place, ball), jax.tree.map(each, memories))


def keys_of(key: Key, levels: int, repeats: int) -> jax.Array:
    """Of every match: of its level's and repeat's number alone. key: one for all, or one for each level."""
    if key.ndim:
        of_level = jax.vmap(lambda own: jax.random.fold_in(own, 0))(key)
    else:
        of_level = jax.vmap(partial(jax.random.fold_in, key))(jnp.arange(levels))
    return jax.vmap(lambda own: jax.vmap(partial(jax.random.fold_in, own))(jnp.arange(repeats)))(of_level).reshape(-1)


def draws_of(keys: jax.Array, time: jax.Array) -> jax.Array:
    """(matches, 3) keys of one step: left's, right's, and of the luck of the field."""
    return jax.vmap(lambda key, at: jax.random.split(jax.random.fold_in(key, at), 3))(keys, time)


def step(world: Football, acts: tuple[Act, Act], parameters: tuple[Any, Any], keys: jax.Array, at: Going) -> Going:
    """One step of all."""
    state = at.state
    draws = draws_of(keys, state.time)
    luck = jax.vmap(lambda key: jax.random.uniform(key, (LUCK,)), out_axes=-1)(draws[:, 2])
    done = [
        jax.vmap(act, in_axes=(None, 0, -1, 0), out_axes=(-1, 0))(
            own, draws[:, side], world.observe(state, side), memory
        )
        for side, (act, own, memory) in enumerate(zip(acts, parameters, at.memories, strict=True))
    ]
    after = world.advance(state, done[0][0], done[1][0], luck)
    return Going(after, (done[0][1], done[1][1]))


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _play(
    world: Football, left: Act, right: Act, repeats: int, of_left: Any, of_right: Any, lineups: Lineup, key: Key
) -> tuple[Result, jax.Array]:
    levels = lineups.ball.shape[0]
    keys = keys_of(key, levels, repeats)
    start = begin(world, (of_left[1], of_right[1]), lineups, repeats)
    end = jax.lax.while_loop(
        lambda at: ~at.state.done.all(),
        partial(step, world, (left, right), (of_left[0], of_right[0]), keys),
        start,
    )
    return result_of(end.state, levels), end.state.fault.reshape(levels, -1)


@partial(jax.jit, static_argnums=(0, 1, 2, 3))
def _trace(
    world: Football, left: Act, right: Act, repeats: int, of_left: Any, of_right: Any, lineups: Lineup, key: Key
) -> tuple[State, State, Result, jax.Array]:
    keys = keys_of(key, 1, repeats)
    start = begin(world, (of_left[1], of_right[1]), lineups, repeats)

    def once(at: Going, _: None) -> tuple[Going, State]:
        at = step(world, (left, right), (of_left[0], of_right[0]), keys, at)
        return at, at.state

    end, states = jax.lax.scan(once, start, length=world.steps)
    return start.state, states, result_of(end.state, 1), end.state.fault.reshape(1, -1)


def result_of(state: State, levels: int) -> Result:
    found = summary.features(state)
    return Result(
        state.score.astype(jnp.float32).reshape(levels, -1),
        {name: feature.reshape(levels, -1) for name, feature in found.items()},
    )


def cut(first: State, states: State, result: Result, at: int, names: tuple[str, str]) -> Trace:
    """One match of those traced, until its end."""
    features = {name: float(feature[0, at]) for name, feature in result.features.items()}
    length = int(features["length"])

    def path(name: str) -> NDArray[Any]:
        own = np.concatenate([np.asarray(getattr(first, name))[None], np.asarray(getattr(states, name))[:length]])
        return np.moveaxis(own[..., at], 1, -1) if own.ndim > 3 else own[..., at]

    return Trace(
        path("place"), path("heading"), path("down") > 0, path("ball"), path("air") > 0, path("owner"),
        int(result.value[0, at]), features, names,
    )  # fmt: skip
