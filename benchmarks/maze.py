"""Raw steps per second of our maze beside JaxUED's, xland-minigrid and navix: one run, same batch, same device.

    python benchmarks/maze.py                       # batches of 32, 256 and 2,048
    python benchmarks/maze.py --batch 256 --json

Two disciplines. `replay`: each place plays one level for ever. `regenerate`: each episode is followed by one in a newly
made level; JaxUED, xland-minigrid and navix know how to do this themselves, and do it their own way. Actions are
uniform over the three that act, and every observation is summed up, so that none can be optimised away. What is not
installed is left out with a line. The parties take turns; of each the fastest turn counts, in processor seconds, since
the machine may be busy with other things.

Levels are not the same work everywhere: JaxUED's and ours are mazes of 13 x 13 with 60 walls seen through 5 x 5 cells,
xland-minigrid's and navix's are MiniGrid's FourRooms in their own sizes.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable
from importlib.util import find_spec
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from rich.console import Console
from rich.table import Table

from wunderkammer.worlds.episodes import again, onward
from wunderkammer.worlds.maze.levels import MazeLevels
from wunderkammer.worlds.maze.world import Maze

WALLS = 60
STEPS = {32: 2000, 256: 500, 2048: 100}
TURNS = 5

Advance = Callable[[jax.Array, Any, jax.Array], tuple[Any, Any, jax.Array]]


class Party(NamedTuple):
    """Somebody's environments, a batch of them."""

    name: str
    discipline: str
    begin: Callable[[jax.Array], Any]
    """State of a batch, from a key."""
    advance: Advance
    """(key, state, actions) to (state, observation, rewards)."""


def ours(batch: int) -> list[Party]:
    world, levels = Maze(), MazeLevels(walls=WALLS, fewest=WALLS)

    def begin(key: jax.Array) -> Any:
        keys = jax.random.split(key, batch)
        state, _ = jax.vmap(lambda one: world.reset_to_level(one, levels.sample(one)))(keys)
        return state, state

    def replay(key: jax.Array, states: Any, actions: jax.Array) -> tuple[Any, Any, jax.Array]:
        def one(first: Any, before: Any, action: jax.Array) -> tuple[Any, jax.Array]:
            step = world.step(key, before, action)
            return again(first, before, step.state, step.done), step.reward

        after, reward = jax.vmap(one)(*states, actions)
        return (states[0], after), jax.vmap(world.observe)(after), reward

    def regenerate(key: jax.Array, states: Any, actions: jax.Array) -> tuple[Any, Any, jax.Array]:
        step = jax.vmap(world.step, in_axes=(None, 0, 0))(key, states[1], actions)
        after = onward(world, levels.sample, key, step.state, step.done, max(batch // 64, 4))
        return (states[0], after), jax.vmap(world.observe)(after), step.reward

    return [Party("ours", "replay", begin, replay), Party("ours", "regenerate", begin, regenerate)]


def jaxued(batch: int) -> list[Party]:
    from jaxued.environments import Maze as Theirs
    from jaxued.environments.maze.util import make_level_generator
    from jaxued.wrappers import AutoReplayWrapper, AutoResetWrapper

    sample = make_level_generator(13, 13, WALLS)

    def party(discipline: str, env: Any) -> Party:
        params = env.default_params

        def begin(key: jax.Array) -> Any:
            keys = jax.random.split(key, batch)
            return jax.vmap(lambda one: env.reset_to_level(one, sample(one), params)[1])(keys)

        def advance(key: jax.Array, state: Any, actions: jax.Array) -> tuple[Any, Any, jax.Array]:
            keys = jax.random.split(key, batch)
            seen, state, reward, _, _ = jax.vmap(env.step, in_axes=(0, 0, 0, None))(keys, state, actions, params)
            return state, seen, reward

        return Party("JaxUED", discipline, begin, advance)

    env = Theirs(max_height=13, max_width=13, agent_view_size=5)
    return [party("replay", AutoReplayWrapper(env)), party("regenerate", AutoResetWrapper(env, sample))]


def xminigrid(batch: int) -> list[Party]:
    from xminigrid import make
    from xminigrid.wrappers import GymAutoResetWrapper

    env, params = make("MiniGrid-FourRooms")
    env = GymAutoResetWrapper(env)

    def begin(key: jax.Array) -> Any:
        return jax.vmap(env.reset, in_axes=(None, 0))(params, jax.random.split(key, batch))

    def advance(_key: jax.Array, state: Any, actions: jax.Array) -> tuple[Any, Any, jax.Array]:
        state = jax.vmap(env.step, in_axes=(None, 0, 0))(params, state, actions)
        return state, state.observation, state.reward

    return [Party("xland-minigrid", "regenerate", begin, advance)]


def navix(batch: int) -> list[Party]:
    import navix.environments  # noqa: F401  (registers them)
    from navix.environments.registry import make

    env = make("Navix-FourRooms-v0")

    def begin(key: jax.Array) -> Any:
        return jax.vmap(env.reset)(jax.random.split(key, batch))

    def advance(_key: jax.Array, state: Any, actions: jax.Array) -> tuple[Any, Any, jax.Array]:
        state = jax.vmap(env.step)(state, actions)
        return state, state.observation, state.reward

    return [Party("navix", "regenerate", begin, advance)]


OTHERS = {"jaxued": jaxued, "xminigrid": xminigrid, "navix": navix}


def program(party: Party, batch: int, steps: int) -> Callable[[int], float]:
    """One call: so many steps from the beginning, and the sum of all that was seen and earned."""

    def once(carry: tuple[Any, jax.Array], key: jax.Array) -> tuple[tuple[Any, jax.Array], None]:
        state, total = carry
        to_act, to_step = jax.random.split(key)
        state, seen, reward = party.advance(to_step, state, jax.random.randint(to_act, (batch,), 0, 3))
        noticed = sum(jnp.sum(leaf, dtype=jnp.float32) for leaf in jax.tree.leaves(seen))
        return (state, total + noticed + reward.sum()), None

    @jax.jit
    def run(key: jax.Array) -> jax.Array:
        to_begin, to_run = jax.random.split(key)
        return jax.lax.scan(once, (party.begin(to_begin), jnp.float32(0)), jax.random.split(to_run, steps))[0][1]

    return lambda seed: float(run(jax.random.PRNGKey(seed)))  # the old kind, which JaxUED expects


def measure(batch: int, steps: int) -> list[dict[str, Any]]:
    """All parties in turns; the compilation is the first call's time."""
    parties = [*ours(batch), *(one for name, make in OTHERS.items() if find_spec(name) for one in make(batch))]
    calls, rows = [program(party, batch, steps) for party in parties], []
    for party, call in zip(parties, calls, strict=True):
        began = time.perf_counter()
        call(0)
        first = time.perf_counter() - began
        rows.append({"who": party.name, "discipline": party.discipline, "batch": batch, "first_s": first, "cpu_s": []})
    for turn in range(TURNS):
        for row, call in zip(rows, calls, strict=True):
            began = time.process_time()
            call(turn)
            row["cpu_s"].append(time.process_time() - began)
    for row in rows:
        row["steps_per_cpu_s"] = batch * steps / min(row.pop("cpu_s"))
    own = {row["discipline"]: row["steps_per_cpu_s"] for row in rows if row["who"] == "ours"}
    return [{**row, "ours_is": own[row["discipline"]] / row["steps_per_cpu_s"]} for row in rows]


def main() -> None:
    """Measure and print."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--batch", type=int, nargs="*", default=list(STEPS))
    read.add_argument("--json", action="store_true")
    asked = read.parse_args()
    rows = [row for batch in asked.batch for row in measure(batch, STEPS.get(batch, 200))]
    missing = [name for name in OTHERS if not find_spec(name)]
    if asked.json:
        print(json.dumps({"device": jax.devices()[0].device_kind, "jax": jax.__version__, "rows": rows}, indent=1))
        return
    table = Table(title=f"Maze steps, {jax.devices()[0].device_kind}, jax {jax.__version__}")
    for column in ("batch", "levels", "who", "steps per CPU-second", "ours is", "first call, s"):
        table.add_column(column, justify="right" if column not in ("levels", "who") else "left")
    for row in sorted(rows, key=lambda one: (one["batch"], one["discipline"], one["who"] != "ours")):
        speed, ratio = f"{row['steps_per_cpu_s']:,.0f}", f"{row['ours_is']:.1f} ×"
        table.add_row(str(row["batch"]), row["discipline"], row["who"], speed, ratio, f"{row['first_s']:.1f}")
    Console().print(table)
    for name in missing:
        print(f"{name} is not installed and was left out")


if __name__ == "__main__":
    main()
