"""A learned world as games in lock-step, and an agent that learns in it and wakes."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")
pytest.importorskip("jax")

from wunderkammer.core.errors import ConfigError  # noqa: E402
from wunderkammer.domains.genie.dream import Dream  # noqa: E402
from wunderkammer.domains.genie.dreamer import Dreaming, dream  # noqa: E402
from wunderkammer.domains.genie.dreaming import DreamOptions, dreaming_job  # noqa: E402
from wunderkammer.learners.video.settings import WorldSettings  # noqa: E402
from wunderkammer.learners.video.world_model import WorldModel  # noqa: E402
from wunderkammer.worlds.film.film import Film  # noqa: E402
from wunderkammer.worlds.film.making import make  # noqa: E402
from wunderkammer.worlds.film.recording import GameFilm  # noqa: E402

SIDE = 16
PROMPTS = np.random.default_rng(0).integers(0, 256, (5, SIDE, SIDE, 3), np.uint8)
QUICK = DreamOptions(
    updates=2, games=8, steps=3, width=8, horizon=4, prompts=16, pairs=40, judging=3, labelled=40, levels=8, seeds=1
)


@pytest.fixture(scope="module")
def world() -> WorldModel:
    """Untrained."""
    torch.manual_seed(0)
    small = WorldSettings(side=SIDE, frames=4, width=16, heads=2, layers=1, codes=16, code_width=8, maskgit_steps=1)
    return WorldModel(small).eval()


def never(before, after):
    return np.zeros(len(before))


def test_ways_end_by_time_and_begin_anew_from_a_prompt(world) -> None:
    games = Dream(world, PROMPTS, never, 6, horizon=5, seed=0)
    first = games.see()
    firsts = []
    for turn in range(10):
        games.act(np.full(6, turn % 8))
        firsts.append(games.see().firsts.all())
    again = Dream(world, PROMPTS, never, 6, horizon=5, seed=0)

    assert first.firsts.all()
    assert np.flatnonzero(firsts).tolist() == [4, 9]
    np.testing.assert_array_equal(first.frames, again.see().frames)


def test_what_is_earned_ends_one_way_and_leaves_the_others(world) -> None:
    def third(before, after):
        return np.arange(len(before)) == 2

    one, other = (Dream(world, PROMPTS, earns, 4, horizon=50, seed=0, ordered=True) for earns in (third, never))
    for _ in range(6):  # past the length of a window
        for games in (one, other):
            games.act(np.array([1, 2, 3, 4]))
    seen, untouched = one.see(), other.see()

    assert seen.rewards.tolist() == [0, 0, 1, 0]
    assert seen.firsts.tolist() == [False, False, True, False]
    assert (seen.levels[[0, 1, 3]] == [0, 1, 3]).all()
    np.testing.assert_array_equal(seen.frames[[0, 1, 3]], untouched.frames[[0, 1, 3]])
    begun = Dream(world, PROMPTS[seen.levels[2:3]], never, 1, horizon=9, seed=0).see().frames[0]
    assert np.abs(seen.frames[2].astype(int) - begun).mean() < 64  # painted later in a clip, but that picture


def test_at_temperature_nought_nothing_is_left_to_the_dice(world) -> None:
    def went(seed: int, temperature: float | None):
        games = Dream(world, PROMPTS, never, 4, horizon=50, seed=seed, ordered=True, temperature=temperature)
        for _ in range(3):
            games.act(np.array([1, 2, 3, 4]))
        return games.see().frames

    np.testing.assert_array_equal(went(0, 0.0), went(1, 0.0))
    assert (went(0, None) != went(1, None)).any()


def test_a_world_without_frames_cannot_be_dreamt(world) -> None:
    with pytest.raises(ConfigError, match="at least one frame"):
        Dream(world, PROMPTS[:0], never, 2, 4, 0)


def test_who_learned_inside_is_examined_inside_and_outside(world, tmp_path) -> None:
    make(GameFilm("grid", 32 * 256, SIDE, levels=60), tmp_path / "film", SIDE)
    told: list[tuple[int, int, str]] = []
    film = Film(tmp_path / "film")
    found = dream(world, film, GameFilm("grid", 0, SIDE), QUICK, tmp_path, lambda *said: told.append(said))

    assert Dreaming.model_validate_json((tmp_path / "dreaming.json").read_text()) == found
    assert told[-1] == (4, 4, "awake")
    assert found.gap.value == pytest.approx(found.dreamt.value - found.waking.value)
    assert [len(rows[0]) for rows in found.curves.values()] == [2, 2]
    assert {"gain_low", "told", "awake"} <= found.measures().keys()


def test_a_job_is_known_by_its_world_and_says_only_what_differs(tmp_path) -> None:
    with pytest.raises(ConfigError, match="holds no world"):
        dreaming_job(tmp_path, tmp_path, "r", DreamOptions())
    (tmp_path / "world.safetensors").write_bytes(b"weights")
    job = dreaming_job(tmp_path, tmp_path, "r", DreamOptions(seeds=5))

    assert job.args.keys() == {"weights", "recipe", "seeds"}
    assert job.id == dreaming_job(tmp_path, tmp_path / "moved", "r", DreamOptions(seeds=5), tmp_path).id
