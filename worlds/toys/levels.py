"""Where rooms of toys come from: places, toys and goals by chance, from combinations that may be restricted."""

from __future__ import annotations

from dataclasses import dataclass, field

import jax
import jax.numpy as jnp

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.toys.level import COLOUR_COUNT, SHAPE_COUNT, Level, Wanted, allowed
from wunderkammer.worlds.toys.words import KINDS, Combination, Kind, combinations
from wunderkammer.worlds.toys.world import Toys
from wunderkammer.worlds.world import Key


@dataclass(frozen=True)
class ToyLevels:
    """Rooms whose goal is not met yet."""

    world: Toys = field(default_factory=Toys)
    named: tuple[Combination, ...] = combinations()
    """What the goal's first toy may be."""
    others: tuple[Combination, ...] = combinations()
    """What all the other toys may be, the goal's second among them."""
    kinds: tuple[Kind, ...] = KINDS
    """What goals there are, each as often as the others where the room allows it."""

    def __post_init__(self) -> None:
        if not self.named or not self.kinds or len(self.others) < self.world.toys:
            raise ConfigError(
                f"a room of {self.world.toys} toys needs as many combinations, one to name, and a kind of goal"
            )

    def sample(self, key: Key) -> Level:
        """A room by chance; one in which every goal is met already gives way to another."""

        def fresh(key: Key) -> tuple[Key, Level, jax.Array]:
            key, to_room, to_goal, to_order = jax.random.split(key, 4)
            room = self._room(to_room)
            goals = self._goals(room)
            return key, self._mixed(to_order, room, self._goal(to_goal, goals)), goals.any()

        drawn = jax.lax.while_loop(lambda at: ~at[2], lambda at: fresh(at[0]), fresh(key))
        return drawn[1]

    def _room(self, key: Key) -> Level:
        """A room without a goal, of which the first toy is to be named."""
        to_first, to_rest, to_place = jax.random.split(key, 3)
        first = _drawn(to_first, jnp.asarray(allowed(self.named)).reshape(-1), 1)
        free = jnp.asarray(allowed(self.others)).reshape(-1).at[first].set(False)
        drawn = jnp.concatenate([first, _drawn(to_rest, free, self.world.toys - 1)])
        cells = jax.random.permutation(to_place, self.world.side**2)[: self.world.toys + 1]
        places = jnp.stack(jnp.divmod(cells, self.world.side), -1).astype(jnp.int32)
        colours, shapes = jnp.divmod(drawn.astype(jnp.int32), SHAPE_COUNT)
        return Level(places[0], places[1:], colours, shapes, Wanted(jnp.int32(0), jnp.int32(0), jnp.int32(0)))

    def _goals(self, room: Level) -> jax.Array:
        """(KINDS · toys · toys,) bool: statements about the first toy that may be wanted, and are not true."""
        state, _ = self.world.reset_to_level(jax.random.key(0), room)
        said = self.world.statements()
        wanted = jnp.asarray([kind in self.kinds for kind in KINDS])[said.kind]
        return wanted & (said.first == 0) & self.world.sensible() & ~self.world.truths(state)

    def _goal(self, key: Key, goals: jax.Array) -> Wanted:
        """One of them: kinds alike in number, then what they say."""
        said = self.world.statements()
        many = jnp.zeros(len(KINDS)).at[said.kind].add(goals)[said.kind]
        chosen = jax.random.categorical(key, jnp.where(goals, -jnp.log(many), -jnp.inf))
        return jax.tree.map(lambda leaf: leaf[chosen], said)

    def _mixed(self, key: Key, room: Level, goal: Wanted) -> Level:
        """The toys in another order, so that their numbers tell nothing."""
        order = jax.random.permutation(key, self.world.toys)
        place = jnp.argsort(order).astype(jnp.int32)
        goal = Wanted(goal.kind, place[goal.first], place[goal.second])
        return Level(room.agent, room.places[order], room.colours[order], room.shapes[order], goal)


def _drawn(key: Key, free: jax.Array, count: int) -> jax.Array:
    """So many different combinations by chance, (count,) int32. free: (combinations,) bool, of which at least so many
    are true."""
    chance = jnp.where(free, jax.random.gumbel(key, (COLOUR_COUNT * SHAPE_COUNT,)), -jnp.inf)
    return jax.lax.top_k(chance, count)[1]
