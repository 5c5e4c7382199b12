"""A job: imitation from observation with a learned world; `domains/genie/imitation.py` does the work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import weights_hash
from wunderkammer.core.settings import checked
from wunderkammer.jobs.desk import Desk, Unable


def main(desk: Desk) -> dict[str, Any]:
    """Watch, learn, play.

    args: `world`, its folder, and `weights`, their hash; `game`; `python`, the interpreter that has it, where it is not
    ours; the fields of `ImitationOptions`.
    """
    from wunderkammer.domains.genie.imitating import ImitationOptions
    from wunderkammer.domains.genie.imitation import imitate
    from wunderkammer.learners.video.world_model import WorldModel
    from wunderkammer.worlds.film.recording import GameFilm

    args = dict(desk.args)
    folder, weights = Path(str(args.pop("world"))), args.pop("weights")
    game, python = str(args.pop("game")), Path(str(args.pop("python", "")))
    try:
        options = checked(ImitationOptions, args, "imitation")
        world = WorldModel.load(folder)
        if weights_hash(folder) != weights:
            raise ConfigError(f"{folder} holds another world than this job was submitted for; submit it anew")
        source = GameFilm(game, 0, world.settings.side, python=python)
        found = imitate(world, source, options, desk.out, lambda done, of, words: desk.tell(done, of, words))
    except ConfigError as fault:
        raise Unable(str(fault)) from None
    return {"game": game, **found.measures()}
