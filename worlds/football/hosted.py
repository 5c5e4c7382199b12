"""Matches in which somebody from outside plays: the compiled step is called once for each step, and waits for actions.

The other matches stay in one compiled program (`match`); this is the same football, by the same draws, for players that
no compiled program can hold.
"""

from __future__ import annotations

from functools import partial
from typing import Any, TypeAlias

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.worlds.football import match, outside
from wunderkammer.worlds.football.level import Lineup
from wunderkammer.worlds.football.match import Going, Result, Trace
from wunderkammer.worlds.football.outside import Outside
from wunderkammer.worlds.football.policy import Policy
from wunderkammer.worlds.football.state import State
from wunderkammer.worlds.football.world import Football
from wunderkammer.worlds.world import Key

Player: TypeAlias = Policy | Outside


def check(world: Football, lineups: Lineup, *players: Player) -> None:
    """As `match.check`, for both kinds."""
    match.check(world, lineups, *(one for one in players if isinstance(one, Policy)))
    for one in players:
        if isinstance(one, Outside):
            outside.check(one, world.players, world.features, world.actions)


def judged(
    world: Football, left: Player, right: Player, lineups: Lineup, keys: Key, repeats: int
) -> tuple[Result, jax.Array]:
    """As `match.judged`, whoever plays.

    Raises:
        Gone: somebody from outside failed.
    """
    if isinstance(left, Policy) and isinstance(right, Policy):
        return match.judged(world, left, right, lineups, keys, repeats)
    sides = _seat(world, left), _seat(world, right)
    levels = lineups.ball.shape[0]
    draws, at = _begin(world, repeats, [one.memory0 for one in sides], lineups, keys)
    for _ in range(world.steps):
        at = _once(world, (left, right), sides, draws, at)
        if bool(at.state.done.all()):
            break
    return _ended(at.state, levels)


def traces(world: Football, left: Player, right: Player, lineup: Lineup, key: Key, count: int = 1) -> list[Trace]:
    """As `match.traces`, whoever plays."""
    if isinstance(left, Policy) and isinstance(right, Policy):
        return match.traces(world, left, right, lineup, key, count)
    lineups = Lineup(*(jnp.asarray(part, jnp.float32)[None] for part in lineup))
    check(world, lineups, left, right)
    sides = _seat(world, left), _seat(world, right)
    draws, at = _begin(world, count, [one.memory0 for one in sides], lineups, key)
    first, states = at.state, []
    for _ in range(world.steps):
        at = _once(world, (left, right), sides, draws, at)
        states.append(at.state)
    whole = jax.tree.map(lambda *leaves: np.stack(leaves), *jax.device_get(states))
    result, fault = jax.device_get(_ended(at.state, 1))
    match.refuse(fault, left.name, right.name)
    return [match.cut(jax.device_get(first), whole, result, one, (left.name, right.name)) for one in range(count)]


def _given(_parameters: Any, _key: Key, _seen: jax.Array, memory: jax.Array) -> tuple[jax.Array, jax.Array]:
    """Who is told what to do by way of its memory."""
    return memory, memory


def _seat(world: Football, player: Player) -> Policy:
    """Who sits in the compiled step: somebody from outside is there as what it answered."""
    if isinstance(player, Policy):
        return player
    return Policy(player.name, (), _given, jnp.zeros(world.players, jnp.int32))


def _once(
    world: Football, players: tuple[Player, Player], sides: tuple[Policy, Policy], draws: jax.Array, at: Going
) -> Going:
    memories = list(at.memories)
    for side, player in enumerate(players):
        if isinstance(player, Outside):
            memories[side] = _asked(world, player, *jax.device_get(_seen(world, side, draws, at.state)))
    acts, parameters = tuple(one.act for one in sides), tuple(one.parameters for one in sides)
    return _stepped(world, acts, parameters, draws, Going(at.state, (memories[0], memories[1])))


def _asked(world: Football, player: Outside, seen: NDArray[np.float32], luck: NDArray[np.float32]) -> NDArray[np.int32]:
    return outside.ask(player, seen, luck, world.actions)


@partial(jax.jit, static_argnums=(0, 1))
def _begin(world: Football, repeats: int, memories: list[Any], lineups: Lineup, keys: Key) -> tuple[jax.Array, Going]:
    draws = match.keys_of(keys, lineups.ball.shape[0], repeats)
    return draws, match.begin(world, (memories[0], memories[1]), lineups, repeats)


@partial(jax.jit, static_argnums=(0, 1))
def _seen(world: Football, side: int, keys: jax.Array, state: State) -> tuple[jax.Array, jax.Array]:
    """What a side sees, (matches, players, features), and its luck: what a network of ours draws its actions by."""
    own = match.draws_of(keys, state.time)[:, side]
    luck = jax.vmap(lambda key: jax.random.uniform(key, (world.players,)))(own)
    return jnp.moveaxis(world.observe(state, side), -1, 0), luck


@partial(jax.jit, static_argnums=(0, 1))
def _stepped(world: Football, acts: Any, parameters: Any, keys: jax.Array, at: Going) -> Going:
    return match.step(world, acts, parameters, keys, at)


@partial(jax.jit, static_argnums=1)
def _ended(state: State, levels: int) -> tuple[Result, jax.Array]:
    return match.result_of(state, levels), state.fault.reshape(levels, -1)
