"""Imitation from observation: an expert is only watched, its actions are guessed by a learned world, and a few of them
that are known translate the guesses.

Source: Bruce et al. 2024, section 4.3. The action model labels the frames of an expert in levels that the world never
saw; a policy learns to choose the same latent actions; a table from latent to true action is made of at most a few
hundred labelled frames. Beside it stand the same policy learned from all true actions, from latent actions drawn by
chance, and from the few labelled frames alone; and who acts at random.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import NamedTuple

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.ids import rng_for
from wunderkammer.domains.genie import intervals, meaning
from wunderkammer.domains.genie.imitating import ImitationOptions
from wunderkammer.domains.genie.intervals import Estimate
from wunderkammer.domains.genie.onlooker import Onlooker
from wunderkammer.learners.video.world_model import WorldModel
from wunderkammer.worlds.film.experts import expert
from wunderkammer.worlds.film.fit import fit
from wunderkammer.worlds.film.games import Frames, Games
from wunderkammer.worlds.film.recording import GameFilm, Take, episodes, wanderer

FILE = "imitation.json"
ENOUGH = 0.9
"""Share of the solve rate of cloning true actions that imitation must reach."""
EXPERT_LEVELS, TEST_LEVELS = 1_000_000, 2_000_000
"""Where the levels of the expert's videos and of the examination begin: no world was trained on any of them."""
STUDENTS = ("latent", "true", "chance", "few", "random")


class Student(Frozen):
    """What one way of learning comes to, over all levels and seeds."""

    solved: Estimate
    """Share of the episodes."""
    returned: Estimate


class Imitation(Frozen):
    """All figures."""

    game: str
    options: ImitationOptions
    watched: int
    """Frames of the expert from which latent actions were inferred."""
    told: float
    """How often the table, made of the labelled frames, tells the true action of the rest."""
    majority: float
    """How often the most frequent action does."""
    students: dict[str, Student]
    """latent: from watching; true: from all true actions; chance: from latent actions drawn at random; few: from the
    true actions of the labelled frames alone; random: acts at random."""
    solved: dict[str, tuple[tuple[int, ...], ...]]
    """The same, episode by episode: a row per seed, a column per game; the columns of all students are the same
    levels."""
    share: Estimate
    """Solve rate of `latent` over that of `true`."""
    share_of_chance: Estimate
    """The same of `chance`."""

    @property
    def reached(self) -> bool:
        """The gate: `ENOUGH` of cloning is reached, and not by latent actions drawn at random."""
        return self.share.value >= ENOUGH and self.share_of_chance.value < ENOUGH

    def measures(self) -> dict[str, float]:
        """The figures by name."""
        found = {f"solved_{name}": one.solved.value for name, one in self.students.items()}
        return found | {
            "share": self.share.value,
            "share_low": self.share.low,
            "share_of_chance": self.share_of_chance.value,
            "told": self.told,
            "reached": float(self.reached),
        }


class Lessons(NamedTuple):
    """What an expert showed: pairs of frames, and what is said of them."""

    seen: Frames
    """(n, 2, side, side, 3): the frame before, and the frame at which the action is taken."""
    actions: NDArray[np.int64]
    """(n,): true."""
    codes: NDArray[np.int64]
    """(n,): latent, as the world infers them from the frame that follows."""


@dataclass(frozen=True)
class Classroom:
    """A world, a game, and how it is done.

    world: whose action model watches. source: the game, of the world's size of frames; its levels are replaced.
    """

    world: WorldModel
    source: GameFilm
    options: ImitationOptions

    def watch(self) -> Lessons:
        """See the expert play in levels of its own."""
        options = self.options
        with self._open(EXPERT_LEVELS, options.watched, 0) as games:
            player = expert(self.source.game, games, np.random.default_rng(0))
            takes = [one for one in episodes(games, player, options.steps, self.source.side) if len(one.frames) > 1]
        codes = infer(self.world, takes)
        return Lessons(
            np.concatenate([pairs(one.frames)[:-1] for one in takes]),
            np.concatenate([one.labels["action"][:-1].astype(np.int64) for one in takes]),
            np.concatenate(codes),
        )

    def examine(self, act: Callable[[Frames, np.random.Generator], NDArray[np.int64]], seed: int) -> Report:
        """Let somebody play the first episode of each game, always the same ones.

        act: chooses an action for each of (n, 2, side, side, 3).
        """
        options, rng = self.options, np.random.default_rng(seed)
        with self._open(TEST_LEVELS, options.levels, 1) as games:
            scene = games.see()
            levels, over = scene.levels.astype(str), np.zeros(options.levels, np.bool_)
            returned = np.zeros(options.levels)
            before = frames = fit(scene.frames, self.source.side)
            for _ in range(options.horizon):
                games.act(act(np.stack([before, frames], 1), rng))
                scene = games.see()
                returned += np.where(over, 0, scene.rewards)
                over |= scene.firsts
                if over.all():
                    break
                now = fit(scene.frames, self.source.side)
                before = np.where(scene.firsts[:, None, None, None], now, frames)
                frames = now
        return Report(levels, (returned > 0).astype(np.float64), returned)

    @property
    def actions(self) -> int:
        """True ones."""
        return self.source.actions or 0

    def _open(self, first: int, count: int, seed: int) -> Games:
        return replace(self.source, first_level=first, levels=100_000).open(seed, count)


class Report(NamedTuple):
    """What came of the games of an examination, each (levels,)."""

    levels: NDArray[np.str_]
    solved: NDArray[np.float64]
    returned: NDArray[np.float64]


def imitate(
    world: WorldModel,
    source: GameFilm,
    options: ImitationOptions = ImitationOptions(),
    keep: Path | None = None,
    tell: Callable[[int, int, str], None] | None = None,
) -> Imitation:
    """Watch, learn in all ways, and play.

    keep: a folder for `imitation.json`. tell: hears what is done, of how much, and which student is next.

    Raises:
        ConfigError: nobody here can play the game, or all that is watched would be labelled.
    """
    room = Classroom(world, source, options)
    lessons = room.watch()
    if len(lessons.actions) <= options.labelled:
        raise ConfigError(
            f"{options.labelled} labelled of {len(lessons.actions)} frames watched: nothing is left to guess"
        )
    reports: dict[str, list[Report]] = {name: [] for name in STUDENTS}
    told: list[tuple[float, float]] = []
    turns = [(seed, name) for seed in range(options.seed, options.seed + options.seeds) for name in STUDENTS]
    for at, (seed, name) in enumerate(turns):
        if tell is not None:
            tell(at, len(turns), name)
        known = np.random.default_rng([seed, 0]).permutation(len(lessons.actions))[: options.labelled]
        act = _student(name, room, lessons, known, seed)
        reports[name].append(room.examine(act, seed))
        if name == "latent":
            told.append(_told(lessons, known, world.actions))
    found = Imitation(
        game=source.game,
        options=options,
        watched=len(lessons.actions),
        told=float(np.mean([one for one, _ in told])),
        majority=float(np.mean([one for _, one in told])),
        students={name: _summed(of) for name, of in reports.items()},
        solved={name: tuple(tuple(map(int, one.solved)) for one in of) for name, of in reports.items()},
        share=_share(reports["latent"], reports["true"]),
        share_of_chance=_share(reports["chance"], reports["true"]),
    )
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / FILE).write_text(found.model_dump_json(indent=1), "utf-8")
    return found


def infer(world: WorldModel, takes: Sequence[Take]) -> list[NDArray[np.int64]]:
    """The latent actions of episodes, each (time - 1,); those of one length are done together."""
    of: dict[int, list[int]] = {}
    for at, one in enumerate(takes):
        of.setdefault(len(one.frames), []).append(at)
    found: dict[int, NDArray[np.int64]] = {}
    for alike in of.values():
        for start in range(0, len(alike), 32):
            some = alike[start : start + 32]
            codes = world.infer(torch.from_numpy(np.stack([takes[at].frames for at in some])))
            found |= dict(zip(some, codes.cpu().numpy(), strict=True))
    return [found[at] for at in range(len(takes))]


def pairs(frames: Frames) -> Frames:
    """(time, 2, …): each frame with the one before; the first with itself."""
    return np.stack([np.concatenate([frames[:1], frames[:-1]]), frames], 1)


def clone(seen: Frames, wanted: NDArray[np.int64], size: int, options: ImitationOptions, seed: int) -> Onlooker:
    """A policy that chooses as was chosen: cross-entropy, Adam, `updates` batches."""
    torch.manual_seed(rng_for("imitation", seed).getrandbits(62))
    policy = Onlooker(seen.shape[2], size, options.width)
    optimiser = torch.optim.Adam(policy.parameters(), options.rate)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, options.rate, options.updates)
    dice = np.random.default_rng([seed, 2])
    for _ in range(options.updates):
        drawn = dice.integers(len(seen), size=options.batch)
        loss = functional.cross_entropy(policy(torch.from_numpy(seen[drawn])), torch.from_numpy(wanted[drawn]))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
    return policy.eval()


def _student(
    name: str, room: Classroom, lessons: Lessons, known: NDArray[np.int64], seed: int
) -> Callable[[Frames, np.random.Generator], NDArray[np.int64]]:
    """Who has learned in one of the ways."""
    options, size = room.options, room.world.actions
    if name == "random":
        dice = np.random.default_rng([seed, 3])
        player = wanderer(room.source.game, room.actions, dice)
        return lambda seen, _: player.draw(len(seen))
    if name == "true":
        return clone(lessons.seen, lessons.actions, room.actions, options, seed).act
    if name == "few":
        return clone(lessons.seen[known], lessons.actions[known], room.actions, options, seed).act
    codes = lessons.codes
    if name == "chance":
        codes = np.random.default_rng([seed, 4]).integers(size, size=len(codes))
    table = meaning.mapping(codes[known], lessons.actions[known], size)
    policy = clone(lessons.seen, codes, size, options, seed)
    return lambda seen, rng: table[policy.act(seen, rng)]


def _told(lessons: Lessons, known: NDArray[np.int64], size: int) -> tuple[float, float]:
    """How often the table is right where it was not made, and how often the most frequent action is."""
    rest = np.setdiff1d(np.arange(len(lessons.actions)), known)
    table = meaning.mapping(lessons.codes[known], lessons.actions[known], size)
    most = np.bincount(lessons.actions[known]).argmax()
    return float((table[lessons.codes[rest]] == lessons.actions[rest]).mean()), float(
        (lessons.actions[rest] == most).mean()
    )


def _summed(reports: Sequence[Report]) -> Student:
    levels = np.concatenate([one.levels for one in reports])
    return Student(
        solved=intervals.mean(np.concatenate([one.solved for one in reports]), levels),
        returned=intervals.mean(np.concatenate([one.returned for one in reports]), levels),
    )


def _share(ours: Sequence[Report], theirs: Sequence[Report]) -> Estimate:
    """Ratio of solve rates; levels, and the seeds of the policies with them, are drawn anew."""
    one, other = (np.stack([report.solved for report in of]) for of in (ours, theirs))
    rng = np.random.default_rng(0)
    seeds, levels = one.shape
    found = []
    for _ in range(2000):
        rows, columns = rng.integers(seeds, size=seeds), rng.integers(levels, size=levels)
        whole = other[np.ix_(rows, columns)].mean()
        found.append(one[np.ix_(rows, columns)].mean() / max(whole, 1e-9))
    low, high = np.quantile(found, [0.025, 0.975])
    return Estimate(value=float(one.mean() / max(other.mean(), 1e-9)), low=float(low), high=float(high))
