"""Gymnasium's side of `benchmarks/car.py`, for a Python that has gymnasium[box2d] and need have nothing of ours."""

from __future__ import annotations

import json
import math
import sys
import time
import warnings

TRIALS = {
    "speed, full gas, road": (0, (0, 1, 0), False, (9, 24, 49), "speed"),
    "speed, a fifth of the gas, road": (0, (0, 0.2, 0), False, (9, 24, 49), "speed"),
    "speed, full gas, grass": (0, (0, 1, 0), True, (9, 24, 49), "speed"),
    "speed, 0.4 of the brake from 50, road": (50, (0, 0, 0.4), False, (4, 9, 19), "speed"),
    "speed, 0.8 of the brake from 50, road": (50, (0, 0, 0.8), False, (4, 9, 19), "speed"),
    "speed, 0.8 of the brake from 50, grass": (50, (0, 0, 0.8), True, (4, 9, 19), "speed"),
    "radius, a quarter lock at 20, road": (20, (0.25, 0, 0), False, (19, 29, 49), "radius"),
    "radius, full lock at 20, road": (20, (1, 0, 0), False, (19, 29, 49), "radius"),
    "radius, full lock at 40, road": (40, (1, 0, 0), False, (19, 29, 49), "radius"),
    "radius, full lock at 60, road": (60, (1, 0, 0), False, (19, 29, 49), "radius"),
}
"""By name: m/s at first, (steer, gas, brake), whether on grass, after which frames, and what is measured."""
FRAMES = 200


def speed() -> dict[str, float]:
    """Frames per processor second, what the driver sees rendered at each, episodes begun anew."""
    import gymnasium

    env = gymnasium.make("CarRacing-v3", continuous=True)
    env.action_space.seed(0)
    env.reset(seed=0)
    best = math.inf
    for _ in range(3):
        total, began = 0, time.process_time()
        for _ in range(FRAMES):
            seen, _, over, late, _ = env.step(env.action_space.sample())
            total += int(seen.sum())
            if over or late:
                env.reset()
        best = min(best, time.process_time() - began)
    return {"frames_per_cpu_s": FRAMES / best}


def dynamics() -> dict[str, list[float]]:
    """Speeds and radii, with the tyres told what they stand on and nothing drawn."""
    import gymnasium
    from gymnasium.envs.box2d import car_racing

    class Road:
        road_friction = 1.0

    car_racing.FrictionDetector._contact = lambda *_: None
    env = gymnasium.make("CarRacing-v3", continuous=True).unwrapped
    env._render = lambda mode: None
    found = {}
    for name, (fast, (steer, gas, brake), grass, frames, measure) in TRIALS.items():
        env.reset(seed=0)
        car = env.car
        for body in (car.hull, *car.wheels):
            body.linearVelocity = (-math.sin(car.hull.angle) * fast, math.cos(car.hull.angle) * fast)
        for wheel in car.wheels:
            wheel.omega = fast / wheel.wheel_rad
            wheel.tiles = set() if grass else {Road}
        speeds, spins = [], []
        for _ in range(50):
            # The joint stops at 0.4 rad; the position that `steer` asks for is in radians too.
            car.steer(-0.4 * steer)
            car.gas(gas)
            car.brake(brake)
            car.step(1 / 50)
            env.world.Step(1 / 50, 180, 60)
            speeds.append(math.hypot(*car.hull.linearVelocity))
            spins.append(abs(car.hull.angularVelocity))
        found[name] = [speeds[at] / spins[at] if measure == "radius" else speeds[at] for at in frames]
    return found


if __name__ == "__main__":
    warnings.simplefilter("ignore")
    print(json.dumps(dynamics() if "--dynamics" in sys.argv else speed()))
