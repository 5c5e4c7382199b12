"""Learning inside a learned world, and what that is worth in the true game: PPO in both, examined in both.

What is rewarded in the world is learned from frames of known reward, and what its actions mean in the true game from a
few hundred labelled ones; so the gap between the two returns holds all that is wrong with the world, with its reward
and with the translation.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.frozen import Frozen
from wunderkammer.domains.genie import intervals
from wunderkammer.domains.genie.dream import Dream, Earns
from wunderkammer.domains.genie.dreaming import DreamOptions
from wunderkammer.domains.genie.imitating import ImitationOptions
from wunderkammer.domains.genie.imitation import TEST_LEVELS, Classroom, Report
from wunderkammer.domains.genie.intervals import Estimate
from wunderkammer.domains.genie.reward import RewardHead
from wunderkammer.domains.genie.truth import Translation, translation
from wunderkammer.learners.practice import Acts, Practice, sighted
from wunderkammer.learners.video.world_model import WorldModel
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.fit import fit
from wunderkammer.worlds.film.games import Frames, Games
from wunderkammer.worlds.film.recording import GameFilm

FILE = "dreaming.json"
TRAINED_LEVELS = 4_000_000
"""Where the levels begin in which the student of the true game learns."""
Tell = Callable[[int, int, str], None]


class Dreaming(Frozen):
    """All figures: shares of episodes that arrive, over levels and seeds."""

    game: str
    options: DreamOptions
    told: float
    """How often the translation is right in frames it was not made of."""
    most: float
    """How often the most frequent true action is."""
    dreamt: Estimate
    """Who learned in the world, in the world."""
    waking: Estimate
    """The same, in the true game."""
    gap: Estimate
    """dreamt - waking, level by level."""
    random_dreamt: Estimate
    """Latent actions by chance, in the world."""
    random_waking: Estimate
    """The same, translated, in the true game."""
    gain: Estimate
    """waking - random_waking, level by level: what learning in the world is worth."""
    awake: Estimate
    """Who learned in the true game for as many steps, in the true game."""
    curves: dict[str, tuple[tuple[float, ...], ...]]
    """What a step earned, update by update, a row per seed: `dreamer` and `awake`."""

    def measures(self) -> dict[str, float]:
        """The figures by name."""
        names = ("dreamt", "waking", "gap", "random_dreamt", "random_waking", "gain", "awake")
        found = {name: getattr(self, name).value for name in names}
        return found | {"gain_low": self.gain.low, "told": self.told, "most": self.most}


@dataclass(frozen=True)
class Bedroom:
    """A world, its film, its true game."""

    world: WorldModel
    film: Film
    source: GameFilm
    options: DreamOptions

    @cached_property
    def translation(self) -> Translation:
        return translation(self.world, self.source, self.options.labelled)

    @cached_property
    def earns(self) -> Earns:
        return RewardHead.fitted(self.film, self.options.pairs, self.options.judging).many

    @cached_property
    def prompts(self) -> Frames:
        """To learn from."""
        return next(self.film.clips("train").batches(0, self.options.prompts, 1))[:, 0]

    def dream(self, seed: int) -> Dream:
        """To learn in."""
        return self._dream(self.prompts, self.options.games, seed)

    def _dream(self, prompts: Frames, count: int, seed: int, *, ordered: bool = False) -> Dream:
        options = self.options
        return Dream(
            self.world,
            prompts,
            self.earns,
            count,
            options.horizon,
            seed,
            ordered=ordered,
            rounds=options.rounds,
            temperature=options.temperature,
        )

    def game(self, seed: int) -> Games:
        """The true one, to learn in."""
        return replace(self.source, first_level=TRAINED_LEVELS, levels=100_000).open(seed, self.options.games)

    def in_dream(self, act: Acts, seed: int) -> Report:
        """The first episodes from the beginnings of unseen levels, in the world."""
        with replace(self.source, first_level=TEST_LEVELS, levels=100_000).open(1, self.options.levels) as games:
            scene = games.see()
            levels, first = scene.levels.astype(str), fit(scene.frames, self.source.side)
        dream = self._dream(first, self.options.levels, seed, ordered=True)
        solved, over = np.zeros(len(first)), np.zeros(len(first), np.bool_)
        for _ in range(self.options.horizon):
            dream.act(act(dream.see().frames))
            scene = dream.see()
            solved += np.where(over, 0, scene.rewards)
            over |= scene.firsts
            if over.all():
                break
        return Report(levels, solved, solved)

    def awake(self, act: Acts, seed: int, table: NDArray[np.int64] | None) -> Report:
        """The same levels in the true game. table: from latent actions; None: it acts by true ones."""
        options = ImitationOptions(levels=self.options.levels, horizon=self.options.horizon)
        room = Classroom(self.world, self.source, options)

        def chosen(seen: Frames, _: np.random.Generator) -> NDArray[np.int64]:
            found = act(seen[:, 1])
            return found if table is None else table[found]

        return room.examine(chosen, seed)


def dream(
    world: WorldModel,
    film: Film,
    source: GameFilm,
    options: DreamOptions = DreamOptions(),
    keep: Path | None = None,
    tell: Tell | None = None,
) -> Dreaming:
    """Learn in the world and in the true game, and examine both in levels that nobody knows.

    keep: a folder for `dreaming.json`. tell: hears how many updates are done, of how many, and whose.

    Raises:
        ConfigError: the film is of another size than the world, or shows nothing that is earned; the game cannot be
            started.
    """
    film.require(world.settings.side)
    room = Bedroom(world, film, source, options)
    parts: dict[str, list[Report]] = {
        name: [] for name in ("dreamt", "waking", "random_dreamt", "random_waking", "awake")
    }
    curves: dict[str, list[tuple[float, ...]]] = {"dreamer": [], "awake": []}
    total = 2 * options.updates * options.seeds
    table = room.translation.table
    for turn in range(options.seeds):
        seed = options.seed + turn
        for name, actions, games in (
            ("dreamer", world.actions, room.dream(seed)),
            ("awake", source.actions or 0, room.game(seed)),
        ):
            done = (2 * turn + (name == "awake")) * options.updates
            student = Practice(sighted(actions, source.side, options.width), source.side, seed, steps=options.steps)
            with games:
                learned = student.learn(games, options.updates, _told(tell, done, total, name))
            curves[name].append(tuple(round(one, 5) for one in learned))
            if name == "awake":
                parts["awake"].append(room.awake(student.actor(seed), seed, None))
            else:
                parts["dreamt"].append(room.in_dream(student.actor(seed), seed))
                parts["waking"].append(room.awake(student.actor(seed), seed, table))
        parts["random_dreamt"].append(room.in_dream(_chance(world.actions, seed), seed))
        parts["random_waking"].append(room.awake(_chance(world.actions, seed), seed, table))
    found = Dreaming(
        game=source.game,
        options=options,
        told=room.translation.right,
        most=room.translation.most,
        **{name: _mean(reports) for name, reports in parts.items()},
        gap=_difference(parts["dreamt"], parts["waking"]),
        gain=_difference(parts["waking"], parts["random_waking"]),
        curves={name: tuple(rows) for name, rows in curves.items()},
    )
    if keep is not None:
        keep.mkdir(parents=True, exist_ok=True)
        (keep / FILE).write_text(found.model_dump_json(indent=1), "utf-8")
    return found


def _chance(actions: int, seed: int) -> Acts:
    dice = np.random.default_rng([seed, 5])
    return lambda frames: dice.integers(actions, size=len(frames))


def _told(tell: Tell | None, done: int, total: int, name: str) -> Callable[[int, float], None] | None:
    return None if tell is None else lambda turn, _: tell(done + turn, total, name)


def _mean(reports: list[Report]) -> Estimate:
    return intervals.mean(np.concatenate([one.solved for one in reports]), _levels(reports))


def _difference(ones: list[Report], others: list[Report]) -> Estimate:
    """Level by level; both are in the same order."""
    apart = np.concatenate([one.solved - other.solved for one, other in zip(ones, others, strict=True)])
    return intervals.mean(apart, _levels(ones))


def _levels(reports: list[Report]) -> NDArray[np.str_]:
    return np.concatenate([one.levels for one in reports])
