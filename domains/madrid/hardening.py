"""The target fine-tuned by PPO on the levels in which it fell behind; as for language models, found, taught, attacked
again.

A job: its input `levels` is what `levels_file` made of a run's elites. A share of them is held out and never learned
from. In equal parts the target plays

- left, from an adversarial level, against itself: there it fell behind whoever played left better;
- right (the level turned round), from an adversarial level, against the references: there it was beaten;
- left, from a random level, against itself, lest it forget the rest.

It leaves `hardened.safetensors`, and the regret on the levels held out, before and after. Killed at any moment and
started again it goes on where it was, and leaves the same.
"""

from __future__ import annotations

import json
import math
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from pydantic import Field

from wunderkammer.core.contract import Entry, Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import checked
from wunderkammer.core.work import Job, Resources
from wunderkammer.domains.madrid.engine import engine
from wunderkammer.domains.madrid.intervals import Interval, mean_of
from wunderkammer.domains.madrid.matches import regrets
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.school import SAVED_EVERY_S, Desk, School, Tell
from wunderkammer.domains.madrid.schooling import SchoolSettings
from wunderkammer.learners.checkpoint import Checkpoints
from wunderkammer.learners.compilation import keep_compiled
from wunderkammer.learners.networks import Reply
from wunderkammer.learners.ppo import Batch, Learning
from wunderkammer.learners.team import Rival, contend
from wunderkammer.worlds.football import level as levels_of
from wunderkammer.worlds.football import mlp
from wunderkammer.worlds.football import players as shelf
from wunderkammer.worlds.football.level import Lineup

FILE = "hardened.safetensors"
LEVELS = "levels"
"""Name of the job's input."""


class HardeningSettings(Frozen):
    """Of one fine-tuning."""

    target: str
    """Weights that come with the football, by name, or a file of one's own; a bot has nothing to learn with."""
    players: int = Field(5, ge=2, le=11)
    steps: int = Field(128, ge=1)
    offside: bool = True
    updates: int = Field(60, ge=1)
    critic_first: int = Field(10, ge=0)
    """Updates of the critic alone: it begins with nothing, and would mislead the actor."""
    matches: int = Field(120, ge=12)
    """Side by side; a third for each part."""
    rate: float = Field(1e-4, gt=0)
    """Of the actor."""
    critic_rate: float = Field(1e-3, gt=0)
    """Of the critic: at the actor's rate it would know nothing by the time that it is believed."""
    anchor: float = Field(0.3, ge=0)
    """What straying from the target as it was costs, for each nat of KL(before || after): where the levels teach
    nothing, noise would."""
    held_out: float = Field(0.25, gt=0, lt=1)
    """Share of the levels that nothing is learned from."""
    repeats: int = Field(64, ge=1)
    """Matches for each value on the levels held out."""
    seed: int = Field(0, ge=0, lt=2**32)


class Split(NamedTuple):
    """Levels to learn from, and to be judged by."""

    learned: tuple[Scenario, ...]
    held_out: tuple[Scenario, ...]


def levels_file(elites: Sequence[Entry[Scenario]], least: float) -> bytes:
    """The elites of at least so much regret, one JSON object a line, in the order of their ids.

    Raises:
        ConfigError: there are fewer than four: nothing to learn from and be judged by.
    """
    worst = [one for one in elites if one.outcome.score is not None and one.outcome.score >= least]
    if len(worst) < 4:
        raise ConfigError(
            f"{len(worst)} elites have a regret of at least {least:g}; 4 are needed: search on, or say less"
        )
    ordered = sorted(worst, key=lambda one: one.candidate.id)
    return "".join(f"{one.candidate.genome.model_dump_json()}\n" for one in ordered).encode()


def levels_in(data: bytes) -> list[Scenario]:
    """What `levels_file` wrote; `ConfigError` names the line that is none."""
    lines = enumerate(data.decode("utf-8", "replace").splitlines(), 1)
    return [_level(line, f"line {number}") for number, line in lines if line.strip()]


def _level(line: str, where: str) -> Scenario:
    try:
        values = json.loads(line)
    except ValueError as fault:
        raise ConfigError(f"{where} is no level: {fault}") from fault
    return checked(Scenario, values, where)


def split(levels: Sequence[Scenario], share: float) -> Split:
    """By the hash of each level: whoever found it, and in whatever order. Neither side is empty."""
    ordered = sorted(levels, key=lambda one: content_id("held out", one.left, one.right, one.ball))
    count = min(len(ordered) - 1, max(1, round(share * len(ordered))))
    return Split(tuple(ordered[count:]), tuple(ordered[:count]))


def job_of(settings: HardeningSettings, levels: str) -> Job:
    """The fine-tuning as a job. levels: name of the artifact that holds them."""
    args: Mapping[str, Any] = settings.model_dump(exclude={"seed"})
    return Job(
        module=__name__,
        args=dict(args),
        seed=settings.seed,
        inputs={LEVELS: levels},
        title=f"harden {Path(settings.target).stem}",
        needs=Resources(cores=2, memory_gib=2),
    )


class Hardening:
    """The programs of one fine-tuning. levels: to learn from.

    Raises:
        ConfigError: the target has no weights to learn with.
    """

    def __init__(self, settings: HardeningSettings, levels: Sequence[Scenario]) -> None:
        policy = shelf.named(settings.target)
        if not isinstance(policy.parameters, list):
            raise ConfigError(f"target: {settings.target} has no weights to learn with; name a network")
        names = sorted({level.reference for level in levels})
        self.settings = settings
        self.layers = jax.tree.map(jnp.asarray, policy.parameters)
        self.rivals = [Rival(one.act, one.parameters) for one in map(shelf.named, names)]
        hidden = tuple(int(layer["bias"].shape[0]) for layer in policy.parameters[:-1])
        whole = math.lcm(12, 3 * len(names))
        matches = whole * math.ceil(settings.matches / whole)
        self.school = School(
            SchoolSettings(players=settings.players, steps=settings.steps, hidden=hidden, rate=settings.critic_rate,
                           matches=matches, seed=settings.seed, pool=max(matches, 256))
        )  # fmt: skip
        self.own = levels_of.stack([level.lineup for level in levels])
        self.turned = [
            levels_of.stack([levels_of.mirrored(one.lineup) for one in levels if one.reference == name])
            for name in names
        ]
        self.update = jax.jit(self._update)

    def begin(self, key: jax.Array) -> Learning:
        """The target's actor, and a critic that knows nothing."""
        learning = self.school.ppo.start(self.school.network, key, jnp.zeros(self.school.world.features))
        return learning._replace(params=learning.params | {"actor": self.layers})

    def _update(self, learning: Learning, key: jax.Array, turn: jax.Array) -> tuple[Learning, dict[str, jax.Array]]:
        to_draw, to_play, to_learn = jax.random.split(key, 3)
        school, actor = self.school, learning.params["actor"]
        third = school.settings.matches // 3
        counts = [third, *[third // len(self.turned)] * len(self.turned), third]
        keys = jax.random.split(to_draw, len(counts))
        parts = [_drawn(*one) for one in zip(keys, [self.own, *self.turned, school.pool], counts, strict=True)]
        lineups = Lineup(*(jnp.concatenate(leaves) for leaves in zip(*parts, strict=True)))
        # Each rival meets an equal part of the matches, in their order: the thirds are as long as the references.
        oneself = [Rival(mlp.play, actor)] * len(self.rivals)
        found = contend(
            school.world, school.network, learning.params, [*oneself, *self.rivals, *oneself], school.reward, to_play,
            lineups, self.settings.steps,
        )  # fmt: skip
        batch = school.ppo.batch((), found.seen, found.last_value)
        after, figures = school.ppo.update(school.network, to_learn, learning, batch, self._anchor)
        # One optimiser serves both, at the critic's rate; the actor goes as much less far as its own rate is less.
        share = jnp.where(turn < self.settings.critic_first, 0.0, self.settings.rate / self.settings.critic_rate)
        moved = jax.tree.map(lambda old, new: old + share * (new - old), actor, after.params["actor"])
        return after._replace(params=after.params | {"actor": moved}), figures

    def _anchor(self, params: Any, reply: Reply, batch: Batch) -> tuple[jax.Array, dict[str, jax.Array]]:
        before = jax.nn.log_softmax(mlp.logits(self.layers, batch.seen.observation))
        strayed = (jnp.exp(before) * (before - jax.nn.log_softmax(reply.logits))).sum(-1).mean()
        return self.settings.anchor * strayed, {"strayed": strayed}


def _drawn(key: jax.Array, levels: Lineup, count: int) -> Lineup:
    chosen = jax.random.randint(key, (count,), 0, levels.ball.shape[0])
    return Lineup(*(jnp.asarray(leaf)[chosen] for leaf in levels))


def fine_tuned(
    settings: HardeningSettings, levels: Sequence[Scenario], checkpoint: Path, tell: Tell, now: Callable[[], float]
) -> Any:
    """The target's layers after its lessons. checkpoint: a folder; what it holds of these very lessons is gone on with.

    Raises:
        ConfigError: the target has no weights, or the checkpoint is of other settings or levels.
    """
    work = Hardening(settings, levels)
    seed = jax.random.key(settings.seed)
    with Checkpoints(checkpoint, content_id("hardening", settings, list(levels))) as kept:
        found = kept.latest(jax.eval_shape(work.begin, seed))
        turn, learning = (0, work.begin(seed)) if found is None else (found.turn, found.state)
        saved = now()
        while turn < settings.updates:
            learning, figures = work.update(learning, jax.random.fold_in(seed, turn + 1), jnp.int32(turn))
            turn += 1
            if turn % 10 == 0 or turn == settings.updates:
                tell(turn, settings.updates, "", **{name: float(one) for name, one in jax.device_get(figures).items()})
            if turn == settings.updates or now() - saved >= SAVED_EVERY_S:
                saved = now()
                kept.save(turn, learning, {})
    return jax.tree.map(np.asarray, learning.params["actor"])


def judged(settings: HardeningSettings, target: str, levels: Sequence[Scenario]) -> list[float]:
    """Regret of a target on each level, by draws that depend on the levels alone."""
    references = tuple(sorted({level.reference for level in levels}))
    if len(references) == 1:
        references = (*references, target)  # an archive has two layers at least; nothing is judged by the second
    options = MadridOptions(
        players=settings.players, target=target, references=references, repeats=settings.repeats,
        steps=settings.steps, offside=settings.offside,
    )  # fmt: skip
    seeds = [int(content_id("judged", one.left, one.right, one.ball), 16) % 2**32 for one in levels]
    return [trial.regret for trial in regrets(engine(options), target, levels, seeds)]


def main(desk: Desk) -> dict[str, Any]:
    """As a job. args: the fields of `HardeningSettings` but the seed, which is the job's."""
    keep_compiled(desk.checkpoint.resolve().parents[2] / "compiled")  # HOME/jobs/ID/checkpoint
    settings = checked(HardeningSettings, {**desk.args, "seed": desk.seed}, "hardening")
    parts = split(levels_in(desk.inputs[LEVELS].read_bytes()), settings.held_out)
    before = judged(settings, settings.target, parts.held_out)
    layers = fine_tuned(settings, parts.learned, desk.checkpoint / "hardening", desk.tell, time.monotonic)
    file = desk.out / FILE
    shelf.write(layers, file, {"made by": __name__, "settings": settings.model_dump_json()})
    after = judged(settings, str(file), parts.held_out)
    gaps = [new - old for old, new in zip(before, after, strict=True)]
    figures: dict[str, float] = {"learned from": len(parts.learned), "held out": len(parts.held_out)}
    for name, values in (("regret before", before), ("regret after", after), ("after − before, level by level", gaps)):
        one: Interval = mean_of(values)
        figures |= {name: one.middle, f"{name}, low": one.low, f"{name}, high": one.high}
    return figures
