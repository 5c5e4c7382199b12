"""A learned world as an environment: Gymnasium's own checks, what ends it, and a reward that was learned."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("gymnasium")
import gymnasium
from gymnasium.utils.env_checker import check_env

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.genie.environment import LearnedWorld, RewardHead, prompts
from wunderkammer.learners.video.settings import WorldSettings
from wunderkammer.learners.video.world_model import WorldModel
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.making import make
from wunderkammer.worlds.film.recording import GameFilm


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    make(GameFilm("grid", 32 * 256, 16, levels=60), folder, 16)
    return Film(folder)


@pytest.fixture(scope="module")
def world():
    small = WorldSettings(side=16, frames=4, width=16, heads=2, layers=1, codes=16, code_width=8, maskgit_steps=1)
    return WorldModel(small).eval()


@pytest.fixture
def env(world, film):
    return LearnedWorld(world, prompts(film, 4), lambda before, after: float((before != after).mean()), horizon=3)


@pytest.mark.filterwarnings("ignore::UserWarning")
def test_gymnasium_finds_nothing_wrong(env):
    check_env(env, skip_render_check=True)


def test_it_ends_by_time_alone_and_the_same_seed_shows_the_same(env):
    def play():
        first, _ = env.reset(seed=5)
        return [first, *(env.step(np.int64(action)) for action in (0, 1, 2))]

    one, two = play(), play()

    assert [step[2:4] for step in one[1:]] == [(False, False), (False, False), (False, True)]
    assert all(np.array_equal(a[0], b[0]) for a, b in zip(one[1:], two[1:], strict=True))


def test_the_reward_is_the_one_that_was_stated(env, world, film):
    env.reset(seed=0, options={"prompt": 2})
    before = env.render()
    after, reward, *_ = env.step(np.int64(1))
    silent = LearnedWorld(world, prompts(film, 1))
    silent.reset(seed=0)

    assert reward == pytest.approx((before != after).mean())
    assert silent.step(np.int64(0))[1] == 0.0


def test_what_is_missing_is_said(env, world, film):
    with pytest.raises(gymnasium.error.ResetNeeded):
        env.render()
    with pytest.raises(ConfigError, match="at least one frame"):
        LearnedWorld(world, prompts(film, 1)[:0])


def test_a_reward_can_be_learned_from_frames_whose_reward_is_known(film):
    head = RewardHead.fitted(film, frames=400, updates=150)
    (shard, *_) = film.manifest.shards
    earned = film.labels(shard, 0, shard.frames)["reward"] > 0
    ends = {one.start + one.length - 1 for one in shard.episodes}
    judged: dict[bool, list[float]] = {True: [], False: []}
    for at in [*np.flatnonzero(earned)[:12], *range(20, 40)]:
        if at not in ends:
            judged[bool(earned[at])].append(head(*film.frames(shard, at, at + 2)))

    assert np.mean(judged[True]) > np.mean(judged[False]) + 0.2
