"""Networks of this field as files: weights, and beside them the settings that say what they are weights of."""

from __future__ import annotations

import json
from pathlib import Path

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.learners import weights
from wunderkammer.learners.encoder import Params

NOTE = "settings"


def keep(settings: TrainingSettings, params: Params, file: Path) -> None:
    """Keep a network. params: of the one that the settings describe."""
    told = settings.model_dump(mode="json", exclude_defaults=True)
    weights.write(params, file, {NOTE: json.dumps(told, sort_keys=True)})


def settings_in(file: Path, otherwise: str) -> TrainingSettings:
    """The settings of a kept network. otherwise: what to say of weights without them.

    Raises:
        ConfigError: there is no such file, or it holds something else.
    """
    try:
        told = json.loads(weights.notes_of(file)[NOTE])
    except (KeyError, ValueError):
        raise ConfigError(f"{file} {otherwise}") from None
    return checked(TrainingSettings, told, str(file))
