"""PPO in games that are played from outside: what earns something is done more often."""

from __future__ import annotations

import jax
import numpy as np

from wunderkammer.learners.ppo import Ppo
from wunderkammer.learners.practice import Practice, sighted
from wunderkammer.worlds.film.games import Scene

SIDE = 16


class Colours:
    """Games of one step: the action must be the brightest channel of the frame."""

    actions = 3

    def __init__(self, count: int) -> None:
        self.dice, self.count = np.random.default_rng(0), count
        self.rewards = np.zeros(count, np.float32)
        self.begin()

    def begin(self) -> None:
        self.wanted = self.dice.integers(3, size=self.count)
        self.frames = np.zeros((self.count, SIDE, SIDE, 3), np.uint8)
        self.frames[np.arange(self.count), :, :, self.wanted] = 255

    def see(self) -> Scene:
        return Scene(self.frames, self.rewards, np.ones(self.count, np.bool_), self.wanted)

    def act(self, actions) -> None:
        self.rewards = (np.asarray(actions) == self.wanted).astype(np.float32)
        self.begin()

    def close(self) -> None: ...


def test_what_earns_is_learned_and_the_same_seed_learns_the_same() -> None:
    ppo = Ppo(rate=5e-3, epochs=4, minibatches=2, entropy=0.0)
    student, again = (Practice(sighted(3, SIDE, 16), SIDE, 0, ppo, steps=8) for _ in range(2))
    earned = student.learn(Colours(16), 20)

    assert again.learn(Colours(16), 2) == earned[:2]
    assert np.mean(earned[:2]) < 0.6
    assert np.mean(earned[-2:]) > 0.8
    shown = Colours(16)
    assert (student.actor(0)(shown.frames) == shown.wanted).mean() > 0.8


def test_after_the_first_update_nothing_is_compiled_any_more() -> None:
    """A program for each update would be slow, and all of them would be kept."""
    compiled: list[str] = []

    def hear(event: str, _: float, **__: object) -> None:
        if event.endswith("backend_compile_duration"):
            compiled.append(event)

    student = Practice(sighted(3, SIDE, 16), SIDE, 0, Ppo(epochs=1, minibatches=1), steps=4)
    jax.monitoring.register_event_duration_secs_listener(hear)
    try:
        student.learn(Colours(8), 1)
        first = len(compiled)
        student.learn(Colours(8), 3)
    finally:
        jax.monitoring.unregister_event_duration_listener(hear)

    assert first > 0
    assert len(compiled) == first
