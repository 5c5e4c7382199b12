"""A plan as a film: how the video model thinks that a sentence comes true, beside what truly happens."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import jax
import numpy as np
from safetensors import SafetensorError
from safetensors.torch import load_file

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.video_decisions import rooms, trying
from wunderkammer.domains.video_decisions.film import world_of
from wunderkammer.domains.video_decisions.planner import Follows, Planner
from wunderkammer.domains.video_decisions.planning import INVERSE, drawn
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.strips import gif, png
from wunderkammer.domains.video_decisions.trying import Rooms
from wunderkammer.learners.video.inverse import Inverse
from wunderkammer.learners.video.narrated import Narrated
from wunderkammer.worlds.toys.level import goal_of
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.words import Goal, combinations

STRIP, CLIP = "plan.png", "plan.gif"


def film_plan(
    settings: VideoSettings, goal: Goal, room: int, model: Narrated, inverse: Mapping[str, Any], out: Path
) -> dict[str, Any]:
    """One plan from the first frame to the horizon, and what came of its actions; leaves `plan.png`, the plan above
    what happened, and `plan.gif`, side by side. room: which of all rooms by chance that have the toys."""
    world = world_of(settings)
    reader = Inverse(model.tiles, world.side**2, world.actions)
    reader.load_state_dict(dict(inverse))
    found = room_of(settings, goal, room)
    acts = Follows(Planner(model, reader.eval(), settings.rounds, settings.seed), found.said, world.horizon)
    tried = trying.attempt(found, acts)
    made = acts.plans[0]
    possible = [
        rooms.possible(world, before, after, found.levels).all()
        for before, after in zip(made.frames[:-1], made.frames[1:], strict=True)
    ]
    (out / STRIP).write_bytes(png(drawn(model, made, tried)))
    clips = [model.tiles.decode(frames[:, 0]) for frames in (made.frames, tried.frames)]
    (out / CLIP).write_bytes(gif(clips))
    return {"met": bool(tried.met[0]), "steps": int(tried.steps[0]), "impossible": 1 - float(np.mean(possible))}


def room_of(settings: VideoSettings, goal: Goal, number: int) -> Rooms:
    """A room in which a sentence can become true, and is not yet."""
    if goal.kind not in settings.kinds:
        raise ConfigError(f"this video model was told goals of the kinds {', '.join(settings.kinds)}, not {goal.kind}")
    first, *second = goal.combinations
    others = [one for one in combinations(held=False) if one not in goal.combinations][:: 1 + number % 5]
    world = world_of(settings)
    levels = ToyLevels(world, (first,), (*second, *others[: world.toys]), (goal.kind,))
    for turn in range(400):
        found = trying.drawn(levels, number * 400 + turn, 1)
        if goal_of(jax.tree.map(lambda leaf: leaf[0], found.levels)) == goal:
            return found
    raise ConfigError("no room was found in which that can become true")


def inverse_of(folders: Mapping[str, Path]) -> dict[str, Any]:
    """The weights of inverse dynamics that a job before left."""
    for folder in folders.values():
        if (folder / INVERSE).is_file():
            try:
                return dict(load_file(folder / INVERSE))
            except SafetensorError as fault:
                raise ConfigError(f"{folder / INVERSE} holds no weights: {fault}") from None
    raise ConfigError("no job before this one learned to read actions")
