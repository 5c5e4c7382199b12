"""Environments: raw observations of all controlled players, as the real engine gives them."""

from __future__ import annotations

import importlib
import sys
from types import SimpleNamespace
from typing import Any

import numpy as np
from gfootball.env import scenario_builder
from gfootball.env.scenario_builder import Team

STEP = 0.03


def create_environment(env_name: str, **options: Any) -> Environment:
    print("an engine that talks where only answers belong")
    return Environment(env_name, options)


class Builder:
    def __init__(self) -> None:
        self._config, self.teams, self.ball = SimpleNamespace(), {Team.e_Left: [], Team.e_Right: []}, (0.0, 0.0)

    def config(self) -> SimpleNamespace:
        return self._config

    def SetTeam(self, team: Team) -> None:
        self.team = team

    def AddPlayer(self, x: float, y: float, role: Any) -> None:
        self.teams[self.team].append((x, y))
        assert role is scenario_builder.Role.e_PlayerRole_GK or len(self.teams[self.team]) > 1

    def SetBallPosition(self, x: float, y: float) -> None:
        self.ball = (x, y)


class Environment:
    """The ball rolls towards the goal of the weaker side, or of the left where the seed is odd and both are alike."""

    def __init__(self, name: str, options: dict[str, Any]) -> None:
        self.name, self._config, self._env, self.unwrapped = name, {}, self, self
        self.counts = [options[f"number_of_{side}_players_agent_controls"] for side in ("left", "right")]

    def reset(self) -> list[dict[str, Any]]:
        self.builder = Builder()
        importlib.import_module(f"gfootball.scenarios.{self.name}").build_scenario(self.builder)
        asked = self.builder.config()
        assert asked.offsides
        assert len(self.builder.teams[Team.e_Left]) == 11
        ahead = asked.left_team_difficulty - asked.right_team_difficulty
        self.way = np.sign(ahead) or (-1 if self._config["game_engine_random_seed"] % 2 else 1)
        self.x, self.score, self.steps = self.builder.ball[0], [0, 0], 0
        if self.builder.ball == (0.0, 0.4):
            sys.exit("the engine crashes")
        return self._seen()

    def step(self, actions: list[int]) -> tuple[Any, float, bool, dict[str, Any]]:
        assert len(actions) == sum(self.counts)
        assert all(0 <= action <= 19 for action in actions)
        assert actions[0] == 19, "the keeper is moved by the engine"
        self.x, self.steps = self.x + self.way * STEP, self.steps + 1
        if abs(self.x) > 1:
            self.score[0 if self.x > 0 else 1] += 1
        return self._seen(), 0.0, bool(sum(self.score)), {}

    def observation(self) -> dict[str, Any]:
        sides = [np.array(self.builder.teams[team]) for team in (Team.e_Left, Team.e_Right)]
        seen: dict[str, Any] = {
            "left_team": sides[0],
            "right_team": -sides[1],
            "score": list(self.score),
            "game_mode": 0,
        }
        for at, side in enumerate(("left", "right")):
            seen[f"{side}_team_direction"] = np.zeros((11, 2))
            seen[f"{side}_team_tired_factor"] = np.zeros(11)
            seen[f"{side}_team_yellow_card"] = np.zeros(11, bool)
            seen[f"{side}_team_active"] = np.ones(11, bool)
            seen[f"{side}_agent_controlled_player"] = list(range(self.counts[at]))
            seen[f"{side}_agent_sticky_actions"] = [np.zeros(10, np.uint8) for _ in range(self.counts[at])]
        y = self.builder.ball[1]
        moves = {"ball_direction": np.zeros(3), "ball_rotation": np.zeros(3), "steps_left": 3000 - self.steps}
        owner = {"ball_owned_team": 1 if self.way > 0 else 0, "ball_owned_player": 5}
        return seen | {"ball": np.array([self.x, y, 0.1])} | moves | owner

    def _seen(self) -> list[dict[str, Any]]:
        core = self.observation()
        flipped = dict(core)
        for key in ("team", "team_direction", "team_tired_factor", "team_yellow_card", "team_active"):
            turn = -1 if key in ("team", "team_direction") else 1
            flipped[f"left_{key}"], flipped[f"right_{key}"] = turn * core[f"right_{key}"], turn * core[f"left_{key}"]
        flipped["ball"] = core["ball"] * (-1, -1, 1)
        flipped["ball_owned_team"] = 1 - core["ball_owned_team"]
        flipped["score"] = core["score"][::-1]
        return [
            view | {"active": at, "sticky_actions": np.zeros(10, np.uint8)}
            for view, count in ((core, self.counts[0]), (flipped, self.counts[1]))
            for at in range(count)
        ]
