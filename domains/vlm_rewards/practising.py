"""An agent that learns from what a model says of pictures alone, and what it comes to by the world's own reward."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.vlm_rewards.captions import rooms
from wunderkammer.domains.vlm_rewards.hacks import Hack, keep
from wunderkammer.domains.vlm_rewards.settings import PARTS, VlmSettings
from wunderkammer.learners import weights
from wunderkammer.learners.appraised import Appraise, Appraised, Apprentice
from wunderkammer.learners.checkpoint import Checkpoints
from wunderkammer.learners.encoder import Convolution, Encoder
from wunderkammer.learners.evaluation import attempt
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

    Rooms, goals and examination are of held-out combinations. Returns the share of examined rooms in which the true
    goal was met (`success`), and of what the model says where it has a part.
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
        appraise = truth(levels.world) if settings.reward == "true" else appraisal(learned, reward)
        begun, rows = learn(settings, trained, begun, appraise, checkpoint, tell, now)
    params = begun.learning.params
    found = attempt(levels.world, trained.network, params, jax.random.fold_in(key, EXAMINED + 1), examined, 1)
    (out / "curve.json").write_text(json.dumps(rows), "utf-8")
    weights.write(params, out / "policy.safetensors", {"settings": settings.model_dump_json()})
    told: dict[str, Any] = {"success": float(found.solved.mean()), "length": float(found.length.mean())}
    if settings.looks:
        assert reward is not None
        told |= believed(settings, trained, params, levels, reward, out)
    return told


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


def many(levels: ToyLevels, key: jax.Array, count: int) -> Level:
    """So many rooms, stacked."""
    found: Level = jax.jit(jax.vmap(levels.sample))(jax.random.split(key, count))
    return found


def goals_of(levels: Level) -> list[str]:
    """What is wanted in each room, in words."""
    plain: Level = jax.device_get(levels)
    count = len(plain.agent)
    return [sentence(goal_of(jax.tree.map(lambda leaf, row=row: leaf[row], plain))) for row in range(count)]


def truth(world: Toys) -> Appraise:
    """Who knows."""
    met = jax.jit(jax.vmap(world.met))
    return lambda _, playing: np.asarray(met(playing.state))


def appraisal(levels: Level, reward: RewardModel | None) -> Appraise:
    """Who asks a model whether a picture shows what is wanted in its room.

    Raises:
        ConfigError: there is no model.
    """
    if reward is None:
        raise ConfigError("there is no model to ask for a reward")
    goals = goals_of(levels)
    return lambda pictures, playing: reward(pictures, [goals[room] for room in np.asarray(playing.room)])


def believed(
    settings: VlmSettings, trained: Trained, params: Any, levels: ToyLevels, reward: RewardModel, out: Path
) -> dict[str, float]:
    """Episodes as they were while it learned, in rooms that it never learned in: the share that the model rewarded
    (`rewarded`), and of these the share in which the goal was not met (`hacked`); some of them as `hacks.png`."""
    key = jax.random.fold_in(jax.random.key(settings.seed), EXAMINED + 2)
    fresh = many(levels, key, settings.games)
    goals, met = goals_of(fresh), jax.jit(jax.vmap(levels.world.met))
    fixed = Appraised(levels.world, trained.network, trained.ppo, fresh, settings.games, settings.horizon)
    playing = fixed.begin(key).playing
    over, rewarded, hacked = np.zeros((3, settings.games), np.bool_)
    hacks = list[Hack]()
    for step in range(settings.horizon):
        playing, _, pictures = fixed.act(params, playing, jax.random.fold_in(key, step))
        playing = playing._replace(reset=jnp.zeros_like(playing.reset))
        frames, places = np.asarray(pictures), np.asarray(playing.room)
        own = [goals[place] for place in places]
        chances = reward.scorer.chances(frames, own)
        yes, true = (chances > reward.beta) & ~over, np.asarray(met(playing.state))
        hacks += [Hack(frames[row], own[row], float(chances[row])) for row in np.flatnonzero(yes & ~true)]
        over, rewarded, hacked = over | yes, rewarded | yes, hacked | (yes & ~true)
    keep(hacks, out / "hacks.png")
    return {
        "rewarded": float(rewarded.mean()),
        "hacked": float(hacked.sum() / max(1, rewarded.sum())),
    }
