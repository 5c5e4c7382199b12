"""The network in numpy against the same layers in torch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from stage.grf_sight import raw
from stage.grf_weights import weights
from wunderkammer.worlds.grf import tizero


def test_scores_are_those_of_the_same_layers_in_torch():
    torch = pytest.importorskip("torch")
    given = weights()
    rng, memory = np.random.default_rng(1), tizero.Memory(4)
    w = {name: torch.from_numpy(value) for name, value in given.items()}

    def layer(name: str, x: Any) -> Any:
        x = torch.relu(torch.nn.functional.linear(x, w[f"{name}.0.weight"], w[f"{name}.0.bias"]))
        return torch.nn.functional.layer_norm(x, x.shape[1:], w[f"{name}.2.weight"], w[f"{name}.2.bias"])

    lstm = torch.nn.LSTM(256, 256)
    lstm.load_state_dict({name.removeprefix("obs_encoder.rnn.rnn."): v for name, v in w.items() if ".rnn.rnn." in name})
    state = None
    for _ in range(3):
        seen = rng.normal(0, 1, (4, 330)).astype(np.float32)
        seen[:, 0] = [1, 4, 9, 10]
        ours = tizero.TiZero(given).scores(seen, memory)

        x, parts = torch.from_numpy(seen[:, 1:]), []
        for name, size in tizero.PARTS:
            inner = f"obs_encoder.input_encoder.{name}_encoder"
            parts.append(layer(f"{inner}.mlp.0", layer(f"{inner}.first_mlp", x[:, :size])))
            x = x[:, size:]
        with torch.no_grad():
            x, state = lstm(layer("obs_encoder.input_embedding", torch.cat(parts, 1))[None], state)
            x = torch.nn.functional.layer_norm(
                x[0], (256,), w["obs_encoder.rnn.norm.weight"], w["obs_encoder.rnn.norm.bias"]
            )
            x = layer("obs_encoder.after_rnn_mlp", x)
            x = torch.cat([layer("id_embedding", torch.eye(11)[[1, 4, 9, 10]]), x], 1)
            x = layer("before_act_wrapper.mlp.0", layer("before_act_wrapper.first_mlp", x))
            theirs = torch.nn.functional.linear(x, w["act.action_out.linear.weight"], w["act.action_out.linear.bias"])

        np.testing.assert_allclose(ours, theirs.numpy()[:, :19], atol=2e-4)


def test_numbers_that_are_none_are_an_error():
    broken = weights()
    broken["act.action_out.linear.bias"][3] = np.nan
    with pytest.raises(FloatingPointError, match="not finite"):
        tizero.TiZero(broken).act([raw()], tizero.Memory(1))
