"""PPO inside a video model or in the world itself, examined in the world; how far the two part, step by step."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np

from wunderkammer.domains.video_decisions import rooms
from wunderkammer.domains.video_decisions.dreams import Dreamt, Inside, Outside
from wunderkammer.domains.video_decisions.film import world_of
from wunderkammer.domains.video_decisions.schooling import Tell
from wunderkammer.domains.video_decisions.settings import VideoSettings
from wunderkammer.learners import weights as kept
from wunderkammer.learners.conduct import conduct
from wunderkammer.learners.encoder import Convolution, Encoder
from wunderkammer.learners.evaluation import attempt, trace
from wunderkammer.learners.networks import ActorCritic
from wunderkammer.learners.ppo import Learning, Ppo
from wunderkammer.learners.recurrence import Gru
from wunderkammer.learners.rollout import Running, begin, rollout
from wunderkammer.learners.video.imagined import Arrays, Imagined, imagined
from wunderkammer.learners.video.narrated import Narrated
from wunderkammer.worlds.toys.level import Level
from wunderkammer.worlds.toys.levels import ToyLevels
from wunderkammer.worlds.toys.world import Toys
from wunderkammer.worlds.world import Key

NETWORK = ActorCritic(Toys.actions, Gru(64), Encoder((Convolution(16),)), hidden=64)
PPO = Ppo(rate=2e-3, discount=0.95, trace=0.9, epochs=4, minibatches=2, entropy=0.01)
QUEUE = 4
"""Rooms that are drawn for each place between two updates."""
GAP = "gap.json"


class Student(NamedTuple):
    """A policy that learns."""

    learning: Learning
    running: Running


def simulate(
    settings: VideoSettings, model: Narrated | None, checkpoint: Path, out: Path, tell: Tell, now: Callable[[], float]
) -> dict[str, Any]:
    """Learn to reach toys, and try it in the world; leave `policy.safetensors`, and of who learned inside `gap.json`,
    in `out`. model: None, where it is learned in the world itself."""
    world, key = world_of(settings), jax.random.fold_in(jax.random.key(settings.seed), 23)
    levels = ToyLevels(world, kinds=("reach",))
    video, weights = (None, {}) if model is None else imagined(model)

    def place(weights: Arrays) -> Any:
        return Outside(world) if video is None else Inside(world, video, weights)

    start = jax.jit(partial(_begun, settings, place, levels, key))
    learn = jax.jit(partial(_learned, settings, place, levels, key), static_argnums=3)
    at, _ = conduct(
        checkpoint, settings.id, lambda: start(weights), lambda at, turn, size: learn(weights, at, turn, size),
        settings.updates, tell, now, "PPO",
    )  # fmt: skip
    exam = jax.vmap(levels.sample)(jax.random.split(jax.random.fold_in(key, 2), settings.exams))
    params, fresh = at.learning.params, start(weights).learning.params
    to_try = jax.random.fold_in(key, 3)
    tried = jax.jit(lambda params: attempt(Outside(world), NETWORK, params, to_try, exam, 4).solved.mean())
    there = jax.jit(lambda weights, params: attempt(place(weights), NETWORK, params, to_try, exam, 4).solved.mean())
    kept.write(params, out / "policy.safetensors")
    figures = {
        "success": tried(params), "success_there": there(weights, params), "untrained": tried(fresh),
    }  # fmt: skip
    if video is not None:
        right, wrong = gap(world, video, weights, params, to_try, exam)
        (out / GAP).write_text(json.dumps([round(float(share), 4) for share in right]), "utf-8")
        figures |= {f"right_after_{steps}": right[steps - 1] for steps in (1, 4, 8, 16, world.horizon)}
        figures["hallucinated"] = wrong
    return {name: round(float(value), 4) for name, value in figures.items()}


def gap(world: Toys, video: Imagined, weights: Arrays, params: Any, key: Key, exam: Level) -> tuple[np.ndarray, float]:
    """What a policy does in the world, done in the model as well: the share of the rooms whose frames are still the
    same after each step, (horizon,); and the share of the model's transitions that the world forbids.

    Rooms whose goal is met go on: what is compared is a film, not an episode.
    """
    states, _ = jax.jit(partial(trace, Outside(world), NETWORK))(params, key, exam)
    first, _ = jax.vmap(world.reset_to_level, (None, 0))(key, exam)
    look = jax.jit(jax.vmap(partial(rooms.codes_of, side=world.side)))
    true = np.stack([np.asarray(look(first)), *np.asarray(jax.vmap(look)(states))]).astype(np.int32)
    actions = _between(world, true, exam)

    def step(codes: jax.Array, actions: jax.Array) -> tuple[jax.Array, jax.Array]:
        dreamt = jax.vmap(lambda level, codes: Dreamt(level, codes, jnp.int32(0)))(exam, codes)
        after = jax.vmap(partial(Inside(world, video, weights).step, key))(dreamt, actions).state.codes
        return after, after

    _, foreseen = jax.jit(partial(jax.lax.scan, step))(jnp.asarray(true[0]), actions)
    whole = np.concatenate([true[:1], np.asarray(foreseen)])
    right = (whole == true).all(-1).mean(1)[1:]
    allowed = [rooms.possible(world, whole[at], whole[at + 1], exam) for at in range(len(foreseen))]
    return right, float(1 - np.mean(allowed))


def _between(world: Toys, frames: np.ndarray, levels: Level) -> jax.Array:
    """The actions that lead from frame to frame, (steps, rooms): the first that does."""

    def one(before: jax.Array, after: jax.Array, level: Level) -> jax.Array:
        state, _ = rooms.state_of(before, level, world.side)
        made = jax.vmap(lambda act: rooms.codes_of(world.step(jax.random.key(0), state, act).state, world.side))
        return (made(jnp.arange(world.actions)) == after).all(-1).argmax().astype(jnp.int32)

    return jax.jit(jax.vmap(jax.vmap(one), (0, 0, None)))(frames[:-1], frames[1:], levels)


def _begun(
    settings: VideoSettings, place: Callable[[Arrays], Any], levels: ToyLevels, key: Key, weights: Arrays
) -> Student:
    to_start, to_levels = jax.random.split(jax.random.fold_in(key, 0))
    world = place(weights)
    drawn = jax.vmap(levels.sample)(jax.random.split(to_levels, settings.together))
    running = begin(world, NETWORK, to_levels, drawn)
    first = jax.tree.map(lambda leaf: leaf[0], running.observation)
    return Student(PPO.start(NETWORK, to_start, first), running)


def _learned(
    settings: VideoSettings, place: Callable[[Arrays], Any], levels: ToyLevels, key: Key, weights: Arrays,
    at: Student, turn: jax.Array, updates: int,
) -> tuple[Student, dict[str, jax.Array]]:  # fmt: skip
    """A block of updates; what a step earned in the last of them."""
    world = place(weights)

    def once(at: Student, turn: jax.Array) -> tuple[Student, jax.Array]:
        to_levels, to_play, to_learn = jax.random.split(jax.random.fold_in(jax.random.fold_in(key, 1), turn), 3)
        fresh = jax.vmap(jax.vmap(levels.sample))(jax.random.split(to_levels, (QUEUE, settings.together)))
        running, seen, last = rollout(world, NETWORK, at.learning.params, to_play, at.running, fresh, settings.stride)
        batch = PPO.batch(at.running.carry, seen, last)
        learning, _ = PPO.update(NETWORK, to_learn, at.learning, batch)
        return Student(learning, running), seen.reward.mean()

    at, earned = jax.lax.scan(once, at, turn + jnp.arange(updates))
    return at, {"earned": earned.mean()}
