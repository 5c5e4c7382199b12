"""Labelled frames on disk: pictures, and a table that says what is asked of each and whether it is so."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, UnidentifiedImageError

from wunderkammer.core.errors import ConfigError

TABLE = "labels.csv"
COLUMNS = ("frame", "goal", "label")
YES, NO = {"1", "true", "yes"}, {"0", "false", "no"}
Pictures = NDArray[np.uint8]


def frames(files: Sequence[Path]) -> Pictures:
    """(frames, height, width, 3), from picture files of one size.

    Raises:
        ConfigError: one is no picture, or of another size than the first.
    """
    found: list[Pictures] = []
    for file in files:
        try:
            with Image.open(file) as picture:
                found.append(np.asarray(picture.convert("RGB")))
        except (OSError, UnidentifiedImageError):
            raise ConfigError(f"{file} is no picture") from None
        if found[-1].shape != found[0].shape:
            here, first = (f"{one.shape[1]} x {one.shape[0]}" for one in (found[-1], found[0]))
            raise ConfigError(f"{file} has {here} pixels, and {files[0]} has {first}: frames are of one size")
    if not found:
        raise ConfigError("no frames: name at least one picture")
    return np.stack(found)


def read(table: Path) -> tuple[Pictures, list[str], NDArray[np.bool_]]:
    """Frames, a goal for each, and whether it is met, from a CSV file whose frames lie beside it or are named in full.

    Raises:
        ConfigError: it is no such table, or all its labels are the same.
    """
    table = table / TABLE if table.is_dir() else table
    try:
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file))
    except OSError as fault:
        raise ConfigError(f"{table}: {fault.strerror}; a table of labels is a CSV file, or a folder with one") from None
    except (UnicodeDecodeError, csv.Error) as fault:
        raise ConfigError(f"{table} is no table of labels: {fault}") from None
    if not rows or not set(COLUMNS) <= set(rows[0]):
        raise ConfigError(f"{table}: a table of labels has the columns {', '.join(COLUMNS)}, and at least one row")
    labels = np.array([_label(row["label"], table, place) for place, row in enumerate(rows, 2)])
    if labels.all() or not labels.any():
        raise ConfigError(f"{table}: all labels are the same, so that nothing can be told apart")
    return frames([table.parent / row["frame"] for row in rows]), [row["goal"] for row in rows], labels


def write(folder: Path, pictures: Pictures, goals: Sequence[str], labels: NDArray[np.bool_]) -> Path:
    """Keep labelled frames in a folder as `read` takes them; the table."""
    folder.mkdir(parents=True)
    with (folder / TABLE).open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(COLUMNS)
        for place, (picture, goal, label) in enumerate(zip(pictures, goals, labels, strict=True)):
            name = f"{place:05}.png"
            Image.fromarray(picture).save(folder / name)
            rows.writerow((name, goal, int(label)))
    return folder / TABLE


def _label(word: str | None, table: Path, line: int) -> bool:
    said = (word or "").strip().lower()
    if said not in YES | NO:
        raise ConfigError(f"{table}, line {line}: {word!r} is no label; write 1 or 0")
    return said in YES
