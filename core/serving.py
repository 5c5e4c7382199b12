"""Model servers that are ours to control: they load adapters and go to sleep while a GPU is needed for training."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from pydantic import Field

from wunderkammer.core.frozen import Frozen


class Adapter(Frozen):
    """A trained LoRA adapter in HOME/adapters/NAME."""

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9._-]{0,63}$")
    hash: str
    """Of its weights: an adapter of the same name and another hash is another version of it."""
    base: str
    """Which weights it belongs to: the hash that `wunderkammer.jobs.finetune` gives of a base model."""
    rank: int = Field(ge=1)
    folder: Path
    """PEFT format: `adapter_config.json`, `adapter_model.safetensors`."""
    gguf: Path | None = None
    """The same for llama.cpp, where it was converted."""
    job: str = ""
    """The job that trained it."""

    @property
    def label(self) -> str:
        """`NAME@HASH8`: this version and no other. What is asked for, hashed and recorded as the model's name."""
        return f"{self.name}@{self.hash[:8]}"


class Serves(Protocol):
    """A model server under our control. Every method raises `ModelError` or `ConfigError` in one clear line.

    No request is ever sent to a sleeping engine: `sleep` waits until those in flight are answered, and whoever wants
    an address meanwhile waits for `wake`.
    """

    async def open(self) -> str:
        """Start it, or join the one that runs; the base address (…/v1) once it answers. Adapters that were loaded
        before a restart are loaded again."""
        ...

    async def load(self, adapter: Adapter) -> str:
        """Serve an adapter beside its base; what `--target` takes. Another version under a loaded name takes its
        place; the same version is left alone. `ConfigError` where base or rank do not fit."""
        ...

    async def unload(self, name: str) -> None:
        """Stop serving an adapter; one that is not loaded is no fault."""
        ...

    async def loaded(self) -> tuple[str, ...]:
        """Names of the adapters that are served."""
        ...

    async def sleep(self) -> None:
        """Free the GPU. Without effect on a server that cannot sleep, or that sleeps."""
        ...

    async def wake(self) -> None:
        """Be ready for requests again."""
        ...

    async def close(self) -> None:
        """Give up the hold; a server that we started for ourselves alone ends."""
        ...


Passing = Callable[[], AbstractAsyncContextManager[None]]
"""A block in which a server is awake, and does not fall asleep: every request to it is sent inside one."""


@dataclass(frozen=True, slots=True)
class Opened:
    """A server of ours that answers."""

    url: str
    passing: Passing


OpenServer = Callable[[str], Awaitable[Opened]]
"""Starts a server of the settings by name, or joins the one that runs."""
