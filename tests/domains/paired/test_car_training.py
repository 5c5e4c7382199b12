"""Trainings in cars: they learn, are examined on the circuits, and leave a driver."""

from __future__ import annotations

import itertools
import json

import pytest
from pydantic import ValidationError

from wunderkammer.core.errors import ConfigError
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
    assert (tmp_path / "mazes.svg").read_text().count("<polyline") > 20
    found = driver(TrackOptions(driver=str(tmp_path / "student.safetensors")))
    assert (found.world.pixels, found.world.stack, found.world.repeat, found.world.frames) == (16, 2, 4, 24)


def test_methods_that_build_mazes_are_refused() -> None:
    for wrong in ({"method": "paired"}, {"method": "sfl"}, {"levels": f"{'0' * 24}.txt"}):
        with pytest.raises(ValidationError, match="cars are trained by dr, plr, robust-plr, accel"):
            TrainingSettings(world="car", **wrong)


def test_a_student_of_mazes_cannot_drive(tmp_path) -> None:
    import jax

    from wunderkammer.domains.paired import graduate as files
    from wunderkammer.domains.paired.school import school_of

    settings = TrainingSettings(size=5, walls=4, width=4, filters=2)
    params = jax.jit(lambda: school_of(settings).student(jax.random.key(0)).params)()
    file = tmp_path / "student.safetensors"
    files.write(settings, params, file)
    assert not isinstance(graduate(file).world, CarRacing)
    with pytest.raises(ConfigError, match="student of mazes, who cannot drive"):
        driver(TrackOptions(driver=str(file)))
