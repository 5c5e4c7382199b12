"""A job: PPO inside a learned world, examined in the true game; `domains/genie/dreamer.py` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import weights_hash
from wunderkammer.core.settings import checked
from wunderkammer.jobs.desk import Desk, Unable


def main(desk: Desk) -> dict[str, Any]:
    """Learn in both, examine in both.

    args: `world`, its folder, and `weights`, their hash; `videos`, a folder of film, and `recipe`, the film's;
    `python`, the interpreter that has the game, where it is not ours; the fields of `DreamOptions`.
    """
    from wunderkammer.domains.genie.dreamer import dream
    from wunderkammer.domains.genie.dreaming import DreamOptions
    from wunderkammer.learners.video.world_model import WorldModel
    from wunderkammer.worlds.film.film import Film
    from wunderkammer.worlds.film.recording import GameFilm

    args = dict(desk.args)
    folder, weights = Path(str(args.pop("world"))), args.pop("weights")
    videos, recipe = Path(str(args.pop("videos"))), args.pop("recipe")
    python = Path(str(args.pop("python", "")))
    try:
        options = checked(DreamOptions, args, "dream")
        world, film = WorldModel.load(folder), Film(videos)
        if weights_hash(folder) != weights or film.manifest.recipe != recipe:
            raise ConfigError(f"{folder} or {videos} holds another one than this job was submitted for; submit it anew")
        source = GameFilm(film.manifest.source, 0, world.settings.side, python=python)
        found = dream(world, film, source, options, desk.out, lambda done, of, words: desk.tell(done, of, words))
    except ConfigError as fault:
        raise Unable(str(fault)) from None
    return {"game": found.game, **found.measures()}
