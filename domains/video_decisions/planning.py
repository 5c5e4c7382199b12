"""One video model as a planner, examined in rooms whose sentences name what nobody named before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from safetensors.torch import save_file

from wunderkammer.core.ids import rng_for
from wunderkammer.domains.video_decisions import trying
from wunderkammer.domains.video_decisions.film import Film, known_levels, new_levels, world_of
from wunderkammer.domains.video_decisions.learning import schedule
from wunderkammer.domains.video_decisions.planner import Follows, Plan, Planner
from wunderkammer.domains.video_decisions.rooms import MOVES, Codes, possible
from wunderkammer.domains.video_decisions.schooling import Tell, school
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.strips import Frames, png, sheet
from wunderkammer.domains.video_decisions.trying import Rooms, Tried
from wunderkammer.learners.video.course import Machine
from wunderkammer.learners.video.inverse import Inverse
from wunderkammer.learners.video.narrated import Narrated
from wunderkammer.worlds.toys.level import Level
from wunderkammer.worlds.toys.world import Toys

INVERSE, SHEET = "inverse.safetensors", "plans.png"
DRAWN = 4
"""Plans of a sheet."""


def plan(
    settings: VideoSettings, model: Narrated, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float],
    machine: Machine = Machine(),
) -> dict[str, Any]:  # fmt: skip
    """Learn to read actions off frames, then try; leave `inverse.safetensors` and `plans.png` in `out`."""
    world = world_of(settings)
    planner = Planner(model, read_off(settings, checkpoint, out, tell, now, machine), settings.rounds, settings.seed)
    new = trying.drawn(new_levels(settings), settings.seed, settings.exams)
    known = trying.drawn(known_levels(settings), settings.seed + 1, settings.exams)
    again, plans = settings.again, list[tuple[Plan, Level]]()

    def tried(room: Rooms, said: Codes, every: int, words: str) -> Tried:
        acts = Follows(planner, said, every)
        found = trying.attempt(room, acts)
        plans.extend((one, room.levels) for one in acts.plans)
        tell(0, None, words, success=float(found.met.mean()))
        if every == world.horizon and room is new:
            (out / SHEET).write_bytes(png(drawn(model, acts.plans[0], found)))
        return found

    open_ = tried(new, new.said, world.horizon, "one plan")
    figures = {
        "success_held": tried(new, new.said, again, "new combinations").met.mean(),
        "success": tried(known, known.said, again, "known combinations").met.mean(),
        "open_held": open_.met.mean(),
        "hallucinated": impossible(world, plans),
        "otherwise": tried(new, np.roll(new.said, 1, 0), again, "told otherwise").met.mean(),
        "expert": trying.expert(new),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}


def read_off(
    settings: VideoSettings, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float], machine: Machine
) -> Inverse:
    """Inverse dynamics learned from the film."""
    film = Film.of(settings)
    torch.manual_seed(rng_for("inverse", settings.seed).getrandbits(62))
    inverse = Inverse(film.tiles, film.side**2, len(MOVES)).to(machine.device)
    school(
        "inverse", inverse, inverse.lesson,
        lambda turn: film.labelled(turn, 4 * settings.batch)[:, film.words.length :],
        schedule(settings, settings.reader_steps), settings.seed, settings.id, checkpoint, tell, now, machine,
    )  # fmt: skip
    save_file({name: value.cpu().contiguous() for name, value in inverse.state_dict().items()}, out / INVERSE)
    return inverse


def impossible(world: Toys, plans: Sequence[tuple[Plan, Level]]) -> float:
    """Share of the foreseen transitions that no action makes; what follows an impossible frame counts as one, too."""
    wrong = [
        ~possible(world, one.frames[at], one.frames[at + 1], levels)
        for one, levels in plans
        for at in range(len(one.actions))
    ]
    return float(np.concatenate(wrong).mean())


def drawn(model: Narrated, made: Plan, found: Tried) -> Frames:
    """The first plans, and below each what truly happened."""
    rows = []
    for room in range(min(DRAWN, made.frames.shape[1])):
        for frames in (made.frames[:, room], found.frames[:, room]):
            still = np.flatnonzero((frames[1:] != frames[:-1]).any(-1))
            rows.append(model.tiles.decode(frames[: (int(still[-1]) + 2 if len(still) else 1)]))
    return sheet(rows, scale=1, most=20)
