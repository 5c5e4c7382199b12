"""A PettingZoo parallel environment as an engine: begun from levels, played by policies from outside."""

from __future__ import annotations

import sys
from importlib.metadata import EntryPoint
from types import SimpleNamespace

import numpy as np
import pytest

from stage import strangers
from stage.onnx_bytes import perceptron
from stage.pushball import Pushball
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid.engine import engine
from wunderkammer.domains.madrid.matches import Engine, regrets
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.worlds.football import outside

SIDES = {"left": ((-0.97, 0.0), (-0.2, 0.1)), "right": ((0.97, 0.0), (0.3, -0.2))}
PLAYERS = ["pusher", "idler", "blank", "narrow"]


def level(x: float, y: float = 0.0, reference: str = "pusher") -> Scenario:
    return Scenario(**SIDES, ball=(x, y), reference=reference)


def made(pitch: str = "Meadow", **changes: object) -> Engine:
    options = MadridOptions(
        engine="pettingzoo", pitch=pitch, players=2, target="idler", references=("blank", "pusher"), repeats=3, steps=64
    )
    return engine(options.model_copy(update=changes))


@pytest.fixture(autouse=True)
def package(monkeypatch: pytest.MonkeyPatch) -> None:
    strangers.offer(monkeypatch, PLAYERS, ["Meadow", "deaf", "quiet"])


@pytest.mark.parametrize("pitch", ["Meadow", "quiet"])
def test_regret_is_what_the_reference_wins_more_than_the_target(pitch: str) -> None:
    (trial,) = regrets(made(pitch), "idler", [level(0.1)], [4])
    assert (trial.reference, trial.target, trial.regret) == (1, 0, 1)
    assert not trial.fault


def test_a_match_ends_with_a_goal_and_tells_what_it_was_told(monkeypatch: pytest.MonkeyPatch) -> None:
    played = made().play("pusher", "idler", [level(0.1), level(0.65)], [4, 4])
    assert played.value.tolist() == [[1] * 3, [1] * 3]
    assert (played.left["shots"][1] == 2).all()  # the steps that it took
    assert (played.left["shots"][0] > 6).all()
    assert (played.left["completed"] == played.left["passes"]).all()
    assert (played.left["hesitation"] == 0).all()


def test_an_action_that_is_none_is_a_fault_of_its_level_and_no_loss() -> None:
    found = regrets(made(), "idler", [level(0.1, reference="blank"), level(0.1, 0.3, "blank")], [1, 1])
    assert [trial.fault for trial in found] == [False, True]


def test_a_clip_has_all_positions() -> None:
    trace = made().clip("pusher", "idler", level(0.65), 4)
    assert trace is not None
    assert trace.place.shape == (3, 4, 2)
    assert trace.value == 1
    assert np.allclose(trace.ball[0], (0.65, 0))


def test_a_network_plays_where_its_observation_fits(tmp_path) -> None:
    for name, entering in (("fits", 3), ("wide", 4)):
        layers = [(np.zeros((entering, 2)), np.array([0.0, 9.0]))]
        (tmp_path / f"{name}.onnx").write_bytes(perceptron(layers, choose=True))
    played = made().play(str(tmp_path / "fits.onnx"), "idler", [level(0.1)], [1])
    assert (played.value == 1).all()
    with pytest.raises(ConfigError, match="wide is made for 4 features, and this football has 3"):
        made().play(str(tmp_path / "wide.onnx"), "idler", [level(0.1)], [1])


@pytest.mark.parametrize(
    ("pitch", "changes", "words"),
    [
        ("deaf", {}, "deaf: its reset takes no notice of options"),
        ("absent", {}, "no pitch 'absent' is installed; .*Meadow"),
        ("Meadow", {"players": 3}, "Meadow has agents left_0, .*players=2"),
    ],
)
def test_an_environment_that_does_not_fit_is_refused_before_any_match(
    pitch: str, changes: dict[str, object], words: str
) -> None:
    with pytest.raises(ConfigError, match=words):
        made(pitch, **changes).play("pusher", "idler", [level(0.1)], [1])


def test_a_policy_that_does_not_fit_is_refused_before_any_match() -> None:
    with pytest.raises(ConfigError, match="narrow cannot act on what 2 players see"):
        made().play("narrow", "idler", [level(0.1)], [1])
    with pytest.raises(ConfigError, match="'bot-0.5' cannot play on Meadow: name an ONNX network"):
        made().play("bot-0.5", "idler", [level(0.1)], [1])


def test_a_pitch_belongs_to_this_engine_alone() -> None:
    with pytest.raises(ValueError, match="pitch: names the environment of engine=pettingzoo"):
        MadridOptions(pitch="Meadow")
    with pytest.raises(ValueError, match="pitch: names the environment of engine=pettingzoo"):
        MadridOptions(engine="pettingzoo")


# ---- an environment that brings players along ------------------------------------------------------------------------


@pytest.fixture
def vmas(monkeypatch: pytest.MonkeyPatch) -> Engine:
    """As if vmas were installed: its interface on another game."""
    football = "wunderkammer.worlds.football"
    points = {
        group: (EntryPoint(name, f"{football}.{place}", group),)
        for group, name, place in (
            ("wunderkammer.players", "vmas-chaser", "vmas_chaser:chaser"),
            ("wunderkammer.pitches", "vmas", "vmas_pitch:VmasPitch"),
        )
    }
    monkeypatch.setattr(outside, "entry_points", lambda group: points[group])
    monkeypatch.setitem(sys.modules, "vmas", SimpleNamespace(make_env=Pushball))
    changes = {"players": 3, "target": "vmas-chaser", "references": ("vmas-ai-0.5", "vmas-ai-1"), "steps": 24}
    return made("vmas", **changes)


def test_players_of_the_pitch_are_references_and_targets_as_others_are(vmas: Engine) -> None:
    sides = {name: (*places, (0.4 if name == "left" else -0.4, 0.3)) for name, places in SIDES.items()}
    free = Scenario(**sides, ball=(-0.18, 0.1), reference="vmas-ai-1")
    (trial,) = regrets(vmas, "vmas-ai-1", [free], [4])
    assert (trial.reference, trial.target, trial.regret) == (1, 1, 0)
    played = vmas.play("vmas-ai-1", "vmas-chaser", [free], [4])
    assert played.left["possession"].all()
    assert (vmas.play("vmas-chaser", "vmas-ai-1", [free], [4]).left["possession"] > 0).all()


def test_who_is_unknown_there_is_told_who_is_not(vmas: Engine) -> None:
    level = Scenario(**{name: (*places, (0.0, 0.3)) for name, places in SIDES.items()}, ball=(0, 0), reference="x")
    with pytest.raises(ConfigError, match=r"'vmas-ai-2' cannot play on vmas: .*vmas-chaser, vmas-ai-0\.1, .*-1$"):
        vmas.play("vmas-ai-2", "vmas-chaser", [level], [4])
