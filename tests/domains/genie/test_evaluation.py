"""Measuring a learned world: against worlds whose worth is known."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.genie import intervals, likeness, meaning
from wunderkammer.domains.genie.evaluation import Evaluation, EvaluationOptions, evaluate
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.grid import MOVES
from wunderkammer.worlds.film.making import make
from wunderkammer.worlds.film.recording import GameFilm

OPTIONS = EvaluationOptions(clips=24, horizon=4, batch=8)
AGENT = torch.tensor([196, 60, 48], dtype=torch.uint8)


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    folder = tmp_path_factory.mktemp("film")
    make(GameFilm("grid", 2 * 32 * 256, 32, levels=200), folder, 32)
    return Film(folder)


class TrueWorld:
    """Knows the grid: infers where the agent went, and moves it there. Codes 0 to 3 are moves, 4 stays."""

    actions = 8
    device = torch.device("cpu")
    settings = SimpleNamespace(side=32)
    obeys = True

    @staticmethod
    def repainted(frames):
        return frames

    def infer(self, frames):
        went = torch.diff(self.where(frames), dim=1)
        codes = torch.full(went.shape[:2], len(MOVES))
        for code, move in enumerate(MOVES):
            codes[(went == torch.tensor(move)).all(-1)] = code
        return codes

    def rollout(self, frames, actions, generator):
        known, moves = frames.shape[1], torch.tensor([*MOVES, *[(0, 0)] * 4])
        shown = []
        for clip, told in zip(frames, actions, strict=True):
            row, column = self.where(clip[None, -1:])[0, 0].tolist()
            ground = clip[-1].clone()
            ground[4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = torch.tensor([236, 232, 222])
            path = []
            for code in told[known - 1 :]:
                if self.obeys:
                    down, right = moves[code].tolist()
                    row, column = min(max(row + down, 0), 7), min(max(column + right, 0), 7)
                path.append(ground.clone())
                path[-1][4 * row : 4 * row + 4, 4 * column : 4 * column + 4] = AGENT
            shown.append(torch.stack(path))
        return torch.stack(shown)

    @staticmethod
    def where(frames):
        at = (frames[:, :, ::4, ::4] == AGENT).all(-1).flatten(2).int().argmax(-1)
        return torch.stack([at // 8, at % 8], -1)


class DeafWorld(TrueWorld):
    """Does not do as it is told: it stands still."""

    obeys = False


def test_a_world_that_knows_the_game_is_playable(film, tmp_path):
    found = evaluate(TrueWorld(), film, OPTIONS, tmp_path)

    assert found.playable
    assert found.moment.inferred.value == pytest.approx(likeness.CEILING)
    assert found.moment.random.value < found.moment.inferred.low
    assert found.tokenizer.value == pytest.approx(likeness.CEILING)
    assert found.distances.inferred.value < found.distances.floor.value
    assert found.codes.better.low > 0.3
    assert found.codes.information.low > 5 * abs(found.codes.shuffled)
    assert Evaluation.model_validate_json((tmp_path / "evaluation.json").read_text()) == found
    assert (tmp_path / "clips.png").read_bytes()[:4] == b"\x89PNG"
    assert (tmp_path / "clips.gif").read_bytes()[:4] == b"GIF8"


def test_a_world_that_does_not_obey_is_not(film):
    found = evaluate(DeafWorld(), film, OPTIONS)

    assert not found.playable
    assert found.moment.delta.value == 0
    assert found.moment.ahead.value == pytest.approx(0, abs=1e-9)


def test_the_figures_of_a_study_are_plain_numbers(film):
    found = evaluate(TrueWorld(), film, OPTIONS).measures()

    assert found["playable"] == 1.0
    assert json.loads(json.dumps(found, allow_nan=False)) == found


def test_an_evaluation_says_what_does_not_fit(film):
    other = TrueWorld()
    other.settings = SimpleNamespace(side=64)
    with pytest.raises(ConfigError, match="frames of 32 pixels, not 64"):
        evaluate(other, film, OPTIONS)
    with pytest.raises(ConfigError, match="beyond a rollout of 2 frames"):
        evaluate(TrueWorld(), film, EvaluationOptions(clips=8, horizon=2, at=4))


def test_progress_is_told(film):
    heard = []
    evaluate(DeafWorld(), film, OPTIONS, tell=lambda done, of: heard.append((done, of)))

    assert heard == [(8, 24), (16, 24), (24, 24)]


def test_clips_of_one_level_widen_the_interval():
    values = np.repeat(np.random.default_rng(0).normal(size=8), 32)
    apart, alike = (intervals.mean(values, np.array(levels, str)) for levels in (range(256), np.repeat(range(8), 32)))

    assert alike.high - alike.low > 3 * (apart.high - apart.low)
    assert apart.value == alike.value


def test_a_jackknife_of_a_mean_is_about_its_standard_error():
    values = np.random.default_rng(1).normal(size=400)
    found = intervals.of_all(lambda which: float(values[which].mean()), np.arange(400).astype(str))

    assert found.high - found.low == pytest.approx(2 * 1.96 / 20, rel=0.5)


def test_an_interval_from_one_level_knows_nothing():
    found = intervals.of_all(lambda which: 1.0, np.array(["a", "a"]))

    assert (found.value, found.low, found.high) == (1.0, float("-inf"), float("inf"))


def test_the_distance_grows_with_what_is_changed_and_is_none_from_itself():
    clips = np.random.default_rng(0).integers(0, 256, (40, 4, 16, 16, 3), np.uint8)
    true = likeness.features(clips)
    little, much = (likeness.frechet(likeness.features((clips * share).astype(np.uint8)), true) for share in (0.9, 0.5))

    assert true.shape == (40, 112)
    assert likeness.frechet(true, true) == pytest.approx(0, abs=1e-6)
    assert 0 < little < much


def test_decibels_have_a_ceiling_at_one_grey_level():
    black = np.zeros((1, 8, 8, 3), np.uint8)

    assert likeness.decibels(black, black)[0] == pytest.approx(likeness.decibels(black, black + 1)[0])
    assert likeness.decibels(black, black + 255)[0] == pytest.approx(0)


def test_information_is_the_entropy_of_what_is_known_and_none_of_what_is_not():
    actions = np.random.default_rng(0).integers(4, size=4000)
    codes = np.random.default_rng(1).integers(8, size=4000)

    assert meaning.information(actions, actions) == pytest.approx(2, abs=0.01)
    assert meaning.information(codes, actions) == pytest.approx(0, abs=0.005)


def test_a_table_is_asked_on_levels_it_was_not_made_of():
    levels = np.repeat(np.arange(20), 5).astype(str)
    actions = np.random.default_rng(0).integers(4, size=(100, 6))
    by_code, by_count = meaning.told((actions + 1) % 4, actions, levels)

    assert by_code.mean() == 1
    assert by_count.mean() < 0.45


def test_codes_in_use_are_counted_by_how_often():
    assert meaning.perplexity(np.zeros(10, int)) == pytest.approx(1)
    assert meaning.perplexity(np.arange(8)) == pytest.approx(8)
