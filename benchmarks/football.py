"""Football beside vmas: match steps a CPU-second at the same players and batch, and level evaluations a CPU-minute.

    python benchmarks/football.py --peer PYTHON_WITH_VMAS       # ours and theirs, taking turns
    python benchmarks/football.py                               # ours alone
    python benchmarks/football.py --ranks                       # whether self-play improved on the clone

Wanted: steps a CPU-second at least 5 times vmas football's, 5 against 5; at least 500 level evaluations a CPU-minute,
each 16 matches of bot against target and 16 of target against target, of 128 steps. One thread each; processor time,
since the machine may be busy. Every row is one process, and rows take turns; of its calls the fastest counts, and of
the rows the median. Compiling is told apart.

Both are stepped with random actions drawn beforehand, and every player's observation is made and summed up. vmas
simulates forces and contacts of the players, which ours has not; ours has offside, keepers and a tally of every match.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median
from typing import Any

PEER = Path(__file__).with_name("football_peer.py")
STEPS, TURNS = 128, 4
EVALUATED, REPEATS = 64, 16
ONE_THREAD = {
    "OMP_NUM_THREADS": "1",
    "XLA_FLAGS": "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1",
}


def stepping(players: int, batch: int) -> dict[str, Any]:
    """Match steps of both sides with random actions."""
    import jax
    import jax.numpy as jnp
    import numpy as np

    from wunderkammer.worlds.football import level as levels
    from wunderkammer.worlds.football.world import LUCK, Football

    world, rng = Football(players, STEPS), np.random.default_rng(0)
    lineups = levels.stack([levels.sample(rng, players) for _ in range(batch)])
    place = jnp.concatenate([jnp.asarray(lineups.left), jnp.asarray(lineups.right)], axis=1).transpose(2, 1, 0)
    ball = jnp.asarray(lineups.ball).T

    @jax.jit
    def run(key: jax.Array) -> jax.Array:
        first = world.begin(place, ball)

        def once(at: Any, given: Any) -> tuple[Any, jax.Array]:
            chosen, key = given
            after = world.advance(at, chosen[0], chosen[1], jax.random.uniform(key, (LUCK, batch)))
            seen = world.observe(after, 0).sum() + world.observe(after, 1).sum()
            # Whatever is over begins again, so that no step is an idle one.
            return jax.tree.map(lambda new, start: jnp.where(after.done, start, new), after, first), seen

        to_act, to_step = jax.random.split(key)
        chosen = jax.random.randint(to_act, (STEPS, 2, players, batch), 0, world.actions)
        return jax.lax.scan(once, first, (chosen, jax.random.split(to_step, STEPS)))[1].sum()

    return timed(lambda turn: float(run(jax.random.key(turn))), batch * STEPS)


def evaluating(players: int) -> dict[str, Any]:
    """Levels evaluated as MADRID does it, in units of one evaluation."""
    import jax
    import numpy as np

    from wunderkammer.worlds.football import level as levels
    from wunderkammer.worlds.football import match
    from wunderkammer.worlds.football.players import named, shipped
    from wunderkammer.worlds.football.world import Football

    world, rng = Football(players, STEPS), np.random.default_rng(0)
    lineups = levels.stack([levels.sample(rng, players) for _ in range(EVALUATED)])
    target, reference = named(shipped()[-1]), named("bot-0.5")

    def call(turn: int) -> float:
        key = jax.random.key(turn)
        other = match.play(world, reference, target, lineups, key, REPEATS)
        own = match.play(world, target, target, lineups, key, REPEATS)
        return float((other.value.mean(1) - own.value.mean(1)).sum())

    return timed(call, EVALUATED)


def ranking() -> None:
    """The clone and the last rank from 256 fresh levels, 16 matches each: against bots, and against one another; goals
    for minus goals against, mean over levels with its 95 % interval."""
    import jax
    import numpy as np

    from wunderkammer.worlds.football import level as levels
    from wunderkammer.worlds.football import match
    from wunderkammer.worlds.football.bots import bot
    from wunderkammer.worlds.football.players import named, shipped
    from wunderkammer.worlds.football.world import Football

    world, rng, key = Football(5, STEPS), np.random.default_rng(4242), jax.random.key(99)
    lineups = levels.stack([levels.sample(rng, 5) for _ in range(256)])
    clone, last = named(shipped()[0]), named(shipped()[-1])

    def mean(left: Any, right: Any) -> Any:
        return np.asarray(match.play(world, left, right, lineups, key, REPEATS).value).mean(1)

    def told(name: str, values: Any) -> None:
        half = 1.96 * values.std(ddof=1) / np.sqrt(len(values))
        print(f"{name}: {values.mean():+.3f} ± {half:.3f}")

    for strength in (0.05, 0.5, 0.95):
        before, after = mean(clone, bot(strength)), mean(last, bot(strength))
        told(f"{clone.name} against bot-{strength:g}", before)
        told(f"{last.name} against bot-{strength:g}", after)
        told("  difference, level by level", after - before)
    told(f"{last.name} against {clone.name}, from both sides", (mean(last, clone) - mean(clone, last)) / 2)


def timed(call: Callable[[int], float], units: int) -> dict[str, Any]:
    """CPU-seconds of the first call, and units a CPU-second of the fastest of the others."""
    spent = []
    for turn in range(1 + TURNS):
        began = time.process_time()
        call(turn)
        spent.append(time.process_time() - began)
    return {"first_cpu_s": spent[0], "per_cpu_s": units / min(spent[1:])}


def child(python: str, *command: object) -> dict[str, Any]:
    """The last line of a program's output."""
    environment = {**os.environ, **ONE_THREAD}
    told = subprocess.run(
        [python, *map(str, command)], capture_output=True, text=True, check=True, env=environment
    ).stdout
    return json.loads(told.strip().splitlines()[-1])


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--peer", help="a Python in whose environment vmas and torch are installed")
    options.add_argument("--players", type=int, default=5)
    options.add_argument("--batch", type=int, default=256)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--ranks", action="store_true", help="only this")
    options.add_argument("--one", choices=["steps", "levels"], help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        print(json.dumps(stepping(given.players, given.batch) if given.one == "steps" else evaluating(given.players)))
        return
    if given.ranks:
        ranking()
        return
    sizes = ("--players", given.players, "--batch", given.batch)
    ours, theirs = [], []
    for _ in range(given.rounds):
        ours.append(child(sys.executable, __file__, "--one", "steps", *sizes))
        if given.peer:
            theirs.append(child(given.peer, PEER, given.players, given.batch, STEPS, TURNS))
    for name, rows in (("ours", ours), ("vmas", theirs)):
        if rows:
            speed, first = (median(row[figure] for row in rows) for figure in ("per_cpu_s", "first_cpu_s"))
            print(f"{name}: {speed:,.0f} match steps a CPU-second, batch {given.batch}, first call {first:.1f} s")
    if theirs:
        ratios = [a["per_cpu_s"] / b["per_cpu_s"] for a, b in zip(ours, theirs, strict=True)]
        print(f"ours / vmas: {median(ratios):.1f} ({min(ratios):.1f} to {max(ratios):.1f}); wanted 5")
    levels = [child(sys.executable, __file__, "--one", "levels", *sizes)["per_cpu_s"] * 60 for _ in range(given.rounds)]
    print(
        f"level evaluations a CPU-minute: {median(levels):,.0f} ({min(levels):,.0f} to {max(levels):,.0f}); wanted 500"
    )


if __name__ == "__main__":
    main()
