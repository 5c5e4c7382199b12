"""Levels tried in the real engine, with a stand-in for it."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from safetensors.numpy import save_file

from stage import grf_engine, grf_weights
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid.matches import regrets
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario

pytest.importorskip("jax")
LEFT = [[-0.9, 0.0], *([-0.4 + 0.05 * at, -0.2 + 0.04 * at] for at in range(10))]


def level(**changes: object) -> Scenario:
    places = {"left": LEFT, "right": [[-x, -y] for x, y in LEFT], "ball": [0.5, 0.1], "reference": "bot-0.95"}
    return Scenario.model_validate(places | changes)


@pytest.fixture(scope="module")
def engine(tmp_path_factory) -> Iterator[object]:
    from wunderkammer.domains.madrid.real import GrfFootball

    folder = tmp_path_factory.mktemp("grf")
    save_file(grf_weights.weights(), folder / "tizero.safetensors")
    python = grf_engine.interpreter(folder)
    options = MadridOptions(
        engine="grf", players=11, target="tizero", references=("bot-0.05", "bot-0.95"), repeats=2, processes=1,
        grf=str(python), tizero=str(folder / "tizero.safetensors"),
    )  # fmt: skip
    made = GrfFootball(options)
    yield made
    made.close()


def test_regret_is_what_the_reference_wins_beyond_the_target(engine):
    # The stand-in: whoever is stronger wins; of equals, an even seed wins for left and an odd one for right.
    weak, strong = regrets(engine, "tizero", [level(reference="bot-0.05"), level()], [2, 2])

    assert (weak.reference, strong.reference) == (-1, -1)  # tizero counts as 1
    assert weak.target == 0  # seeds 2 and 7921
    assert weak.regret == -1
    assert weak.figures["own goals"][0] == pytest.approx(0.0)
    assert not weak.fault


def test_an_engine_that_dies_is_a_fault_and_no_loss(engine):
    (found,) = regrets(engine, "tizero", [level(ball=[0.0, 0.4])], [2])

    assert found.fault


def test_a_clip_has_all_positions(engine):
    trace = engine.clip("tizero", "tizero", level(), 2)

    assert trace.place.shape == (17, 22, 2)
    np.testing.assert_allclose(trace.place[0, :11], LEFT, atol=1e-3)
    assert trace.value == 1
    assert trace.features["possession_right"] == 17
    assert trace.features["own_goal_right"] == 1


def test_five_a_side_is_refused(engine):
    with pytest.raises(ConfigError, match="players=11"):
        engine.play("tizero", "tizero", [level(left=LEFT[:5], right=LEFT[6:])], [1])
