"""One video model as an agent that is shown what to do instead of told: its prompt is a demonstration elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import numpy as np

from wunderkammer.domains.video_decisions import rooms, trying
from wunderkammer.domains.video_decisions.film import demonstrated, known_levels, moved, new_levels, shown, world_of
from wunderkammer.domains.video_decisions.planner import Follows, Planner
from wunderkammer.domains.video_decisions.planning import DRAWN, read_off
from wunderkammer.domains.video_decisions.rooms import Codes
from wunderkammer.domains.video_decisions.schooling import Tell
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.domains.video_decisions.strips import png, sheet
from wunderkammer.domains.video_decisions.trying import Rooms, Tried
from wunderkammer.learners.video.course import Machine
from wunderkammer.learners.video.narrated import Narrated

SHEET = "prompts.png"


def act(
    settings: VideoSettings, model: Narrated, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float],
    machine: Machine = Machine(),
) -> dict[str, Any]:  # fmt: skip
    """Try in rooms like those of demonstrations, shown and told; leave `prompts.png` in `out`."""
    planner = Planner(model, read_off(settings, checkpoint, out, tell, now, machine), settings.rounds, settings.seed)
    known = trying.drawn(known_levels(settings), settings.seed + 1, settings.exams)
    new = trying.drawn(new_levels(settings), settings.seed, settings.exams)
    same = np.broadcast_to(rooms.words().read(rooms.SAME), known.said.shape).copy()

    def demonstration(room: Rooms) -> Codes:
        key = jax.random.fold_in(jax.random.key(settings.seed), 29)
        return shown(demonstrated(world_of(settings), moved(world_of(settings), key, room.levels)))

    def tried(room: Rooms, said: Codes, before: Codes | None, words: str) -> Tried:
        found = trying.attempt(room, Follows(planner, said, settings.again, before))
        tell(0, None, words, success=float(found.met.mean()))
        return found

    before, before_new = demonstration(known), demonstration(new)
    found = tried(known, same, before, "shown")
    rows = [model.tiles.decode(np.concatenate([before[at], found.frames[:, at]])) for at in range(DRAWN)]
    (out / SHEET).write_bytes(png(sheet(rows, scale=1, most=20)))
    figures = {
        "prompted": found.met.mean(),
        "prompted_held": tried(new, same, before_new, "shown new combinations").met.mean(),
        "prompted_otherwise": tried(known, same, np.roll(before, 1, 0), "shown otherwise").met.mean(),
        "told": tried(known, known.said, None, "told").met.mean(),
        "expert": trying.expert(known),
    }
    return {name: round(float(value), 4) for name, value in figures.items()}
