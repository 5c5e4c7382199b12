"""`car-tracks`: race tracks that a driver neither always nor never gets round, of every length and number of turns."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, ClassVar

from wunderkammer.core.abilities import Evaluator, Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Kind, Lab, Outcome
from wunderkammer.domains.paired.car_edits import edited, scattered
from wunderkammer.domains.paired.car_layout import (
    AXES,
    Complexity,
    TrackLayout,
    TrackOptions,
    cell_of,
    complexity,
)
from wunderkammer.domains.paired.car_proposal import proposed
from wunderkammer.domains.paired.extra import with_jax
from wunderkammer.domains.paired.layout import seed_of
from wunderkammer.domains.paired.proposers import who_proposed
from wunderkammer.worlds.car import text
from wunderkammer.worlds.car.drawing import svg

if TYPE_CHECKING:
    from wunderkammer.domains.paired.car_play import Driven, Speedway


class TrackSearch:
    """Tracks by learnability or regret. Implements Domain, Evaluates, Explains, Rates and Views."""

    name: ClassVar[str] = "car-tracks"
    kind: ClassVar[Kind] = "environment"
    title: ClassVar[str] = "Race tracks at the frontier of a driver's ability: length × sharp turns"
    axes: ClassVar[Mapping[str, Sequence[str]]] = AXES
    genome: ClassVar[type[Frozen]] = TrackLayout
    options: ClassVar[type[Frozen]] = TrackOptions
    together: ClassVar[int] = 128
    evaluators: ClassVar[Sequence[Evaluator]] = (
        Evaluator(
            name="driver", measure="regret", threshold=0.5, rule="returns at least half a lap less than it could"
        ),
    )
    fitness_is: ClassVar[str] = "learnability p(1 − p) or regret of the driver, as the run was told"
    packages: ClassVar[Sequence[str]] = ("jax",)

    def __init__(self, options: Frozen) -> None:
        self.settings = TrackOptions.model_validate(options.model_dump())

    def seeds(self, rng: Random) -> Iterator[TrackLayout]:
        """Endless: points around the middle. Not every track can be driven round."""
        while True:
            yield TrackLayout(track=text.write(scattered(rng)))

    async def vary(self, parents: Sequence[Candidate[TrackLayout]], aim: Cell | None, lab: Lab) -> TrackLayout | None:
        """The first parent, changed by random edits or by the mutator model; without a parent, a scattered track is.
        None: the model's reply was no track, or nothing was changed."""
        own = self.settings
        parent = parents[0].genome.plan if parents else scattered(lab.rng)
        form = lab.pick(own.forms)
        if form == "model":
            drawn = await proposed(parent, aim, lab)
            return drawn.plan and TrackLayout(track=text.write(drawn.plan), by="model", repaired=drawn.faults)
        child = await asyncio.to_thread(edited, parent, aim, lab.rng, own.edits, own.moved, own.tries)
        return None if child == parent else TrackLayout(track=text.write(child), by="edits")

    def text(self, genome: TrackLayout) -> str:
        """The control points."""
        return genome.track

    async def evaluate(self, candidates: Sequence[Candidate[TrackLayout]], lab: Lab) -> Sequence[Outcome]:
        """The driver's episodes on all tracks, in one program. A track that lies on itself, or bends too sharply, has
        neither score nor cell.

        What a track is worth follows from its points and the options alone, not from what it is driven together with.
        """
        figures = [complexity(one.genome.plan) for one in candidates]
        drive = [one.genome for one, found in zip(candidates, figures, strict=True) if found.solvable]
        seeds = [seed_of(genome.track) for genome in drive]
        plans = [genome.plan for genome in drive]
        driven = iter(await asyncio.to_thread(self._speedway.play, plans, seeds) if drive else ())
        return [self._outcome(found, next(driven), lab) if found.solvable else _undrivable(found) for found in figures]

    def picture(self, genome: TrackLayout) -> Picture:
        """The track from above, with its control points."""
        plan = genome.plan
        found = complexity(plan)
        wrong = "" if found.solvable else "; it lies on itself or bends too sharply, and is not driven"
        caption = f"A track of {found.length:.0f} m with {found.sharp} sharp turns{wrong}"
        return Picture(media="image/svg+xml", data=svg(plan, points=True).encode(), caption=caption)

    def rollout(self, entry: Entry[TrackLayout], artifacts: Mapping[str, str]) -> Picture | None:
        """One drive, as fast as it was; None where the track was not driven."""
        kept = [artifacts[name] for name in entry.outcome.artifacts if name in artifacts]
        if not kept:
            return None
        clip = with_jax("wunderkammer.worlds.car.clip")
        drive = clip.Drive.load(Path(kept[0]).read_bytes())
        return Picture(
            media="image/gif",
            data=clip.gif(entry.candidate.genome.plan, drive),
            caption=f"A drive over {entry.outcome.notes.get('drive', 'a part')} of the track",
        )

    def sections(self, tried: Iterable[Entry[TrackLayout]]) -> Sequence[Section]:
        """How the ways to propose tracks fared, those that cannot be driven counted."""
        words = "A track that lies on itself or bends too sharply is remembered, and has neither a score nor a cell."
        return [who_proposed(tried, "tracks", "not drivable", words)]

    @cached_property
    def _speedway(self) -> Speedway:
        made: Speedway = with_jax("wunderkammer.domains.paired.car_play").Speedway(self.settings)
        return made

    def _outcome(self, found: Complexity, driven: Driven, lab: Lab) -> Outcome:
        return Outcome(
            score=driven.regret if self.settings.fitness == "regret" else driven.learnability,
            cell=cell_of(found),
            measures={
                "share": driven.share,
                "laps": driven.laps,
                "regret": driven.regret,
                "learnability": driven.learnability,
                "returned": driven.returned,
                "best": driven.best,
                **_measured(found),
            },
            notes={"drive": f"{driven.came:.0%}"},
            artifacts=(lab.keep(driven.drive.dump(), ".json"),),
        )


def _undrivable(found: Complexity) -> Outcome:
    why = "the road lies on itself" if found.crossings else "the road is too near itself, or bends too sharply"
    return Outcome(score=None, cell=None, measures=_measured(found), notes={"drive": why})


def _measured(found: Complexity) -> dict[str, float]:
    return {name: float(getattr(found, name)) for name in ("length", "curvature", "sharp", "tightest", "clearance")}
