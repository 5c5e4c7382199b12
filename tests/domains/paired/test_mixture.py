"""Given levels among sampled ones: their share, and what does not fit."""

from __future__ import annotations

import jax
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.mixture import Mixture, given_mazes
from wunderkammer.domains.paired.school import school_of
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.domains.paired.training import Training
from wunderkammer.worlds.maze.levels import MazeLevels

SETTINGS = TrainingSettings(size=5, walls=6, levels=f"{'0' * 24}.txt")
MAPS = ("....G\n#####\n#####\n#####\n>....", "G....\n.....\n..#..\n.....\n....>")


@pytest.fixture
def file(tmp_path):
    found = tmp_path / "found.txt"
    found.write_text(f"[one]\n{MAPS[0]}\n\n[other]\n{MAPS[1]}\n", "utf-8")
    return found


@pytest.mark.parametrize(("share", "least", "most"), [(0.0, 0, 0), (0.5, 10, 54), (1.0, 64, 64)])
def test_so_many_samples_are_given_levels(file, share, least, most) -> None:
    levels = Mixture(MazeLevels(5, 5, 6), given_mazes(SETTINGS, file), share)
    drawn = jax.jit(jax.vmap(levels.sample))(jax.random.split(jax.random.key(0), 64))
    texts = [levels.text(jax.tree.map(lambda leaf, at=at: leaf[at], drawn)) for at in range(64)]
    among = [one for one in texts if one in MAPS]
    assert least <= len(among) <= most
    assert share == 0.0 or set(among) == set(MAPS)


def test_what_does_not_fit_is_refused(file, tmp_path) -> None:
    with pytest.raises(ConfigError, match="maze one is 5 x 5, and the training is on 7 x 7; say --given size=5"):
        given_mazes(SETTINGS.model_copy(update={"size": 7}), file)
    (tmp_path / "none.txt").write_text("[a]\n", "utf-8")
    with pytest.raises(ConfigError, match=r"none\.txt, a: "):
        given_mazes(SETTINGS, tmp_path / "none.txt")
    with pytest.raises(ConfigError, match="names? an artifact and the training needs its file"):
        Training(SETTINGS, lambda: 0.0)
    with pytest.raises(ConfigError, match="names? an artifact and the training needs its file"):
        Training(SETTINGS.model_copy(update={"levels": ""}), lambda: 0.0, file)


def test_accel_may_begin_in_empty_fields() -> None:
    keys = jax.random.split(jax.random.key(0), 8)
    for empty in (True, False):
        school = school_of(TrainingSettings(method="accel", size=5, walls=6, empty=empty))
        assert bool(jax.vmap(school.levels.sample)(keys).walls.any()) is not empty
