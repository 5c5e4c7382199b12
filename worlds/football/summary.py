"""The figures of matches by name: what failures are recognised by."""

from __future__ import annotations

from dataclasses import fields

import jax
import jax.numpy as jnp

from wunderkammer.worlds.football.state import State
from wunderkammer.worlds.football.tally import Tally

SIDES = ("left", "right")
WHOLE = (
    "goal_left", "goal_right", "own_goal_left", "own_goal_right", "length", "ball_x", "ball_y",
)  # fmt: skip
"""Of the match: who scored (1 or 0), who scored against itself (then the goal is the other side's), steps played, where
the ball was at the end."""
OF_A_SIDE = (*(field.name for field in fields(Tally)), "missed", "shot_distance", "shot_angle", "completion")
NAMES = (*WHOLE, *dict.fromkeys(f"{name}_{side}" for name in OF_A_SIDE for side in SIDES))


def features(state: State) -> dict[str, jax.Array]:
    """Of matches, float32 of the batch's shape, by the names in `NAMES`.

    Those of `Tally` by side, `possession_left` and so on, where `shot_distance` and `shot_angle` are means over shots
    (0 without any); `missed` counts chances that were not the goal, `completion` is the share of passes that arrived (0
    without any).
    """
    goals = [state.score > 0, state.score < 0]
    found: dict[str, jax.Array] = {
        "goal_left": goals[0],
        "goal_right": goals[1],
        "own_goal_left": goals[1] & state.own_goal,
        "own_goal_right": goals[0] & state.own_goal,
        "length": state.time,
        "ball_x": state.ball[0],
        "ball_y": state.ball[1],
    }
    tally = vars(state.tally)
    shots, passes = jnp.maximum(tally["shots"], 1), jnp.maximum(tally["passes"], 1)
    scored = jnp.stack(goals) & ~state.own_goal
    by_side = tally | {
        "missed": jnp.maximum(tally["chances"] - scored, 0),
        "shot_distance": tally["shot_distance"] / shots,
        "shot_angle": tally["shot_angle"] / shots,
        "completion": tally["completed"] / passes,
    }
    for name in dict.fromkeys(OF_A_SIDE):
        for at, side in enumerate(SIDES):
            found[f"{name}_{side}"] = by_side[name][at]
    return {name: found[name].astype(jnp.float32) for name in NAMES}
