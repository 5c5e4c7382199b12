"""A school for footballers: imitate a bot, then improve by playing against oneself; its stages are kept.

    python -m wunderkammer.domains.madrid.school worlds/football/weights

makes the weights that come with the world. Started again with the same folder `--checkpoint` it goes on where it was
stopped.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import jax
import jax.numpy as jnp
import numpy as np
import optax

from wunderkammer.core.settings import checked
from wunderkammer.domains.madrid.schooling import SchoolSettings
from wunderkammer.learners.checkpoint import Checkpoints
from wunderkammer.learners.compilation import keep_compiled
from wunderkammer.learners.ppo import Figures, Learning, Ppo
from wunderkammer.learners.team import Players, Rival, contend, imitate, lessons
from wunderkammer.worlds.football import bots, match, mlp, observation
from wunderkammer.worlds.football import level as levels
from wunderkammer.worlds.football import players as shelf
from wunderkammer.worlds.football.level import Lineup
from wunderkammer.worlds.football.policy import Policy
from wunderkammer.worlds.football.state import State
from wunderkammer.worlds.football.world import Football
from wunderkammer.worlds.world import Key

REPEATS = 16
"""Matches from each level of the examination."""
SAVED_EVERY_S = 60.0


class Tell(Protocol):
    """Who hears how it goes."""

    def __call__(self, step: int, of: int | None = None, words: str = "", **figures: float) -> None: ...


class Desk(Protocol):
    """What a job finds in front of it; see `jobs/desk.py`."""

    @property
    def args(self) -> Mapping[str, Any]: ...
    @property
    def seed(self) -> int: ...
    @property
    def inputs(self) -> Mapping[str, Path]: ...
    @property
    def out(self) -> Path: ...
    @property
    def checkpoint(self) -> Path: ...
    @property
    def tell(self) -> Tell: ...


class Pupil(NamedTuple):
    """All that is learned."""

    learning: Learning
    imitating: Any
    """The state of the optimiser while imitating."""
    ranks: Any
    """The actors that were kept, along a first axis (1 + ranks): the clone, then the stages of self-play."""


class School:
    """The programs of one school."""

    def __init__(self, settings: SchoolSettings) -> None:
        self.settings = settings
        self.world = Football(settings.players, settings.steps)
        self.network = Players(self.world.actions, settings.hidden)
        self.ppo = Ppo(
            rate=settings.rate, discount=settings.discount, trace=settings.trace, epochs=settings.epochs,
            minibatches=settings.minibatches, entropy=settings.entropy,
        )  # fmt: skip
        steps = max(settings.lessons * settings.lesson_parts, 1)
        self.imitation = optax.adam(optax.cosine_decay_schedule(settings.lesson_rate, steps))
        self.pool = _levels(settings.seed, settings.pool, settings.players)
        self.every = max(settings.updates // settings.ranks, 1)
        """Updates between two ranks."""

    @property
    def rounds(self) -> int:
        """Of imitation and self-play together."""
        return self.settings.lessons + self.settings.updates

    def begin(self, key: Key) -> Pupil:
        """Somebody who has learned nothing."""
        learning = self.ppo.start(self.network, key, jnp.zeros(self.world.features))
        ranks = jax.tree.map(lambda leaf: jnp.stack([leaf] * (1 + self.settings.ranks)), learning.params["actor"])
        return Pupil(learning, self.imitation.init(learning.params), ranks)

    def lesson(self, pupil: Pupil, key: Key, turn: jax.Array) -> tuple[Pupil, Figures]:
        """A round of imitation, against the teacher, a weaker bot and oneself."""
        settings = self.settings
        to_play, to_draw, to_learn = jax.random.split(key, 3)
        teacher = Rival(bots.play, jnp.float32(settings.teacher))
        oneself = Rival(mlp.play, pupil.learning.params["actor"])
        rivals = [teacher, Rival(bots.play, jnp.float32(settings.teacher / 2)), oneself]
        own = settings.own * jnp.minimum(1.0, 4.0 * turn / max(settings.lessons, 1))
        given = lessons(
            self.world, teacher, oneself, rivals, to_play, self._draw(to_draw), settings.steps, own, self._weigh
        )
        params, state, figures = imitate(
            self.imitation, pupil.learning.params, pupil.imitating, to_learn, given, settings.lesson_parts
        )
        learning = Learning(params, pupil.learning.optimiser)
        actor = params["actor"]
        ranks = jax.tree.map(lambda kept, leaf: kept.at[0].set(leaf), pupil.ranks, actor)
        return Pupil(learning, state, ranks), figures

    def play(self, pupil: Pupil, key: Key, turn: jax.Array) -> tuple[Pupil, Figures]:
        """An update of self-play: a third of the matches against oneself, the others against kept stages.

        turn: updates of self-play before this one."""
        settings = self.settings
        to_draw, to_rivals, to_play, to_learn = jax.random.split(key, 4)
        kept = jax.random.randint(to_rivals, (2,), 0, turn // self.every + 1)
        past = [Rival(mlp.play, jax.tree.map(lambda leaf, at=at: leaf[at], pupil.ranks)) for at in kept]
        params = pupil.learning.params
        found = contend(
            self.world, self.network, params, [Rival(mlp.play, params["actor"]), *past], self.reward, to_play,
            self._draw(to_draw), settings.steps,
        )  # fmt: skip
        batch = self.ppo.batch((), found.seen, found.last_value)
        # For a while only the critic has something to learn: it begins with nothing, and would mislead the actor.
        learning, figures = self.ppo.update(self.network, to_learn, pupil.learning, batch)
        warm = turn < settings.report
        actor = jax.tree.map(lambda old, new: jnp.where(warm, old, new), params["actor"], learning.params["actor"])
        learning = learning._replace(params=learning.params | {"actor": actor})
        rank = 1 + turn // self.every
        ranks = jax.tree.map(lambda kept, leaf: kept.at[rank].set(leaf), pupil.ranks, actor)
        figures |= {"reward": found.seen.reward.sum() / (settings.matches * settings.players), "ended": found.ended}
        return Pupil(learning, pupil.imitating, ranks), figures

    def actors(self, pupil: Pupil) -> dict[str, Any]:
        """What was kept, by name."""
        size = f"{self.settings.players}v{self.settings.players}"
        names = [f"{size}-clone", *(f"{size}-{rank}" for rank in range(1, 1 + self.settings.ranks))]
        return {
            name: jax.tree.map(lambda leaf, at=at: np.asarray(leaf[at]), pupil.ranks) for at, name in enumerate(names)
        }

    def examine(self, actor: Any, name: str) -> dict[str, float]:
        """Matches against bots from levels that nobody has learned in: shares won and lost, and half the width of the
        95 % interval of won minus lost, over levels."""
        tests = _levels(self.settings.seed + 1_000_003, self.settings.tests, self.settings.players)
        pupil = Policy(name, actor, mlp.play, (), self.settings.players)
        found: dict[str, float] = {}
        for strength in (0.05, 0.5, 0.95):
            played = match.play(self.world, pupil, bots.bot(strength), tests, jax.random.key(17), REPEATS)
            value = np.asarray(played.value)
            found |= {
                f"won_{strength:g}": float((value > 0).mean()),
                f"lost_{strength:g}": float((value < 0).mean()),
                f"margin_{strength:g}": float(1.96 * value.mean(1).std(ddof=1) / np.sqrt(len(value))),
            }
        return found

    def _draw(self, key: Key) -> Lineup:
        chosen = jax.random.randint(key, (self.settings.matches,), 0, self.settings.pool)
        return jax.tree.map(lambda leaf: jnp.asarray(leaf)[chosen], self.pool)

    def _weigh(self, seen: jax.Array) -> jax.Array:
        return jnp.where(seen[..., observation.MINE] > 0, self.settings.with_ball, 1.0)

    def reward(self, before: State, after: State) -> jax.Array:
        """A goal, and what the ball's way adds to the potential (Ng et al. 1999): none is left when it is over."""
        worth = self.settings.progress * 0.5
        goes_on = jnp.where(after.done, 0.0, self.settings.discount)
        return after.score + worth * (goes_on * after.ball[0] - before.ball[0])


def _levels(seed: int, count: int, players: int) -> Lineup:
    """Random levels, the same on every machine."""
    rng = np.random.default_rng(seed)
    return levels.stack([levels.sample(rng, players) for _ in range(count)])


def train(
    settings: SchoolSettings, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float]
) -> dict[str, Any]:
    """Go to school, and leave the weights of every stage and `curve.json` in `out`; what the examination found.

    Killed at any moment and started again with the same checkpoint folder, it ends with the same weights.

    Raises:
        ConfigError: the checkpoint is of other settings.
    """
    school = School(settings)
    lesson, play = (jax.jit(program, donate_argnums=0) for program in (school.lesson, school.play))
    seed = jax.random.key(settings.seed)
    curve: list[dict[str, float]] = []
    with Checkpoints(checkpoint, settings.id) as kept:
        found = kept.latest(jax.eval_shape(school.begin, seed))
        turn, pupil = (0, jax.jit(school.begin)(seed)) if found is None else (found.turn, found.state)
        curve = [] if found is None else list(found.notes["curve"])
        saved = now()
        while turn < school.rounds:
            imitates = turn < settings.lessons
            program, own = (lesson, turn) if imitates else (play, turn - settings.lessons)
            pupil, figures = program(pupil, jax.random.fold_in(seed, turn + 1), jnp.int32(own))
            turn += 1
            if turn % settings.report == 0:
                row = {name: round(float(figure), 5) for name, figure in jax.device_get(figures).items()}
                curve.append({"round": float(turn), **row})
                tell(turn, school.rounds, "imitation" if imitates else "self-play", **row)
            if turn == school.rounds or now() - saved >= SAVED_EVERY_S:
                saved = now()
                kept.save(turn, pupil, {"curve": curve})
    return _leave(school, jax.device_get(pupil), curve, out, tell)


def _leave(school: School, pupil: Pupil, curve: list[dict[str, float]], out: Path, tell: Tell) -> dict[str, Any]:
    """Write the artifacts; the figures of the examination, by policy."""
    settings = school.settings
    figures: dict[str, Any] = {}
    for name, actor in school.actors(pupil).items():
        tell(school.rounds, school.rounds, f"examining {name}")
        marks = school.examine(actor, name)
        figures |= {f"{name} {mark}": round(figure, 4) for mark, figure in marks.items()}
        notes = {"settings": settings.model_dump_json(), "made by": "wunderkammer.domains.madrid.school"}
        shelf.write(
            actor, out / (name + shelf.SUFFIX), notes | {mark: f"{figure:.4f}" for mark, figure in marks.items()}
        )
    (out / "curve.json").write_text(json.dumps(curve), "utf-8")
    return {"preset": settings.id, "device": jax.devices()[0].device_kind, **figures}


def main(desk: Desk) -> dict[str, Any]:
    """As a job. args: the fields of `SchoolSettings` but the seed, which is the job's."""
    keep_compiled(desk.checkpoint.resolve().parents[2] / "compiled")  # HOME/jobs/ID/checkpoint
    settings = checked(SchoolSettings, {**desk.args, "seed": desk.seed}, "school")
    return train(settings, desk.checkpoint / "school", desk.out, desk.tell, time.monotonic)


def _by_hand() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    asked.add_argument("out", type=Path, help="folder for the weights")
    asked.add_argument("--checkpoint", type=Path, default=Path("build/school"))
    asked.add_argument("--seed", type=int, default=0)
    asked.add_argument("--set", nargs="*", default=[], metavar="NAME=NUMBER", help="other settings")
    given = asked.parse_args()

    def tell(step: int, of: int | None = None, words: str = "", **figures: float) -> None:
        print(f"{step}/{of} {words}", *(f"{name} {figure:.4g}" for name, figure in figures.items()), flush=True)

    keep_compiled(given.checkpoint / "compiled")
    own = {name: json.loads(value) for name, _, value in (one.partition("=") for one in given.set)}
    settings = checked(SchoolSettings, {"seed": given.seed, **own}, "school")
    given.out.mkdir(parents=True, exist_ok=True)
    print(json.dumps(train(settings, given.checkpoint / "state", given.out, tell, time.monotonic), indent=1))


if __name__ == "__main__":
    _by_hand()
