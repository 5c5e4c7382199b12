"""Trainings in cars: they learn, are examined on the circuits, and leave a driver."""

from __future__ import annotations

import itertools
import json
from math import log

import pytest
from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.adversary import adversary
from wunderkammer.domains.paired.car_driver import driver
from wunderkammer.domains.paired.car_layout import TrackOptions
from wunderkammer.domains.paired.graduate import graduate
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.domains.paired.training import train
from wunderkammer.worlds.car.world import CarRacing

TINY = TrainingSettings(
    world="car", pixels=16, stack=2, repeat=4, horizon=6, memory="gru", width=8, filters=2, envs=2, steps=4, epochs=1,
    updates=1, report=1, test=1, episodes=1,
)  # fmt: skip


def test_a_training_is_examined_on_the_circuits_and_leaves_a_driver(tmp_path) -> None:
    found = train(TINY, tmp_path / "kept", tmp_path, lambda *_, **__: None, itertools.count(0.0).__next__)
    rates = json.loads((tmp_path / "held_out.json").read_text())["end"]
    assert len(rates) == 20
    assert all(0 <= rate < 0.2 for rate in rates.values()), "six actions of four frames do not lead far"
    assert found["length"] <= 6
    assert found["metres"] > 400
    assert -1000 < found["returned"] < 200, "as CarRacing counts, not as the student is paid"
    assert (tmp_path / "mazes.svg").read_text().count("<polyline") > 20
    found = driver(TrackOptions(driver=str(tmp_path / "student.safetensors")))
    assert (found.world.pixels, found.world.stack, found.world.repeat, found.world.frames) == (16, 2, 4, 24)


def test_a_teacher_builds_tracks_and_is_paid_in_shares_of_them(tmp_path) -> None:
    settings = TINY.model_copy(
        update={"method": "paired-stable", "sight": "way", "horizon": 4, "noise": 2, "breadth": 8, "teacher_epochs": 1}
    )
    found = train(settings, tmp_path / "kept", tmp_path, lambda *_, **__: None, itertools.count(0.0).__next__)
    assert 0.9 * log(32) < found["teacher_entropy"] <= log(32) + 1e-6
    assert found["steps"] == 2 * 2 * 4
    assert -0.1 < found["regret"] < 0.5, "four actions lead over a few tiles"
    assert 400 < found["metres"] < 1500
    with pytest.raises(ConfigError, match="holds a teacher of tracks, which proposes no mazes"):
        adversary(tmp_path / "teacher.safetensors")


def test_what_does_not_go_with_cars_is_refused() -> None:
    for wrong in ({"method": "sfl"}, {"levels": f"{'0' * 24}.txt"}):
        with pytest.raises(ValidationError, match="cars are trained by dr, plr, robust-plr, accel, paired"):
            TrainingSettings(world="car", **wrong)
    for wrong in ({"built": 3}, {"ground": "sampled"}):
        with pytest.raises(ValidationError, match="a track is built from nothing, of twelve points"):
            TrainingSettings(world="car", method="paired", **wrong)


def test_a_student_of_mazes_cannot_drive(tmp_path) -> None:
    import jax

    from wunderkammer.domains.paired.kept import keep
    from wunderkammer.domains.paired.school import school_of

    settings = TrainingSettings(size=5, walls=4, width=4, filters=2)
    params = jax.jit(lambda: school_of(settings).student(jax.random.key(0)).params)()
    file = tmp_path / "student.safetensors"
    keep(settings, params, file)
    assert not isinstance(graduate(file).world, CarRacing)
    with pytest.raises(ConfigError, match="student of mazes, who cannot drive"):
        driver(TrackOptions(driver=str(file)))
