"""The language observer of an address: a model behind a server, or a transformers folder of this machine."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import weights_hash
from wunderkammer.core.settings import Settings
from wunderkammer.jobs.environments import python_of
from wunderkammer.memory.openendedness.language import Language
from wunderkammer.memory.openendedness.reading import reading
from wunderkammer.models.likelihood import Likelihood


@contextmanager
def language(settings: Settings, address: str) -> Iterator[Language]:
    """The observer for the length of a block.

    address: a server that gives log-probabilities of prompts (`http://host:8000/v1#model`, `SERVER#model`), or a
    transformers folder here, which is read in the trainer's environment (`[jobs.environments] finetune`, `wunder setup
    finetune`), or in this process where our own has torch. A `ConfigError` says in one line why it cannot be had.
    """
    if "#" in address:
        with Likelihood.at(settings, address) as served:
            yield Language(served.name, served)
        return
    folder = Path(address).expanduser()
    if not folder.is_dir():
        raise ConfigError(f"language={address}: neither a server's address (http://HOST/v1#MODEL) nor a folder")
    with reading(folder, python_of(settings, "finetune")) as score:
        try:
            weights = weights_hash(folder)
        except FileNotFoundError as fault:
            raise ConfigError(str(fault)) from None
        yield Language(f"{folder.resolve().name}-{weights[:8]}", score)
