"""`maze-levels`: mazes that are neither hopeless nor trivial for a student, of every density and length of way."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING, ClassVar

from wunderkammer.core.abilities import Evaluator, Picture, Section
from wunderkammer.core.contract import Candidate, Cell, Entry, Frozen, Kind, Lab, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.extra import with_jax
from wunderkammer.domains.paired.layout import seed_of
from wunderkammer.domains.paired.maze_edits import edited, scattered
from wunderkammer.domains.paired.maze_layout import AXES, MazeLayout, MazeOptions, cell_of
from wunderkammer.domains.paired.maze_proposal import proposed
from wunderkammer.domains.paired.proposers import who_proposed
from wunderkammer.worlds.maze import text
from wunderkammer.worlds.maze.drawing import svg
from wunderkammer.worlds.maze.perfect import perfect
from wunderkammer.worlds.maze.text import Plan
from wunderkammer.worlds.maze.trail import Complexity, complexity, trail

if TYPE_CHECKING:
    from wunderkammer.domains.paired.maze_play import Played, Playground

_PERFECT_EVERY = 4
"""One seed in so many is a perfect maze, where the size allows one; the others are scattered walls."""


class MazeSearch:
    """Environments by regret or learnability. Implements Domain, Evaluates, Explains, Rates and Views."""

    name: ClassVar[str] = "maze-levels"
    kind: ClassVar[Kind] = "environment"
    title: ClassVar[str] = "Mazes at the frontier of a student's ability: wall density × length of the way"
    axes: ClassVar[Mapping[str, Sequence[str]]] = AXES
    genome: ClassVar[type[Frozen]] = MazeLayout
    options: ClassVar[type[Frozen]] = MazeOptions
    together: ClassVar[int] = 256
    evaluators: ClassVar[Sequence[Evaluator]] = (
        Evaluator(name="student", measure="regret", threshold=0.5, rule="returns at least 0.5 less than the best"),
    )
    fitness_is: ClassVar[str] = "learnability p(1 − p) or regret of the student, as the run was told"
    packages: ClassVar[Sequence[str]] = ("jax",)

    def __init__(self, options: Frozen) -> None:
        self.settings = MazeOptions.model_validate(options.model_dump())

    def seeds(self, rng: Random) -> Iterator[MazeLayout]:
        """Endless: scattered walls, now and then a perfect maze. Not every one can be solved."""
        size, number = self.settings.size, 0
        while True:
            number += 1
            whole = number % _PERFECT_EVERY == 0 and size % 2
            plan = perfect(size, size, rng) if whole else scattered(size, self.settings.walls, rng)
            yield MazeLayout(map=text.write(plan))

    async def vary(self, parents: Sequence[Candidate[MazeLayout]], aim: Cell | None, lab: Lab) -> MazeLayout | None:
        """The first parent, changed by random edits, by the mutator model or by a learned adversary; without a parent,
        scattered walls are changed. None: the model's drawing was no maze, or nothing was changed."""
        size = self.settings.size
        parent = parents[0].genome.plan if parents else scattered(size, self.settings.walls, lab.rng)
        form = lab.pick(self.settings.forms)
        if form == "model":
            drawn = await proposed(parent, aim, lab)
            return drawn.plan and MazeLayout(map=text.write(drawn.plan), by="model", repaired=drawn.faults)
        if form == "teacher":
            child = await asyncio.to_thread(self._taught, parent, lab.rng.getrandbits(32))
        else:
            child = edited(parent, aim, lab.rng, self.settings.edits, self.settings.tries)
        return None if child == parent else MazeLayout(map=text.write(child), by=form)

    def text(self, genome: MazeLayout) -> str:
        """The map."""
        return genome.map

    async def evaluate(self, candidates: Sequence[Candidate[MazeLayout]], lab: Lab) -> Sequence[Outcome]:
        """The student's episodes in all mazes, in one program. A maze without a way has neither score nor cell.

        What a maze is worth follows from its map and the options alone, not from what it is played together with.
        """
        figures = [complexity(one.genome.plan) for one in candidates]
        play = [one.genome for one, found in zip(candidates, figures, strict=True) if found.path is not None]
        for genome in play:
            self._check_size(genome)
        seeds = [seed_of(genome.map) for genome in play]
        plans = [genome.plan for genome in play]
        played = iter(await asyncio.to_thread(self._playground.play, plans, seeds) if play else ())
        return [
            _without_way(found) if found.path is None else self._outcome(found, next(played), lab) for found in figures
        ]

    def picture(self, genome: MazeLayout) -> Picture:
        """The maze, and the shortest way through it."""
        plan, way = genome.plan, trail(genome.plan)
        caption = f"A maze with a shortest way of {len(way) - 1} steps" if way else "A maze without a way to its goal"
        return Picture(media="image/svg+xml", data=svg(plan, way).encode(), caption=caption)

    def rollout(self, entry: Entry[MazeLayout], artifacts: Mapping[str, str]) -> Picture | None:
        """One episode of the student, step by step; None where the maze was not played."""
        kept = [artifacts[name] for name in entry.outcome.artifacts if name in artifacts]
        if not kept:
            return None
        clip = with_jax("wunderkammer.worlds.maze.clip")
        track = clip.Track.load(Path(kept[0]).read_bytes())
        steps = len(track.places)
        how = "reaches the goal" if entry.outcome.notes.get("episode") == "solved" else "does not reach the goal"
        return Picture(
            media="image/gif", data=clip.gif(entry.candidate.genome.plan, track), caption=f"In {steps} steps it {how}"
        )

    def sections(self, tried: Iterable[Entry[MazeLayout]]) -> Sequence[Section]:
        """How the ways to propose mazes fared, unsolvable mazes counted."""
        words = "A maze without a way to its goal is remembered, and has neither a score nor a cell."
        return [who_proposed(tried, "mazes", "no way to the goal", words)]

    @cached_property
    def _playground(self) -> Playground:
        return with_jax("wunderkammer.domains.paired.maze_play").Playground(self.settings)

    def _taught(self, parent: Plan, seed: int) -> Plan:
        """The learned adversary's change of a maze; it knows no aims."""
        play = with_jax("wunderkammer.domains.paired.maze_play")
        return play.taught(Path(self.settings.teacher), parent, seed)

    def _check_size(self, genome: MazeLayout) -> None:
        plan, size = genome.plan, self.settings.size
        if (plan.height, plan.width) != (size, size):
            raise ConfigError(
                f"a maze of {plan.height} x {plan.width} in a run of {size} x {size}; run it with -o size={plan.height}"
            )

    def _outcome(self, found: Complexity, played: Played, lab: Lab) -> Outcome:
        score = played.regret if self.settings.fitness == "regret" else played.learnability
        return Outcome(
            score=score,
            cell=cell_of(found),
            measures={
                "solved": played.solved,
                "regret": played.regret,
                "learnability": played.learnability,
                "returned": played.returned,
                "best": played.best,
                "actions": played.actions,
                "path": float(found.path or 0),
                "walls": found.walls,
                "density": found.density,
            },
            notes={"episode": "solved" if played.arrived else "not solved"},
            artifacts=(lab.keep(played.track.dump(), ".json"),),
        )


def _without_way(found: Complexity) -> Outcome:
    return Outcome(
        score=None,
        cell=None,
        measures={"path": 0, "walls": found.walls, "density": found.density},
        notes={"episode": "there is no way to the goal"},
    )
