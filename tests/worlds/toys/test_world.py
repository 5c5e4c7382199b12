"""The room of toys, held against a slow reference in plain Python; and the expert, against an exhaustive search."""

from __future__ import annotations

from collections import deque
from functools import partial
from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.toys import drawing, expert
from wunderkammer.worlds.toys.level import goal_of
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.words import HELD, KINDS, combinations
from wunderkammer.worlds.toys.world import HAND, MOVES, State, Toys

KEY = jax.random.key(0)
SMALL = Toys(side=4, toys=3, horizon=40)
step = jax.jit(SMALL.step)
truths = jax.jit(SMALL.truths)


class Room(NamedTuple):
    """The slow reference."""

    agent: tuple[int, int]
    places: tuple[tuple[int, int], ...]
    held: int

    def then(self, action: int, side: int) -> Room:
        if action == HAND:
            here = [toy for toy, place in enumerate(self.places) if place == self.agent]
            return self._replace(held=-1 if self.held >= 0 or not here else here[0])
        there = (self.agent[0] + int(MOVES[action][0]), self.agent[1] + int(MOVES[action][1]))
        if not (0 <= there[0] < side and 0 <= there[1] < side):
            return self
        if self.held < 0:
            return self._replace(agent=there)
        if there in self.places:
            return self
        return Room(there, tuple(there if toy == self.held else at for toy, at in enumerate(self.places)), self.held)

    def says(self, kind: str, first: int, second: int) -> bool:
        if kind == "reach":
            return self.agent == self.places[first]
        down, right = (self.places[second][axis] - self.places[first][axis] for axis in (0, 1))
        near = {
            "beside": abs(down) + abs(right) == 1,
            "above": (down, right) == (1, 0),
            "left": (down, right) == (0, 1),
        }
        return near[kind] and self.held not in (first, second)


def room(state: State) -> Room:
    agent, places = np.asarray(state.agent).tolist(), np.asarray(state.places).tolist()
    return Room(tuple(agent), tuple(map(tuple, places)), int(state.held))


def begun(seed: int, levels: ToyLevels) -> State:
    level = jax.jit(levels.sample)(jax.random.key(seed))
    return levels.world.reset_to_level(KEY, level)[0]


def shortest(at: Room, side: int, wanted: tuple[str, int, int]) -> int:
    """Steps of a shortest solution, by breadth."""
    seen, ahead = {at}, deque([(at, 0)])
    while ahead:
        here, steps = ahead.popleft()
        if here.says(*wanted):
            return steps
        for action in range(5):
            there = here.then(action, side)
            if there not in seen:
                seen.add(there)
                ahead.append((there, steps + 1))
    raise AssertionError("it cannot be solved")


@given(st.integers(0, 1000), st.lists(st.integers(0, 4), max_size=30))
@settings(max_examples=40, deadline=None)
def test_an_episode_is_that_of_the_slow_reference(seed: int, actions: list[int]) -> None:
    state = begun(seed, ToyLevels(SMALL))
    slow, said = room(state), SMALL.statements()
    goal = state.level.goal
    wanted = (KINDS[int(goal.kind)], int(goal.first), int(goal.second))
    for action in actions:
        came = step(KEY, state, action)
        slow, state = slow.then(action, SMALL.side), came.state
        assert room(state) == slow
        assert bool(came.reward) == bool(came.done) == slow.says(*wanted)
        rows = zip(said.kind.tolist(), said.first.tolist(), said.second.tolist(), truths(state).tolist(), strict=True)
        for kind, first, second, true in rows:
            sensible = (first == second) == (KINDS[kind] == "reach")
            assert true == (sensible and slow.says(KINDS[kind], first, second))


def test_time_ends_an_episode() -> None:
    world = Toys(side=4, toys=3, horizon=2)
    state = begun(1, ToyLevels(world, kinds=("above",)))
    first = world.step(KEY, state, 0)
    second = world.step(KEY, first.state, 0)
    assert not first.done
    assert second.truncated
    assert second.reward == 0


def played(levels: ToyLevels, seeds: int) -> tuple[State, np.ndarray, np.ndarray]:
    """The beginnings, and what the expert needs in each: steps, or -1; and whether the goal was met."""
    world = levels.world

    def episode(key):
        begin, _ = world.reset_to_level(key, levels.sample(key))

        def go(at, _):
            state, over = at
            after = world.step(key, state, expert.act(world, state))
            state = jax.tree.map(lambda new, old: jnp.where(over, old, new), after.state, state)
            return (state, over | after.done), over

        (_, over), was = jax.lax.scan(go, (begin, jnp.bool_(False)), None, world.horizon)
        return begin, (~was).sum(), over

    begins, steps, over = jax.jit(jax.vmap(episode))(jax.random.split(jax.random.key(9), seeds))
    return begins, np.asarray(steps), np.asarray(over)


def test_the_expert_needs_no_step_too_many() -> None:
    begins, steps, _ = jax.device_get(played(ToyLevels(SMALL), 60))
    for row in range(60):
        state = jax.tree.map(lambda leaf, row=row: leaf[row], begins)
        goal = state.level.goal
        best = shortest(room(state), SMALL.side, (KINDS[int(goal.kind)], int(goal.first), int(goal.second)))
        if goal_of(state.level).kind in ("reach", "beside"):
            assert steps[row] == best
        else:  # where two have to be carried, or the third would better be carried away, it may be longer
            assert best <= steps[row] <= best + 12


@pytest.mark.parametrize(
    ("world", "share"),
    [(Toys(horizon=40), 1.0), (Toys(side=3, toys=2, horizon=40), 1.0), (Toys(side=5, toys=4, horizon=40), 0.99)],
)
def test_the_expert_solves_rooms_of_three_toys_all_and_of_four_nearly_all(world: Toys, share: float) -> None:
    _, steps, _ = played(ToyLevels(world), 512)
    assert (steps < world.horizon).mean() >= share


def test_goals_name_what_is_allowed_and_are_not_met_at_first() -> None:
    held, seen = combinations(held=True), combinations(held=False)
    levels = ToyLevels(Toys(), named=held, others=seen)
    drawn = jax.jit(jax.vmap(levels.sample))(jax.random.split(KEY, 200))
    states, _ = jax.vmap(partial(Toys().reset_to_level, KEY))(drawn)
    assert not jax.vmap(Toys().met)(states).any()
    drawn = jax.device_get(drawn)
    for row in range(200):
        first, *others = goal_of(jax.tree.map(lambda leaf, row=row: leaf[row], drawn)).combinations
        assert first in HELD
        assert not {*others} & HELD
    places = np.asarray(drawn.goal.first)
    assert {0, 1, 2} == {*places.tolist()}  # a toy's number does not tell that it is named
    kinds = np.bincount(np.asarray(drawn.goal.kind), minlength=len(KINDS))
    assert kinds.min() > 20
    only = ToyLevels(Toys(side=3, toys=2), kinds=("beside",))
    drawn = jax.jit(jax.vmap(only.sample))(jax.random.split(KEY, 100))
    states, _ = jax.vmap(partial(only.world.reset_to_level, KEY))(drawn)
    assert not jax.vmap(only.world.met)(states).any()


def test_the_picture_tells_rooms_apart() -> None:
    """All that a statement can be about is to be seen: another place, toy, or full hand is another picture."""
    state = begun(5, ToyLevels(SMALL))
    side = SMALL.side * drawing.SIDE
    first = np.asarray(SMALL.render(state))
    assert (first.shape, first.dtype) == ((side, side, 3), np.uint8)
    at = State(state.level, state.places[0], state.places, state.held, state.time)
    held = State(at.level, at.agent, at.places, jnp.int32(0), at.time)
    assert len({first.tobytes(), *(np.asarray(SMALL.render(one)).tobytes() for one in (at, held))}) == 3
    cells = np.asarray(held.places)[0]
    tile = np.asarray(SMALL.render(held))[cells[0] * 8 : cells[0] * 8 + 8, cells[1] * 8 : cells[1] * 8 + 8]
    inside = (tile[1:-1, 1:-1] == drawing.PALETTE[int(at.level.colours[0])]).all(-1)
    assert (tile[0] == drawing.ROBOT).all()
    assert inside.any()


@pytest.mark.parametrize("settings", [{"side": 2}, {"toys": 1}, {"toys": 30, "side": 6}, {"horizon": 0}])
def test_rooms_that_cannot_be_are_refused(settings: dict[str, int]) -> None:
    with pytest.raises(ConfigError):
        Toys(**settings)
    with pytest.raises(ConfigError, match="combinations"):
        ToyLevels(Toys(), others=combinations(held=True)[:2])
