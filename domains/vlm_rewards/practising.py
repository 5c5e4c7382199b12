"""An agent that learns from what a model says of pictures alone, and what it comes to by the world's own reward."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.vlm_rewards.captions import rooms
from wunderkammer.domains.vlm_rewards.hacks import Hack, keep
from wunderkammer.domains.vlm_rewards.settings import PARTS, VlmSettings
from wunderkammer.learners import weights
from wunderkammer.learners.appraised import Appraise, Appraised, Apprentice, Bools, Playing
from wunderkammer.learners.checkpoint import Checkpoints
from wunderkammer.learners.encoder import Convolution, Encoder
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.ppo import Ppo
from wunderkammer.learners.recurrence import Gru
from wunderkammer.learners.vlm.contrast import Tell
from wunderkammer.learners.vlm.reward import RewardModel
from wunderkammer.worlds.toys.level import Level, goal_of
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.words import sentence
from wunderkammer.worlds.toys.world import State, Toys

SAVED_EVERY_S = 60.0
KEPT = 8
"""Mistakes of one step that are kept to be drawn."""
LEVELS, WEIGHTS, TURNS, EXAMINED = range(4)
"""What keys are drawn for."""
Trained = Appraised[Level, State]


def practise(
    settings: VlmSettings,
    reward: RewardModel | None,
    checkpoint: Path,
    out: Path,
    tell: Tell,
    now: Callable[[], float],
) -> dict[str, Any]:
    """Learn, and leave `policy.safetensors`, `curve.json` and, of a model's mistakes, `hacks.png` in `out`.

    Rooms, goals and examination are of held-out combinations. Returns what `examine` does.
    """
    key = jax.random.key(settings.seed)
    levels = rooms(settings.side, settings.toys, settings.horizon, held=True)
    learned, examined = (
        many(levels, jax.random.fold_in(key, purpose), count)
        for purpose, count in ((LEVELS, settings.rooms), (EXAMINED, settings.examined))
    )
    trained = apprenticeship(settings, levels.world, learned)
    begun = trained.begin(jax.random.fold_in(key, WEIGHTS))
    rows = list[dict[str, float]]()
    if settings.reward != "none":
        appraise = yes(appraisal(settings, learned, reward))
        begun, rows = learn(settings, trained, begun, appraise, checkpoint, tell, now)
    (out / "curve.json").write_text(json.dumps(rows), "utf-8")
    weights.write(begun.learning.params, out / "policy.safetensors", {"settings": settings.model_dump_json()})
    fresh = apprenticeship(settings, levels.world, examined)
    return examine(settings, fresh, begun.learning.params, appraisal(settings, examined, reward), out)


def apprenticeship(settings: VlmSettings, world: Toys, levels: Level) -> Trained:
    """How the agent learns. It sees the room as numbers, cell by cell; pictures are for who appraises it."""
    network = ActorCritic(world.actions, Gru(settings.hidden), Encoder((Convolution(16),)), hidden=settings.hidden)
    ppo = Ppo(rate=settings.pace, discount=0.95, trace=0.9, epochs=4, minibatches=PARTS, entropy=0.01)
    return Appraised(world, network, ppo, levels, settings.games, settings.horizon)


def learn(
    settings: VlmSettings,
    trained: Trained,
    at: Apprentice,
    appraise: Appraise,
    checkpoint: Path,
    tell: Tell,
    now: Callable[[], float],
) -> tuple[Apprentice, list[dict[str, float]]]:
    """All updates; killed at any moment and called again, it ends the same."""
    turn, rows, saved = 0, list[dict[str, float]](), now()
    key = jax.random.fold_in(jax.random.key(settings.seed), TURNS)
    with Checkpoints(checkpoint, settings.id) as kept:
        if (found := kept.latest(at)) is not None:
            turn, rows, at = found.turn, list(found.notes["rows"]), found.state
        while turn < settings.updates:
            at, figures = trained.turn(jax.random.fold_in(key, turn), at, appraise)
            turn += 1
            rows.append({"turn": float(turn), "earned": figures["earned"], "entropy": figures["entropy"]})
            tell(turn, settings.updates, "practising", earned=figures["earned"])
            if turn == settings.updates or now() - saved >= SAVED_EVERY_S:
                saved = now()
                kept.save(turn, at, {"rows": rows})
    return at, rows


def world_of(settings: VlmSettings) -> Toys:
    """The world of a trial."""
    return Toys(settings.side, settings.toys, settings.horizon)


def many(levels: ToyLevels, key: jax.Array, count: int) -> Level:
    """So many rooms, stacked."""
    found: Level = jax.jit(jax.vmap(levels.sample))(jax.random.split(key, count))
    return found


def goals_of(levels: Level) -> list[str]:
    """What is wanted in each room, in words."""
    plain: Level = jax.device_get(levels)
    return [sentence(goal_of(_at(plain, row))) for row in range(len(plain.agent))]


Judged = Callable[[NDArray[np.uint8], Playing], tuple[Bools, NDArray[np.float64]]]
"""Which pictures earn a reward, and how likely each was found to show what is wanted."""


def appraisal(settings: VlmSettings, levels: Level, reward: RewardModel | None) -> Judged:
    """Who says what a picture earns in its room: whoever knows, nobody, or a model.

    Raises:
        ConfigError: a model has a part in it, and there is none.
    """
    if settings.reward == "true":
        met = jax.jit(jax.vmap(world_of(settings).met))

        def known(_: NDArray[np.uint8], playing: Playing) -> tuple[Bools, NDArray[np.float64]]:
            true = np.asarray(met(playing.state))
            return true, true.astype(np.float64)

        return known
    if settings.reward == "none":
        return lambda pictures, _: (np.zeros(len(pictures), np.bool_), np.zeros(len(pictures)))
    if reward is None:
        raise ConfigError(f"reward {settings.reward}: there is no model to ask")
    goals = goals_of(levels)

    def judged(pictures: NDArray[np.uint8], playing: Playing) -> tuple[Bools, NDArray[np.float64]]:
        chances = reward.scorer.chances(pictures, [goals[room] for room in np.asarray(playing.room)])
        return chances > reward.beta, chances

    return judged


def yes(judged: Judged) -> Appraise:
    """The reward alone."""
    return lambda pictures, playing: judged(pictures, playing)[0]


def examine(settings: VlmSettings, trained: Trained, params: Any, judged: Judged, out: Path) -> dict[str, float]:
    """One episode in each of the levels, ending as while it learned: when who appraised it says so, or by time.

    success: the share in which the true goal was met before that, or then. reached: the same where nobody had ended it.
    length: steps until the true goal was met, or all. Where a model has a part, rewarded: the share that it rewarded;
    hacked: of these, those in which the goal was not met when it did; some of them as `hacks.png`.
    """
    key = jax.random.fold_in(jax.random.key(settings.seed), EXAMINED + 1)
    playing = trained.start(key, jnp.arange(settings.examined))
    met = jax.jit(jax.vmap(world_of(settings).met))
    over, success, reached, hacked = np.zeros((4, settings.examined), np.bool_)
    length, hacks = np.full(settings.examined, settings.horizon), list[Hack]()
    for step in range(settings.horizon):
        playing, _, pictures = trained.act(params, playing, jax.random.fold_in(key, step))
        playing = playing._replace(reset=jnp.zeros_like(playing.reset))
        frames = np.asarray(pictures)
        (earned, chances), true = judged(frames, playing), np.asarray(met(playing.state))
        length = np.where(true & ~reached, step + 1, length)
        success, reached = success | (true & ~over), reached | true
        wrong = earned & ~over & ~true
        goals = [sentence(goal_of(_at(playing.state.level, row))) for row in np.flatnonzero(wrong)[:KEPT]]
        hacks += [
            Hack(frames[row], goal, chances[row]) for row, goal in zip(np.flatnonzero(wrong), goals, strict=False)
        ]
        over, hacked = over | earned, hacked | wrong
    told = {"success": float(success.mean()), "reached": float(reached.mean()), "length": float(length.mean())}
    if settings.looks:
        keep(hacks, out / "hacks.png")
        told |= {"rewarded": float(over.mean()), "hacked": float(hacked.sum() / max(1, over.sum()))}
    return told


def _at(levels: Level, row: int) -> Level:
    found: Level = jax.tree.map(lambda leaf: np.asarray(leaf)[row], levels)
    return found
