"""A frame to begin a world from as something to search for: the genome, the archive's cells, what a run may be told."""

from __future__ import annotations

import io
from base64 import b64decode, b64encode
from bisect import bisect
from itertools import pairwise
from typing import Literal, Self

import numpy as np
from PIL import Image
from pydantic import Field, field_validator, model_validator

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.play import checked_png
from wunderkammer.domains.genie.worlds_edits import COLOURS
from wunderkammer.worlds.film.games import Frames

Form = Literal["edits", "model"]
By = Literal["seed", "edits", "model"]
CONTROLS = (0, 1, 2, 4, 8, 16)
"""Where the bins of controllability begin, in grey levels; the last has no end."""
CLUSTERS = 8


def axes_of(clusters: int) -> dict[str, tuple[str, ...]]:
    """Controllability × visual cluster."""
    control = (*(f"{low}-{high}" for low, high in pairwise(CONTROLS)), f"{CONTROLS[-1]}+")
    return {"control": control, "look": tuple(f"look {number}" for number in range(1, clusters + 1))}


def bin_of(control: float) -> str:
    """The bin of a controllability in grey levels."""
    return axes_of(2)["control"][bisect(CONTROLS, control) - 1]


class Prompt(Frozen):
    """A frame that a world is begun from."""

    frame: str = Field(max_length=2_000_000)
    """PNG in base64, square, three colours; canonical, however it was given."""
    way: str = Field("", max_length=400)
    """How it came to be: the frame it was, and what was done to it last."""
    by: By = "seed"
    """Who made it."""

    @field_validator("frame")
    @classmethod
    def _canonical(cls, words: str) -> str:
        try:
            return packed(unpacked(words))
        except ConfigError as fault:
            raise ValueError(str(fault)) from fault

    @property
    def pixels(self) -> Frames:
        """(side, side, 3)."""
        return unpacked(self.frame)


class WorldsOptions(Frozen):
    """Settings of `genie-worlds`."""

    world: str = "squares"
    """A folder that `wunder genie train` left; or `coinrun`, which comes with the package; or `squares`: a world of
    moving squares that is trained for a few seconds where it is needed, and has learned next to nothing: to see that
    all parts meet."""
    film: str = ""
    """A folder of film: what there is to begin from, and what is nothing new. Default: the frames kept beside the
    world."""
    frames: int = Field(256, ge=8, le=65_536)
    """Of the film, that visual clusters are fitted on; as many others are there to begin from."""
    clusters: int = Field(CLUSTERS, ge=2, le=64)
    seed: int = Field(0, ge=0, lt=2**32)
    """Of the frames and the clusters."""
    horizon: int = Field(4, ge=1, le=64)
    """Frames of a rollout; the action is the same throughout."""
    draws: int = Field(3, ge=2, le=64)
    """Rollouts of each action, which differ by what was drawn alone."""
    forms: tuple[Form, ...] = Field(("edits", "model"), min_length=1)
    """How frames are varied: by random edits, by the mutator model; of several, the more accepted is taken the more
    often."""
    edits: int = Field(3, ge=1, le=16)
    """The most edits of a child."""
    tries: int = Field(4, ge=1, le=100)
    """Randomly edited children of which the first is taken that has the look of the aim; else the last."""
    clips_from: float = -1000.0
    """Rollouts are kept, to be looked at, where the score is at least this: by default all, some 30 KB each."""
    threads: int = Field(1, ge=1, le=256)
    device: Literal["cpu", "cuda"] = "cpu"
    salt: str = ""
    """Another word gives other draws in every world: a second look that owes nothing to the first."""

    @model_validator(mode="after")
    def _fit(self) -> Self:
        if self.clusters > self.frames:
            raise ValueError(f"clusters: {self.clusters} cannot be fitted on {self.frames} frames")
        return self


def packed(frame: Frames) -> str:
    """A frame, (side, side, 3), as it is written in a genome."""
    return b64encode(png(frame)).decode()


def unpacked(words: str) -> Frames:
    """The frame that was written.

    Raises:
        ConfigError: it is no PNG in base64 of a square in three colours.
    """
    try:
        found = np.asarray(Image.open(io.BytesIO(checked_png(b64decode(words, validate=True)))).convert("RGB"))
    except (OSError, ValueError, SyntaxError) as fault:
        raise ConfigError(f"frame: it cannot be read: {fault}") from None
    if found.shape[0] != found.shape[1]:
        raise ConfigError(f"frame: {found.shape[1]} × {found.shape[0]} pixels are no square")
    return found


def png(frame: Frames, times: int = 1) -> bytes:
    """A picture of a frame, enlarged by whole multiples."""
    out = io.BytesIO()
    Image.fromarray(frame.repeat(times, 0).repeat(times, 1)).save(out, "PNG")
    return out.getvalue()


def described(frame: Frames, cells: int = 8) -> str:
    """The colours of a frame in words, row by row on a coarse grid, runs of one colour told once."""
    step = max(1, len(frame) // cells)
    cut = frame[: len(frame) // step * step, : len(frame) // step * step].astype(np.float64)
    count = len(cut) // step
    means = cut.reshape(count, step, count, step, 3).mean((1, 3))
    names, values = list(COLOURS), np.array(list(COLOURS.values()), np.float64)
    nearest = ((means[:, :, None] - values) ** 2).sum(-1).argmin(-1)
    return "\n".join(_runs([names[at] for at in row]) for row in nearest)


def _runs(row: list[str]) -> str:
    told: list[list[str]] = []
    for name in row:
        if told and told[-1][0] == name:
            told[-1].append(name)
        else:
            told.append([name])
    return ", ".join(f"{len(run)} {run[0]}" if len(run) > 1 else run[0] for run in told)
