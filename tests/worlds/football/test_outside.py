"""Players from outside: networks in ONNX and functions of installed packages, in the same football."""

from __future__ import annotations

from pathlib import Path

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from stage import strangers
from stage.onnx_bytes import perceptron
from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import hosted, level, match, outside, players
from wunderkammer.worlds.football.outside import Outside
from wunderkammer.worlds.football.policy import Policy
from wunderkammer.worlds.football.world import Football

WORLD = Football(2, steps=12)
LINEUPS = level.stack([level.sample(np.random.default_rng(5), 2) for _ in range(3)])
KEYS = jax.vmap(jax.random.key)(jnp.arange(3))
RNG = np.random.default_rng(2)
LAYERS = [
    (RNG.normal(0, 0.3, (WORLD.features, 8)).astype(np.float32), np.zeros(8, np.float32)),
    (RNG.normal(0, 0.3, (8, 21)).astype(np.float32), RNG.normal(0, 1, 21).astype(np.float32)),
]


@pytest.fixture(scope="module")
def network(tmp_path_factory: pytest.TempPathFactory) -> tuple[Policy, Outside]:
    """The same weights twice: within our programs, and in a session of onnxruntime."""
    folder = tmp_path_factory.mktemp("networks")
    (folder / "theirs.onnx").write_bytes(perceptron(LAYERS))
    players.write([{"weights": a, "bias": b} for a, b in LAYERS], folder / "ours.safetensors", {})
    half = [(a.astype(np.float16).astype(np.float32), b.astype(np.float16).astype(np.float32)) for a, b in LAYERS]
    (folder / "theirs.onnx").write_bytes(perceptron(half))
    ours, theirs = (players.anybody(str(folder / name)) for name in ("ours.safetensors", "theirs.onnx"))
    assert isinstance(ours, Policy)
    assert isinstance(theirs, Outside)
    return ours, theirs


def test_the_same_network_plays_the_same_matches_from_outside(network: tuple[Policy, Outside]) -> None:
    ours, theirs = network
    within, fault = match.judged(WORLD, ours, ours, LINEUPS, KEYS, 4)
    found, also = hosted.judged(WORLD, theirs, ours, LINEUPS, KEYS, 4)
    assert not np.asarray(fault).any()
    assert not np.asarray(also).any()
    assert np.array_equal(within.value, found.value)
    for name in ("length", "run_left", "turns_left", "ball_x"):
        # float32 sums in another order: a draw that lies on the edge between two actions may fall to the other side
        assert np.mean(np.isclose(within.features[name], found.features[name], atol=1e-4)) >= 10 / 12, name


def test_a_clip_of_somebody_from_outside_has_all_positions(network: tuple[Policy, Outside]) -> None:
    ours, theirs = network
    (trace,) = hosted.traces(WORLD, ours, theirs, level.sample(np.random.default_rng(5), 2), KEYS[0])
    assert trace.place.shape == (int(trace.features["length"]) + 1, 4, 2)
    assert trace.names == ("ours", "theirs")


def test_a_function_may_draw_by_the_luck_that_it_is_given(monkeypatch: pytest.MonkeyPatch) -> None:
    strangers.offer(monkeypatch, ["runner", "drawer"])
    observation, luck = np.zeros((3, 2, 5), np.float32), RNG.random((3, 2), np.float32)
    runner, drawer = (players.anybody(name) for name in ("runner", "drawer"))
    assert (outside.ask(runner, observation, luck, 21) == strangers.EAST).all()  # type: ignore[arg-type]
    assert np.array_equal(outside.ask(drawer, observation, luck, 21), (luck * 5).astype(int))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("answer", "wanted"),
    [(np.nan, -1), (np.inf, -1), (21, -1), (-3, -1), (2.5, -1), (20, 20), (3.0, 3), (True, 1)],
)
def test_an_action_that_is_none_is_told_from_one_that_is(answer: float, wanted: int) -> None:
    said = Outside("said", lambda _, luck: np.full(luck.shape, answer))
    assert (outside.ask(said, np.zeros((2, 3, 4), np.float32), np.zeros((2, 3), np.float32), 21) == wanted).all()


def test_logits_that_are_no_numbers_are_no_action() -> None:
    luck = np.array([0.0, 0.5, 0.999], np.float32)
    logits = np.array([[0.0, np.nan], [50.0, -50.0], [0.0, 0.0]], np.float32)
    assert outside.drawn(logits, luck).tolist() == [-1, 0, 1]


def test_a_network_may_give_actions(tmp_path: Path) -> None:
    file = tmp_path / "chooser.onnx"
    file.write_bytes(perceptron(LAYERS, choose=True))
    chooser = players.anybody(str(file))
    assert isinstance(chooser, Outside)
    observation = RNG.normal(0, 1, (3, 2, WORLD.features)).astype(np.float32)
    hidden = np.maximum(observation @ LAYERS[0][0] + LAYERS[0][1], 0)
    wanted = (hidden @ LAYERS[1][0] + LAYERS[1][1]).argmax(-1)
    assert np.array_equal(outside.ask(chooser, observation, np.zeros((3, 2), np.float32), 21), wanted)


def test_files_that_are_no_policy_are_refused(tmp_path: Path) -> None:
    broken = tmp_path / "broken.onnx"
    broken.write_bytes(b"not a network")
    with pytest.raises(ConfigError, match="holds no ONNX network"):
        players.anybody(str(broken))
    with pytest.raises(ConfigError, match=r"absent\.onnx: no such file"):
        players.anybody(str(tmp_path / "absent.onnx"))
    with pytest.raises(ConfigError, match=r"FILE\.safetensors, FILE\.onnx"):
        players.anybody("nobody")


def test_who_does_not_fit_is_refused_before_any_match(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    strangers.offer(monkeypatch, ["narrow", "one_for_all"])
    file = tmp_path / "five.onnx"
    file.write_bytes(perceptron([(np.zeros((47, 21)), np.zeros(21))]))
    few = tmp_path / "few.onnx"
    few.write_bytes(perceptron([(np.zeros((WORLD.features, 5)), np.zeros(5))]))
    for name, words in (
        ("narrow", "narrow cannot act on what 2 players see .32 features.: matmul"),
        ("one_for_all", r"gives actions of shape \(2,\) for 2 matches of 2 players"),
        (str(file), "five is made for 47 features, and this football has 32"),
        (str(few), "few is made for 5 actions, and this football has 21"),
    ):
        with pytest.raises(ConfigError, match=words):
            hosted.check(WORLD, LINEUPS, players.anybody(name))


def test_nothing_learns_with_somebody_from_outside(monkeypatch: pytest.MonkeyPatch) -> None:
    strangers.offer(monkeypatch, ["runner"])
    with pytest.raises(ConfigError, match="runner plays from outside of our programs"):
        players.named("runner")


def test_a_function_that_is_none_says_what_is_wrong_with_it(monkeypatch: pytest.MonkeyPatch) -> None:
    strangers.offer(monkeypatch, ["absent", "EAST", "deaf"])
    with pytest.raises(ConfigError, match=r"stage\.strangers:absent of wunderkammer\.players cannot be imported"):
        players.anybody("absent")
    with pytest.raises(ConfigError, match="EAST is no function of an observation"):
        players.anybody("EAST")
    with pytest.raises(ConfigError, match="deaf must take an observation"):
        players.anybody("deaf")
