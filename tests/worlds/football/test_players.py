"""Policies by name and in files, and what is no policy."""

from __future__ import annotations

from itertools import pairwise

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from safetensors.numpy import save_file

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football import mlp, observation, players
from wunderkammer.worlds.football.actions import ACTIONS


def layers(*widths):
    rng = np.random.default_rng(0)
    return [
        {"weights": rng.normal(size=(a, b)).astype(np.float32), "bias": rng.normal(size=b).astype(np.float32)}
        for a, b in pairwise(widths)
    ]


def test_a_file_is_read_back_in_single_precision(tmp_path):
    made = layers(observation.features(4), 8, ACTIONS)
    file = tmp_path / "mine.safetensors"
    players.write(made, file, {"by": "hand"})
    policy = players.named(str(file))
    assert (policy.name, policy.players) == ("mine", 4)
    seen = np.random.default_rng(1).normal(size=(4, observation.features(4))).astype(np.float32)
    np.testing.assert_allclose(mlp.logits(policy.parameters, seen), mlp.logits(made, seen), rtol=2e-2, atol=0.2)
    assert policy.parameters[0]["weights"].dtype == np.float32


@pytest.mark.parametrize(
    ("widths", "fault"),
    [
        ((40, 8, ACTIONS), "takes 40 features; players of 5 against 5 see 47"),
        ((27, 8, ACTIONS), "takes 27 features"),
        ((47, 8, 19), "gives 19 numbers; give one for each action, 21"),
    ],
)
def test_a_network_of_other_sizes_is_refused(tmp_path, widths, fault):
    file = tmp_path / "other.safetensors"
    players.write(layers(*widths), file, {})
    with pytest.raises(ConfigError, match=fault):
        players.read(file)


def test_what_holds_no_network_is_refused(tmp_path):
    file = tmp_path / "torn.safetensors"
    with pytest.raises(ConfigError, match="holds no policy"):
        players.read(file)
    file.write_bytes(b"\x00" * 40)
    with pytest.raises(ConfigError, match="holds no policy"):
        players.read(file)
    save_file({"weights": np.zeros((47, 21), np.float32)}, file)
    with pytest.raises(ConfigError, match="name the layers 0.weights"):
        players.read(file)
    broken = layers(47, 8, ACTIONS)
    broken[1]["weights"][0, 0] = np.nan
    players.write(broken, file, {})
    with pytest.raises(ConfigError, match="layer 1 holds numbers that are not finite"):
        players.read(file)
    uneven = layers(47, 8, ACTIONS)
    uneven[1] = layers(9, ACTIONS)[0]
    players.write(uneven, file, {})
    with pytest.raises(ConfigError, match="1.weights is of shape"):
        players.read(file)


def test_bots_of_any_strength_go_by_name():
    policy = players.named("bot-0.35")
    assert policy.name == "bot-0.35"
    assert float(policy.parameters) == pytest.approx(0.35)
    with pytest.raises(ConfigError, match="between 0 and 1, not 2"):
        players.named("bot-2")
    with pytest.raises(ConfigError, match="unknown player 'nobody'; there are: .*bot-0.95"):
        players.named("nobody")


def test_what_is_shipped_plays_five_against_five():
    names = players.shipped()
    assert names[0] == "5v5-clone"
    assert len(names) >= 3
    for name in names:
        policy = players.named(name)
        assert (policy.name, policy.players) == (name, 5)
        actions, _ = jax.eval_shape(policy.act, policy.parameters, jax.random.key(0), jnp.zeros((5, 47)), ())
        assert actions.shape == (5,)


def test_actions_are_drawn_as_their_logits_say():
    chances = np.array([0.5, 0.25, 0.25])
    logits = np.full(ACTIONS, -np.inf)
    logits[[0, 7, 20]] = np.log(chances)
    drawn = np.asarray(
        mlp.draw(jnp.broadcast_to(logits, (4000, ACTIONS)), jax.random.uniform(jax.random.key(0), (4000,)))
    )
    for action, chance in zip((0, 7, 20), chances, strict=True):
        assert (drawn == action).mean() == pytest.approx(chance, abs=0.03)
    assert int(mlp.draw(jnp.full((1, ACTIONS), jnp.nan), jnp.zeros(1))[0]) == -1
