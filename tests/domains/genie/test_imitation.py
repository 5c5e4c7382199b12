"""Imitation from observation: who is told the truth by the world learns, who is told nothing does not."""

from __future__ import annotations

import numpy as np
import pytest

pytest.importorskip("torch")
import torch

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.genie.imitating import ImitationOptions, imitation_job
from wunderkammer.domains.genie.imitation import Classroom, Imitation, clone, imitate, infer, pairs
from wunderkammer.worlds.film.experts import expert
from wunderkammer.worlds.film.recording import GameFilm, episodes

SOURCE = GameFilm("grid", 0, 16)
QUICK = ImitationOptions(watched=16, steps=48, updates=12, batch=16, width=4, levels=16, horizon=50, seeds=1)


class Seer:
    """A world whose latent actions are where the agent went, by another name."""

    actions = 8
    device = torch.device("cpu")

    def infer(self, frames):
        red = (frames[:, :, ::2, ::2].float() - torch.tensor([196.0, 60, 48])).abs().sum(-1) < 1
        at = red.flatten(2).int().argmax(-1)
        names = {1: 5, 8: 2, -1: 7, -8: 0}
        return torch.diff(at, dim=1).apply_(lambda went: names.get(went, 3))


@pytest.fixture(scope="module")
def found(tmp_path_factory):
    keep = tmp_path_factory.mktemp("imitation")
    return imitate(Seer(), SOURCE, QUICK, keep), keep


def test_all_students_are_examined_in_the_same_levels(found):
    assert set(found[0].students) == {"latent", "true", "chance", "few", "random"}
    assert Imitation.model_validate_json((found[1] / "imitation.json").read_text()) == found[0]


def test_the_few_known_actions_translate_the_guesses(found):
    assert found[0].told == 1
    assert found[0].majority < 0.6


def test_more_must_be_watched_than_is_labelled():
    with pytest.raises(ConfigError, match="nothing is left to guess"):
        imitate(Seer(), SOURCE, QUICK.model_copy(update={"watched": 2, "steps": 8}))


def test_guesses_that_are_right_teach_as_much_as_the_truth(found):
    lessons = Classroom(Seer(), SOURCE, QUICK).watch()
    names = {5: 0, 2: 1, 7: 2, 0: 3}

    assert [names[code] for code in lessons.codes] == lessons.actions.tolist()


def test_an_expert_arrives_always_and_chance_does_not():
    room = Classroom(Seer(), SOURCE, QUICK)
    with SOURCE.open(0, 4) as games:
        player = expert("grid", games, np.random.default_rng(0))
        takes = list(episodes(games, player, 60, 16))
    idle = room.examine(lambda seen, rng: np.zeros(len(seen), np.int64), 0)

    assert all(one.labels["reward"].sum() == 1 for one in takes[:-1] if one.labels["reward"][-2:].any())
    assert idle.solved.mean() < 0.5


def test_a_policy_learns_what_it_is_shown():
    wanted = np.arange(60) % 3
    seen = np.broadcast_to((120 * wanted).astype(np.uint8)[:, None, None, None, None], (60, 2, 8, 8, 3)).copy()
    policy = clone(seen, wanted, 3, QUICK.model_copy(update={"updates": 120, "width": 8, "rate": 5e-3}), 0)

    assert (policy.act(seen, np.random.default_rng(0)) == wanted).mean() > 0.8


def test_episodes_of_any_length_are_labelled_in_their_order():
    with SOURCE.open(0, 4) as games:
        takes = [
            one for one in episodes(games, expert("grid", games, np.random.default_rng(0)), 20, 16)
            if len(one.frames) > 1
        ]  # fmt: skip

    assert [len(codes) for codes in infer(Seer(), takes)] == [len(one.frames) - 1 for one in takes]


def test_a_frame_is_shown_with_the_one_before():
    frames = np.arange(3, dtype=np.uint8).reshape(3, 1, 1, 1)

    assert pairs(frames)[:, :, 0, 0, 0].tolist() == [[0, 0], [0, 1], [1, 2]]


def test_a_game_that_nobody_can_play_is_refused():

    with pytest.raises(ConfigError, match="nobody here can play pitfall"):
        expert("pitfall", object(), np.random.default_rng(0))


def test_a_job_is_known_by_its_world_and_says_only_what_differs(tmp_path):
    with pytest.raises(ConfigError, match="holds no world"):
        imitation_job(tmp_path, "grid", ImitationOptions())
    (tmp_path / "world.safetensors").write_bytes(b"weights")
    job = imitation_job(tmp_path, "grid", ImitationOptions(seeds=5))

    assert job.args.keys() == {"weights", "game", "seeds"}
    (tmp_path / "world.safetensors").write_bytes(b"others!")
    assert imitation_job(tmp_path, "grid", ImitationOptions(seeds=5)).id != job.id
