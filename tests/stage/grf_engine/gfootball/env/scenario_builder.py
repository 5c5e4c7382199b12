"""Names of teams and roles."""

from __future__ import annotations

from enum import Enum


class Team(Enum):
    e_Left = 0
    e_Right = 1


Role = Enum("Role", [f"e_PlayerRole_{name}" for name in ("GK", "RM", "CF", "LB", "CB", "RB", "CM", "LM")])
