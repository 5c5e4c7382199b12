"""Making a folder of film: units of work that can be done in any order, in several processes, and begun again."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import content_id
from wunderkammer.core.whole import write_whole
from wunderkammer.worlds.film.shards import FORMAT, MANIFEST, Manifest, Reel, Shard, Skipped, sha256

RECIPE, UNITS = "recipe.json", "units"
CAPACITY = 4096
"""Frames of a shard."""


class Unit(Protocol):
    """A part of a data set. What it films follows from its fields alone; it can be pickled."""

    @property
    def name(self) -> str:
        """Of letters, digits and hyphens; the order of names is the order in the manifest."""
        ...

    def film(self, reel: Reel) -> Skipped:
        """Add all of its stretches."""
        ...


class Source(Protocol):
    """A whole data set before it is made."""

    @property
    def name(self) -> str: ...

    @property
    def fps(self) -> float: ...

    @property
    def actions(self) -> int | None:
        """How many true actions there are; None: nobody knows, and no labels are kept."""
        ...

    def recipe(self) -> object:
        """All that decides what is filmed, as JSON has it."""
        ...

    def units(self) -> Sequence[Unit]: ...


class _Done(Frozen):
    """What a unit came to, kept beside the shards until the whole is made."""

    shards: tuple[Shard, ...]
    skipped: Skipped


def make(
    source: Source,
    folder: Path,
    side: int,
    *,
    capacity: int = CAPACITY,
    workers: int = 1,
    tell: Callable[[int, int], None] | None = None,
) -> Manifest:
    """Film a source into a folder, or finish what was begun there; its manifest.

    side: pixels of a frame. workers: processes; 1: in this one. tell: hears how many units are done, of how many.

    Raises:
        ConfigError: the folder holds another recipe, or nothing could be filmed.
    """
    if not 8 <= side <= 1024:
        raise ConfigError(f"a frame of {side} pixels; take 8 to 1024")
    recipe = content_id(FORMAT, source.name, source.recipe(), side, capacity)
    _claim(folder, recipe)
    if (folder / MANIFEST).is_file():
        return Manifest.model_validate_json((folder / MANIFEST).read_bytes())
    units = source.units()
    labelled = source.actions is not None
    missing = [unit for unit in units if not _done(folder, unit.name)]
    tell = tell or (lambda *_: None)
    tell(len(units) - len(missing), len(units))
    for at, _ in enumerate(_work(folder, missing, side, capacity, labelled, workers), 1):
        tell(len(units) - len(missing) + at, len(units))
    parts = [_Done.model_validate_json(_note(folder, unit.name).read_bytes()) for unit in units]
    manifest = Manifest(
        source=source.name,
        recipe=recipe,
        side=side,
        fps=source.fps,
        actions=source.actions,
        shards=tuple(shard for part in parts for shard in part.shards),
        skipped=sum((part.skipped for part in parts), Skipped()),
    )
    if not manifest.shards:
        gone = manifest.skipped
        raise ConfigError(
            f"{source.name}: nothing to learn from: {gone.broken} files are no video that can be decoded, "
            f"{gone.short} are too short"
        )
    _write(folder / MANIFEST, manifest)
    return manifest


def _work(
    folder: Path, units: Sequence[Unit], side: int, capacity: int, labelled: bool, workers: int
) -> Iterator[None]:
    """Do them, and say so after each."""
    if workers <= 1 or len(units) <= 1:
        for unit in units:
            _film(folder, unit, side, capacity, labelled)
            yield
        return
    with ProcessPoolExecutor(min(workers, len(units)), mp_context=get_context("spawn")) as pool:
        waiting = [pool.submit(_film, folder, unit, side, capacity, labelled) for unit in units]
        try:
            for done in as_completed(waiting):
                done.result()
                yield
        except BaseException:  # Ctrl-C and a caller that leaves too: what was not begun is not begun
            pool.shutdown(cancel_futures=True)
            raise


def _film(folder: Path, unit: Unit, side: int, capacity: int, labelled: bool) -> None:
    """One unit, in whatever process; noted only when all of its shards are written."""
    reel = Reel(folder, unit.name, side, capacity, labelled=labelled)
    skipped = unit.film(reel)
    reel.cut()
    _write(
        _note(folder, unit.name),
        _Done(shards=tuple(reel.shards), skipped=skipped + Skipped(short=reel.short)),
    )


def _claim(folder: Path, recipe: str) -> None:
    """The folder is ours: empty, or begun by the same recipe."""
    mark = folder / RECIPE
    if mark.is_file():
        if mark.read_text("utf-8").strip() != recipe:
            raise ConfigError(f"{folder} holds film made with other settings; take those, or another folder")
        return
    (folder / UNITS).mkdir(parents=True, exist_ok=True)
    mark.write_text(recipe, "utf-8")


def _done(folder: Path, name: str) -> bool:
    """Whether a unit is whole: noted, and each of its files with the hash it should have."""
    try:
        done = _Done.model_validate_json(_note(folder, name).read_bytes())
    except (OSError, ValidationError):
        return False
    wanted = [(f"{one.name}.frames.npy", one.sha256) for one in done.shards]
    wanted += [(f"{one.name}.labels.npy", one.labels_sha256) for one in done.shards if one.labels_sha256]
    return all((folder / file).is_file() and sha256(folder / file) == digest for file, digest in wanted)


def _note(folder: Path, name: str) -> Path:
    return folder / UNITS / f"{name}.json"


def _write(file: Path, value: Frozen) -> None:
    write_whole(file, value.model_dump_json(indent=1))
