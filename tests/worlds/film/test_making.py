"""Making a folder of film: in one process or two, interrupted and begun again, with other settings."""

from __future__ import annotations

import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film.film import Film
from wunderkammer.worlds.film.making import make
from wunderkammer.worlds.film.recording import GameFilm

SMALL = GameFilm("grid", 3 * 32 * 256, 32, levels=40)


def contents(folder):
    return {file.name: file.read_bytes() for file in folder.glob("*.npy")}


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    folder = tmp_path_factory.mktemp("whole")
    make(SMALL, folder, 32)
    return folder


def test_a_film_holds_about_as_many_frames_as_were_asked_for_and_says_whence(whole):
    manifest = Film(whole).manifest

    assert 0.9 * SMALL.frames < manifest.frames <= SMALL.frames
    assert (manifest.source, manifest.side, manifest.actions) == ("grid", 32, 4)
    assert {int(one.level) for shard in manifest.shards for one in shard.episodes} <= set(range(40))


def test_what_was_interrupted_goes_on_and_comes_to_the_same(whole, tmp_path):
    def stop(done, of):
        if done == 1:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(SMALL, tmp_path, 32, tell=stop)
    first = tmp_path / "00000-000.frames.npy"
    before = first.stat().st_mtime_ns
    heard = []
    make(SMALL, tmp_path, 32, tell=lambda done, of: heard.append((done, of)))

    assert heard == [(1, 3), (2, 3), (3, 3)]
    assert first.stat().st_mtime_ns == before
    assert contents(tmp_path) == contents(whole)


def test_a_unit_whose_shard_was_damaged_is_made_anew(whole, tmp_path):
    make(SMALL, tmp_path, 32)
    (tmp_path / "manifest.json").unlink()
    (tmp_path / "00001-000.frames.npy").write_bytes(b"rust")
    make(SMALL, tmp_path, 32)

    assert contents(tmp_path) == contents(whole)


def test_other_settings_need_another_folder(whole):
    with pytest.raises(ConfigError, match="made with other settings"):
        make(SMALL, whole, 16)


def test_a_frame_has_a_size_that_makes_sense(tmp_path):
    with pytest.raises(ConfigError, match="take 8 to 1024"):
        make(SMALL, tmp_path, 4)


def test_two_processes_make_the_same(whole, tmp_path):
    make(SMALL, tmp_path, 32, workers=2)

    assert contents(tmp_path) == contents(whole)


def test_the_recipe_does_not_depend_on_where_the_games_are_installed(tmp_path):
    from dataclasses import replace

    assert replace(SMALL, python=tmp_path).recipe() == SMALL.recipe()
    assert replace(SMALL, seed=1).recipe() != SMALL.recipe()


def test_a_source_of_which_nothing_is_left_is_refused(tmp_path):
    class Nothing:
        name, fps, actions = "nothing", 1.0, None

        def recipe(self):
            return {}

        def units(self):
            return []

    with pytest.raises(ConfigError, match="nothing to learn from"):
        make(Nothing(), tmp_path, 32)


def test_labels_are_what_was_played(whole):
    film = Film(whole)
    clips = film.held_out(8, 16)
    from wunderkammer.worlds.film.grid import MOVES

    agent = np.array([196, 60, 48])
    for frames, actions in zip(clips.frames, clips.actions, strict=True):
        places = [np.argwhere((frame[::4, ::4] == agent).all(-1))[0] for frame in frames]
        for action, here, there in zip(actions, places, places[1:], strict=False):
            went = tuple(there - here)
            assert went in (MOVES[action], (0, 0))


@pytest.mark.parametrize("game", ["grid", "maze"])
def test_there_are_as_many_true_actions_as_is_said(game):
    if game == "maze":
        pytest.importorskip("jax")
    source = GameFilm(game, 0, 32)
    with source.open(0, 1) as games:
        assert games.actions == source.actions
