"""`genie-worlds`: frames from which a learned world goes on as it is told, of every look."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from random import Random
from statistics import fmean
from typing import ClassVar

import numpy as np

from wunderkammer.core.abilities import Evaluator, Picture, Quarters, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Kind, Lab, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.genie import prompts
from wunderkammer.domains.genie.origin import side_of
from wunderkammer.domains.genie.shipped import located
from wunderkammer.domains.genie.study import ENVIRONMENT
from wunderkammer.domains.genie.worlds_booth import SQUARE_SIDE, SQUARES, Opening, Take
from wunderkammer.domains.genie.worlds_edits import Edit, applied, drawn
from wunderkammer.domains.genie.worlds_looks import Looks
from wunderkammer.domains.genie.worlds_projector import Projector
from wunderkammer.domains.genie.worlds_prompt import (
    CLUSTERS,
    By,
    Prompt,
    WorldsOptions,
    axes_of,
    bin_of,
    described,
    packed,
    png,
    unpacked,
)
from wunderkammer.domains.genie.worlds_proposal import proposed
from wunderkammer.learners.video.squares import Squares
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.games import Frames
from wunderkammer.worlds.film.shards import Split

_TALL = 192
"""Pixels of a picture's side at least, by whole multiples."""


class GenieWorlds:
    """Environments by control. Implements Awaits, Domain, Evaluates, Explains, Quartered, Rates, Redraws and Views."""

    name: ClassVar[str] = "genie-worlds"
    kind: ClassVar[Kind] = "environment"
    title: ClassVar[str] = "Frames from which a learned world can be played: controllability × look"
    axes: Mapping[str, Sequence[str]] = axes_of(CLUSTERS)
    genome: ClassVar[type[Frozen]] = Prompt
    options: ClassVar[type[Frozen]] = WorldsOptions
    together: ClassVar[int] = 64
    environment: ClassVar[str] = ENVIRONMENT
    evaluators: ClassVar[Sequence[Evaluator]] = (
        Evaluator(name="control", measure="score", threshold=0.0, rule="the action changes more than chance and decay"),
        Evaluator(name="new", measure="newness", threshold=2.0, rule="twice as far from the film as its frames lie"),
    )
    fitness_is: ClassVar[str] = "control − noise − decay, in grey levels"

    def __init__(self, options: Frozen) -> None:
        self.settings = WorldsOptions.model_validate(options.model_dump())
        self.axes = axes_of(self.settings.clusters)
        self._quarters: Quarters | None = None

    def quartered(self, quarters: Quarters) -> GenieWorlds:
        """With its world shown there. `ConfigError` where there is no world, nothing to begin from, or the film is of
        another size."""
        found = GenieWorlds(self.settings)
        found._quarters = quarters
        _ = found._beginnings  # looked at now, while nothing has been begun
        return found

    def awaited(self) -> str:
        """A trained world."""
        if self.settings.world != SQUARES:
            return ""
        return 'its world of squares has learned next to nothing; world = "FOLDER" names one of `wunder genie train`'

    def redrawn(self, salt: str, times: int) -> GenieWorlds:
        """By other draws."""
        changes = {"salt": salt, "draws": max(2, times)}
        return GenieWorlds(self.settings.model_copy(update=changes))

    # ---- proposing -------------------------------------------------------------------------------------------------

    def seeds(self, rng: Random) -> Iterator[Prompt]:
        """Endless: frames that were kept, and changed ones once those are used up."""
        frames = self._beginnings
        order = rng.sample(range(len(frames)), len(frames))
        for at in order:
            yield Prompt(frame=packed(frames[at]), way=f"frame {at}")
        while True:
            at = rng.randrange(len(frames))
            edits = [drawn(rng) for _ in range(rng.randint(1, self.settings.edits))]
            yield _child(frames[at], f"frame {at}", edits, frames, "seed")

    async def vary(self, parents: Sequence[Candidate[Prompt]], aim: Cell | None, lab: Lab) -> Prompt | None:
        """The first parent, or without one a kept frame, changed by random edits or by the mutator model. None: nothing
        was changed, or the model named no change."""
        frames = self._beginnings
        at = lab.rng.randrange(len(frames))
        frame, way = (parents[0].genome.pixels, parents[0].genome.way) if parents else (frames[at], f"frame {at}")
        if lab.pick(self.settings.forms) == "model":
            edits = await proposed(frame, way, aim, lab, self.settings.edits)
            child = _child(frame, way, edits, frames, "model")
        else:
            child = self._edited(frame, way, aim, lab.rng)
        return None if np.array_equal(child.pixels, frame) else child

    def text(self, genome: Prompt) -> str:
        """Its colours on a coarse grid, and how it came to be."""
        frame = genome.pixels
        return f"A frame of {len(frame)} pixels ({genome.way or 'given'}):\n{described(frame)}"

    # ---- evaluating ------------------------------------------------------------------------------------------------

    async def evaluate(self, candidates: Sequence[Candidate[Prompt]], lab: Lab) -> Sequence[Outcome]:
        """Rollouts from all frames. What one is worth follows from its pixels, the world and the options alone, not
        from what it is shown together with."""
        projector = self._projector
        takes = await asyncio.to_thread(projector.show, [one.genome.frame for one in candidates])
        looks = lab.keep(self._looks.dump(), ".json")
        return [self._outcome(one.genome, take, looks, lab) for one, take in zip(candidates, takes, strict=True)]

    def _outcome(self, genome: Prompt, take: Take, looks: str, lab: Lab) -> Outcome:
        figures = {name: round(value, 4) for name, value in take.figures.items()}
        score = round(figures["control"] - figures["noise"] - figures["decay"], 4)
        (look,) = self._looks.of(unpacked(take.painted)[None])
        figures["newness"] = round(float(self._looks.newness(genome.pixels[None])[0]), 4)
        kept = (lab.keep(take.clip, ".gif"),) if score >= self.settings.clips_from else ()
        return Outcome(
            score=score,
            cell=(bin_of(figures["control"]), self.axes["look"][look]),
            measures=figures,
            notes={"world": self._projector.weights},
            artifacts=(*kept, looks),
        )

    def _edited(self, frame: Frames, way: str, aim: Cell | None, rng: Random) -> Prompt:
        """The first of several children that has the look of the aim, else the last."""
        for _ in range(self.settings.tries):
            edits = [drawn(rng) for _ in range(rng.randint(1, self.settings.edits))]
            child = _child(frame, way, edits, self._beginnings, "edits")
            if aim is None or self.axes["look"][int(self._looks.of(child.pixels[None])[0])] == aim[1]:
                break
        return child

    # ---- what there is ---------------------------------------------------------------------------------------------

    @cached_property
    def _projector(self) -> Projector:
        options = self.settings
        world = options.world if options.world == SQUARES else str(located(Path(options.world)).resolve())
        fields = options.model_dump(include={"horizon", "draws", "threads", "device", "salt"})
        return Projector(Opening(world=world, **fields), self._quarters)

    @cached_property
    def _looks(self) -> Looks:
        return Looks.fitted(self._frames("train", 0), self.settings.clusters, self.settings.seed)

    @cached_property
    def _beginnings(self) -> Frames:
        """What there is to begin from, (n, side, side, 3)."""
        return self._frames("test", 1)

    def _frames(self, split: Split, salt: int) -> Frames:
        options, film = self.settings, self._film()
        if options.world == SQUARES:
            return next(Squares(SQUARE_SIDE, salt=salt).batches(options.seed, options.frames, 1))[:, 0]
        if film is not None:
            return next(film.clips(split).batches(options.seed, options.frames, 1))[:, 0]
        found = prompts.read(located(Path(options.world)), self._side)
        if not len(found):
            raise ConfigError(f"{options.world} came without frames to begin from; name a film: -o film=FOLDER")
        return found

    def _film(self) -> Film | None:
        options = self.settings
        if options.world == SQUARES:
            if options.film:
                raise ConfigError("film: a world of squares needs none; name a world of this film: -o world=FOLDER")
            return None
        side = self._side
        if not options.film:
            return None
        film = Film(Path(options.film).expanduser())
        film.require(side)
        return film

    @cached_property
    def _side(self) -> int:
        """Pixels of the world's frames, without opening its weights."""
        return side_of(located(Path(self.settings.world)))

    # ---- telling ---------------------------------------------------------------------------------------------------

    def picture(self, genome: Prompt) -> Picture:
        """The frame."""
        frame = genome.pixels
        words = f"A frame to begin from: {genome.way or 'given'}"
        return Picture(media="image/png", data=png(frame, -(-_TALL // len(frame))), caption=words)

    def rollout(self, entry: Entry[Prompt], artifacts: Mapping[str, str]) -> Picture | None:
        """Each latent action, held for some frames; None where nothing was kept."""
        files = (Path(artifacts[name]) for name in entry.outcome.artifacts if name in artifacts)
        for file in files:
            data = file.read_bytes()
            if data.startswith(b"GIF8"):
                words = "What the world shows under each of its latent actions, in two rows"
                return Picture(media="image/gif", data=data, caption=words)
        return None

    def sections(self, tried: Iterable[Entry[Prompt]]) -> Sequence[Section]:
        """What became of the frames, by who proposed them."""
        of: dict[str, list[Outcome]] = {}
        for entry in tried:
            of.setdefault(entry.candidate.genome.by, []).append(entry.outcome)
        names = ("control", "noise", "decay", "obeyed", "newness")
        rows = tuple(
            (
                by,
                len(found),
                len({one.cell for one in found if one.cell}),
                *(round(fmean([one.measures[name] for one in found]), 3) for name in names),
                max((one.score for one in found if one.score is not None), default=None),
            )
            for by, found in ((by, [one for one in many if one.error is None]) for by, many in of.items())
            if found
        )
        words = (
            "control: by how many grey levels frames differ because of the action (standard deviation, root mean "
            "square over pixels); noise: by chance under one action; decay: how much further the last frames are from "
            "what the tokenizer can paint than the first; obeyed: how often the action model reads the action that was "
            "told; newness: distance from the nearest frame of the film, in distances between those. Means."
        )
        columns = ("proposed by", "frames", "cells", *names, "best score")
        return [Section(title="Which frames make worlds", text=words, columns=columns, rows=rows)]


def _child(frame: Frames, way: str, edits: Sequence[Edit], others: Frames, by: By) -> Prompt:
    """A frame changed; of its way the beginning and the last changes are remembered."""
    root, *steps = way.split("; ") if way else ["given"]
    steps = [*steps, *map(str, edits)]
    while len("; ".join([root, *steps])) > 400:
        steps.pop(0)
    return Prompt(frame=packed(applied(frame, edits, others)), way="; ".join([root, *steps]), by=by)
