"""One examination from beginning to end: unseen worlds, familiar ones, and what agents came to as they learned."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jax
import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.domains.groove.examining import (
    Marks,
    Settings,
    Suite,
    Update,
    examine,
    held_out,
    of_levels,
    self_taught,
    taught,
)
from wunderkammer.domains.groove.meta_training import SETTINGS
from wunderkammer.domains.groove.parts import actor_critic_of, levels_of, lpg_of
from wunderkammer.domains.groove.settings import GrooveSettings
from wunderkammer.domains.groove.standings import WORLD
from wunderkammer.learners import weights
from wunderkammer.learners.conduct import Tell

MARKS = "marks.json"
STRANGERS = 16
"""Levels of the distribution that is trained on, drawn anew and the same for every trial."""


def update_of(settings: GrooveSettings, optimiser: Path | None) -> Update:
    """How the agents of a trial learn. optimiser: the file of a trained one.

    Raises:
        ConfigError: it is of another network.
    """
    if settings.learner == "a2c":
        return self_taught(actor_critic_of(settings))
    lpg = lpg_of(settings)
    begin = jax.random.fold_in(jax.random.key(settings.seed), 0)
    params = lpg.optimiser.init(jax.random.split(begin, 3)[0])
    if settings.learner == "lpg":
        if optimiser is None:
            raise ConfigError("a trained optimiser is needed, and no file of one was named")
        params = weights.read(optimiser, params)
    return taught(lpg, params)


def read_settings(file: Path) -> GrooveSettings:
    """The settings that an optimiser was trained with; `ConfigError` where the file holds none."""
    notes = weights.notes_of(file)
    if SETTINGS not in notes:
        raise ConfigError(f"{file} holds no learned optimiser; `wunder groove train` makes one")
    return checked(GrooveSettings, json.loads(notes[SETTINGS]), str(file))


def marked(settings: GrooveSettings, suite: Suite, update: Update, purpose: int) -> Marks:
    """The examination of one suite by the trial's seed."""
    own = Settings(**{name: getattr(settings, name) for name in Settings.model_fields})
    return examine(own, suite, jax.random.fold_in(jax.random.key(settings.seed), purpose), update)


def sit(settings: GrooveSettings, optimiser: Path | None, out: Path, tell: Tell) -> dict[str, Any]:
    """Examine, and leave `marks.json` in `out`; the figures.

    `unseen`: the mean score over the hand-made worlds, at the end; `sooner`: its mean over all updates; `familiar`: the
    same as `unseen` in fresh levels of the distribution that is trained on."""
    update = update_of(settings, optimiser)
    tell(0, 2, "hand-made worlds")
    suite = held_out()
    unseen = marked(settings, suite, update, 2)
    tell(1, 2, "fresh levels")
    familiar = marked(settings, of_levels(levels_of(settings), STRANGERS), update, 3)
    tell(2, 2, "")
    curves = {name: np.round(curve, 2).tolist() for name, curve in zip(suite.names, unseen.curves, strict=True)}
    (out / MARKS).write_text(json.dumps({"curves": curves, "steps": settings.workers * settings.steps}), "utf-8")
    return {
        "unseen": float(unseen.scores.mean()),
        "sooner": float(unseen.curves.mean()),
        "familiar": float(familiar.scores.mean()),
        **{WORLD + name: float(score) for name, score in zip(suite.names, unseen.scores, strict=True)},
    }
