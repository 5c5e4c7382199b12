"""Observations as the engine gives them, made up."""

from __future__ import annotations

from typing import Any

import numpy as np


def raw(**changes: Any) -> dict[str, Any]:
    """Of the left's player 5, in the middle of an open game; nobody has the ball."""
    rng = np.random.default_rng(0)
    made: dict[str, Any] = {"active": 5, "sticky_actions": np.zeros(10, np.uint8), "game_mode": 0, "score": [0, 0]}
    for side in ("left", "right"):
        made[f"{side}_team"] = rng.uniform((-0.8, -0.3), (0.8, 0.3), (11, 2))
        made[f"{side}_team_direction"] = rng.normal(0, 0.01, (11, 2))
        made[f"{side}_team_tired_factor"] = rng.uniform(0, 0.1, 11)
        made[f"{side}_team_yellow_card"] = np.zeros(11, bool)
        made[f"{side}_team_active"] = np.ones(11, bool)
    made["left_team"][5] = 0.1, 0.05
    made |= {
        "ball": np.array([0.12, 0.05, 0.1]),
        "ball_direction": np.array([0.015, 0.007, 0.4]),
        "ball_rotation": np.array([0.0005, 0.0004, 0.015]),
        "ball_owned_team": -1,
        "ball_owned_player": -1,
        "steps_left": 3001,
    }
    return made | changes
