"""The registry of adapters: what was trained, under a name that servers and people know it by."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from uuid import uuid4

from filelock import FileLock
from pydantic import ValidationError

from wunderkammer.core import adapters
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.serving import Adapter
from wunderkammer.jobs.adapter_file import Examined, examine

DRAFT = ".draft-"


class Registry:
    """The adapters of one home; see `wunderkammer.core.adapters` for how they lie there.

    Any number of processes may use one home. An adapter is there whole or not at all, however its writer dies. A name
    stands for the version registered last; the versions before stay under their hashes until the name is removed,
    since somebody may still serve them, and `NAME@HASH8` still finds them.
    """

    def __init__(self, home: Path) -> None:
        self.home = home.resolve()
        self.folder = adapters.folder_of(self.home)

    def register(self, name: str, folder: Path, *, base: str, gguf: Path | None = None, job: str = "") -> Adapter:
        """Copy an adapter in; the same name and weights twice are one, and the second time changes nothing.

        name: as `Adapter.name`. folder: what PEFT wrote, with `adapter.gguf` beside it where it was converted, or
        `gguf` naming that file. base: hash of the weights it was trained on. job: id of the job that trained it.

        Raises:
            ConfigError: it is broken, the name is none, or stands for an adapter of another base; or the disk is full.
        """
        found = examine(folder, gguf)
        draft = _card(name, found, base, folder, job)
        with self._writing():
            self._check_base(draft)
            place = self.folder / adapters.VERSIONS / draft.label
            if not (place / adapters.CARD).is_file() or self._lacks_gguf(place, found):
                self._put(draft, found, place)
            self._point(name, place)
        return adapters.read(place)

    def find(self, name: str, *, base: str | None = None) -> Adapter:
        """By NAME or NAME@HASH8. `ConfigError` where there is none, or it belongs to another base than `base`."""
        adapter = adapters.find(self.home, name)
        if base is not None and adapter.base != base:
            raise ConfigError(f"adapter {adapter.label} belongs to base {adapter.base[:12]}, not to {base[:12]}")
        return adapter

    def all(self) -> tuple[Adapter, ...]:
        """Every name with its version of now."""
        return adapters.everything(self.home)

    def versions(self, name: str) -> tuple[Adapter, ...]:
        """Every version of a name that is kept, oldest first."""
        return adapters.versions(self.home, name)

    def remove(self, name: str) -> int:
        """Take a name away with all its versions; returns how many. A server that has one loaded keeps serving it."""
        with self._writing():
            adapters.find(self.home, name)
            if "@" in name:
                raise ConfigError(f"{name}: a name goes with all its versions; give {name.partition('@')[0]!r}")
            places = [adapter.folder for adapter in self.versions(name)]
            pointer = self.folder / name
            pointer.unlink() if pointer.is_symlink() else shutil.rmtree(pointer)
            for place in places:
                shutil.rmtree(place)
        return max(1, len(places))

    @contextmanager
    def _writing(self) -> Iterator[None]:
        """One writer at a time; what a writer that died had begun is cleared away."""
        kept = self.folder / adapters.VERSIONS
        try:
            kept.mkdir(parents=True, exist_ok=True)
            with FileLock(self.folder / ".lock", fallback_to_soft=False):
                self._sweep()
                try:
                    yield
                finally:
                    self._sweep()
        except OSError as fault:
            raise ConfigError(f"{self.folder} cannot be written: {fault.strerror or fault}") from None

    def _sweep(self) -> None:
        for left in [*(self.folder / adapters.VERSIONS).glob(f"{DRAFT}*"), *self.folder.glob(f"{DRAFT}*")]:
            left.unlink() if left.is_symlink() else shutil.rmtree(left)

    def _check_base(self, adapter: Adapter) -> None:
        known = self.versions(adapter.name)
        if known and known[-1].base != adapter.base:
            raise ConfigError(
                f"adapter {adapter.name} is of base {known[-1].base[:12]}, this one of {adapter.base[:12]}: "
                "give it another name"
            )

    def _lacks_gguf(self, place: Path, found: Examined) -> bool:
        return any(file.suffix == ".gguf" for file in found.files) and not (place / adapters.GGUF).is_file()

    def _put(self, adapter: Adapter, found: Examined, place: Path) -> None:
        """Write a version aside, and give it its place in one step."""
        draft = place.with_name(DRAFT + uuid4().hex)
        draft.mkdir()
        for file in found.files:
            target = draft / (adapters.GGUF if file.suffix == ".gguf" else file.name)
            shutil.copyfile(file, target)
            _settle(target)
        card = draft / adapters.CARD
        card.write_text(adapter.model_dump_json(exclude={"folder", "gguf"}, indent=1), "utf-8")
        _settle(card)
        if place.is_dir():  # the same weights, and now their GGUF
            (draft / adapters.GGUF).replace(place / adapters.GGUF)
            shutil.rmtree(draft)
        else:
            draft.rename(place)

    def _point(self, name: str, place: Path) -> None:
        """Let a name stand for a version."""
        draft = self.folder / (DRAFT + uuid4().hex)
        draft.symlink_to(place.relative_to(self.folder), target_is_directory=True)
        draft.replace(self.folder / name)


def _card(name: str, found: Examined, base: str, folder: Path, job: str) -> Adapter:
    try:
        return Adapter(name=name, hash=found.hash, base=base, rank=found.rank, folder=folder, job=job)
    except ValidationError:
        raise ConfigError(
            f"{name!r} is no name for an adapter: up to 64 of a-z, 0-9, '.', '_', '-', beginning with a letter or digit"
        ) from None


def _settle(file: Path) -> None:
    """Wait until a file is on the disk: the step that makes a version visible must not come there before it."""
    handle = os.open(file, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
