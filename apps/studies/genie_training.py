"""A job: one world learned from video; `domains/genie/training.py` does the work."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.domains.genie.settings import GenieSettings
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.learners.video.settings import FORMAT

if TYPE_CHECKING:
    from wunderkammer.learners.video.clips import Clips

SQUARES = "squares"
"""Clips that need no data set."""


def main(desk: Desk) -> dict[str, Any]:
    """Train until all steps are made.

    args: `videos`, a folder of film or `squares`; `recipe`, the film's where it must be that one; `format`, of the
    world that is made; the fields of `GenieSettings` but the seed, which is the job's.
    """
    import torch

    from wunderkammer.domains.genie import origin
    from wunderkammer.domains.genie.training import WORLD, train
    from wunderkammer.learners.video.course import Machine
    from wunderkammer.worlds.film.film import Film

    torch.set_flush_denormal(True)  # moments that have nearly vanished cost a hundredfold
    args = dict(desk.args)
    asked = args.pop("format", FORMAT)
    if asked != FORMAT:
        raise Unable(f"a world of format {asked} was asked for, and this version makes format {FORMAT}; submit it anew")
    videos, recipe = str(args.pop("videos")), str(args.pop("recipe", ""))
    try:
        settings = checked(GenieSettings, {**args, "seed": desk.seed}, "training")
        learned, held = clips_of(videos, settings.side, recipe, fair=settings.fair)
        device = "cuda" if torch.cuda.is_available() else "cpu"
        machine = Machine(device, settings.bf16, settings.compiled)
        found = train(
            settings, learned, held, desk.checkpoint / "training", desk.out, desk.tell, time.monotonic, machine
        )
        if videos != SQUARES:
            origin.write(desk.out / WORLD, Film(Path(videos)))
        return found
    except ConfigError as fault:
        raise Unable(str(fault)) from None


def clips_of(videos: str, side: int, recipe: str = "", *, fair: bool = False) -> tuple[Clips, Clips]:
    """What is learned from, and what figures are made on. fair: see `FilmClips`.

    Raises:
        ConfigError: there is no film, it is of another frame size, or another one.
    """
    if videos == SQUARES:
        from wunderkammer.learners.video.squares import Squares

        return Squares(side), Squares(side, salt=1)
    from wunderkammer.worlds.film.film import Film

    film = Film(Path(videos))
    film.require(side)
    if recipe and film.manifest.recipe != recipe:
        raise ConfigError(f"{videos} holds another film than this training was submitted for; submit it anew")
    return film.clips("train", fair=fair), film.clips("validation")
