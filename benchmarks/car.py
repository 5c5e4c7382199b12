"""Our car racing, rendered, beside Gymnasium's CarRacing-v3: steps per second of one core; how alike the cars
are; and what drivers without learning return.

    python benchmarks/car.py --gymnasium PYTHON            # PYTHON: one that has gymnasium[box2d]
    python benchmarks/car.py --gymnasium PYTHON --dynamics # speeds and circles of both cars, side by side
    python benchmarks/car.py --drivers                     # floor and ceiling of a student's mean return

Each side renders what its driver sees at every frame, at 96 × 96 pixels in colours, which is CarRacing-v3's own; ours
also in fewer. Actions are drawn uniformly, every picture is summed up so that none can be left out, and an episode that
ends begins anew. Gymnasium runs in a process of its own. All processors but one are taken from both, and seconds are
those of the processor, since the machine may be busy with other things; of several turns the fastest counts.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path
from typing import Any

WANTED = 20.0
"""Times as fast as CarRacing-v3: written down before it was measured."""
THEIRS = Path(__file__).with_name("car_peer.py")
BATCH, STEPS, TURNS = 64, 100, 3
OURS = {
    "96 × 96, colours": {"pixels": 96, "colours": True},
    "96 × 96, brightness": {"pixels": 96},
    "48 × 48, brightness": {"pixels": 48},
    "32 × 32, 4 pictures, 4 frames a step": {"pixels": 32, "stack": 4, "repeat": 4},
}


def one_core() -> None:
    """This process and its children on a single processor; JAX would else use all."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


def speed(settings: dict[str, Any]) -> dict[str, Any]:
    """Frames per processor second of a batch of ours."""
    import jax
    import jax.numpy as jnp

    from wunderkammer.worlds.car.levels import CarLevels
    from wunderkammer.worlds.car.world import CarRacing
    from wunderkammer.worlds.episodes import again

    world, levels = CarRacing(**settings), CarLevels()

    def turn(first: Any, before: Any, action: jax.Array) -> tuple[Any, jax.Array]:
        step = world.step(jax.random.key(0), before, action)
        return again(first, before, step.state, step.done), step.reward

    @jax.jit
    def begin(key: jax.Array) -> Any:
        tracks = jax.vmap(levels.sample)(jax.random.split(key, BATCH))
        return jax.vmap(world.reset_to_level, (None, 0))(key, tracks)[0]

    @jax.jit
    def run(first: Any, key: jax.Array) -> jax.Array:
        def once(at: tuple[Any, jax.Array], key: jax.Array) -> tuple[tuple[Any, jax.Array], None]:
            states, total = at
            seen = jax.vmap(world.observe)(states)  # before acting, as whoever drives would
            actions = jax.random.randint(key, (BATCH,), 0, world.actions)
            states, reward = jax.vmap(turn)(first, states, actions)
            noticed = sum(jnp.sum(leaf, dtype=jnp.float32) for leaf in jax.tree.leaves(seen))
            return (states, total + noticed + reward.sum()), None

        return jax.lax.scan(once, (first, jnp.float32(0)), jax.random.split(key, STEPS))[0][1]

    began = time.process_time()
    first = begin(jax.random.key(0))
    run(first, jax.random.key(0)).block_until_ready()
    compiled, seconds = time.process_time() - began, []
    for seed in range(TURNS):
        began = time.process_time()
        run(first, jax.random.key(seed)).block_until_ready()
        seconds.append(time.process_time() - began)
    frames = BATCH * STEPS * world.repeat
    return {"frames_per_cpu_s": frames / min(seconds), "first_call_cpu_s": compiled}


def dynamics() -> dict[str, list[float]]:
    """What `car_peer.py --dynamics` measures, of our car."""
    import jax
    import jax.numpy as jnp
    from car_peer import TRIALS

    from wunderkammer.worlds.car.physics import GRASS, Car, Controls, advance, parked

    def trial(speed: float, controls: tuple[float, float, float], grass: bool) -> Any:
        grip = jnp.full(2, GRASS if grass else 1.0)
        start = replace(parked(jnp.zeros(2), jnp.array([1.0, 0.0])), forward=jnp.float32(speed))

        def frame(car: Car, _: None) -> tuple[Car, tuple[jax.Array, jax.Array]]:
            car = advance(car, Controls(*map(jnp.float32, controls)), grip)
            return car, (jnp.hypot(car.forward, car.left), jnp.abs(car.spin))

        return jax.lax.scan(frame, start, None, 50)[1]

    found = {}
    for name, (speed, controls, grass, frames, measure) in TRIALS.items():
        speeds, spins = jax.jit(trial, static_argnums=(0, 1, 2))(speed, controls, grass)
        found[name] = [float(speeds[at] / spins[at] if measure == "radius" else speeds[at]) for at in frames]
    return found


def drivers() -> dict[str, dict[str, float]]:
    """Means over ten episodes on each circuit, of drivers who act as seldom as the students of the preset `car`."""
    import jax
    import jax.numpy as jnp

    from wunderkammer.domains.paired.car_driver import STEADY, Pursuing
    from wunderkammer.learners.evaluation import attempt
    from wunderkammer.worlds.car import catalogue
    from wunderkammer.worlds.car import level as tracks
    from wunderkammer.worlds.car.world import CarRacing

    world = CarRacing(repeat=8, sight="way")
    plans = catalogue.TRACKS.suite(catalogue.CIRCUITS).values()
    levels = tracks.stack([tracks.of_plan(plan) for plan in plans])
    found = {}
    for noise in (1.0, 0.0):
        network = Pursuing(world.actions, world.repeat, noise)
        drive = jax.jit(lambda bold, network=network: attempt(world, network, bold, jax.random.key(0), levels, 10))
        for bold in STEADY[-1:] if noise else STEADY:
            got = drive(jnp.float32(bold))
            name = "random actions" if noise else f"pursuit, boldness {bold:g}"
            found[name] = {"mean return": float(got.returned.mean()), "actions": float(got.length.mean())}
    return found


def theirs(python: str, *words: str) -> Any:
    """What Gymnasium's side says."""
    done = subprocess.run([python, str(THEIRS), *words], capture_output=True, text=True, check=False)
    if done.returncode:
        said = (done.stderr.strip().splitlines() or ["no word"])[-1]
        sys.exit(f"{python} cannot play CarRacing-v3 ({said}); name one that has gymnasium[box2d]")
    return json.loads(done.stdout)


def main() -> None:
    """Measure and print."""
    read = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    read.add_argument("--gymnasium", metavar="PYTHON", default=sys.executable)
    read.add_argument("--dynamics", action="store_true")
    read.add_argument("--drivers", action="store_true")
    asked = read.parse_args()
    one_core()
    if asked.drivers:
        for name, figures in drivers().items():
            print(f"{name}: {', '.join(f'{what} {figure:.0f}' for what, figure in figures.items())}")
        return
    if asked.dynamics:
        own, other = dynamics(), theirs(asked.gymnasium, "--dynamics")
        for name, figures in own.items():
            print(f"{name:42} ours {_row(figures)}   CarRacing-v3 {_row(other[name])}")
        return
    peer = theirs(asked.gymnasium)["frames_per_cpu_s"]
    print(f"CarRacing-v3, 96 × 96, colours: {peer:,.0f} frames per CPU-second")
    for name, settings in OURS.items():
        own = speed(settings)
        ratio = own["frames_per_cpu_s"] / peer
        print(
            f"ours, {name}: {own['frames_per_cpu_s']:,.0f}, {ratio:.0f} × (first call {own['first_call_cpu_s']:.1f} s)"
        )
        if settings == OURS["96 × 96, colours"]:
            print(f"  wanted {WANTED:.0f} ×: {'kept' if ratio >= WANTED else 'missed'}")


def _row(figures: list[float]) -> str:
    return " ".join(f"{figure:7.1f}" for figure in figures)


if __name__ == "__main__":
    main()
