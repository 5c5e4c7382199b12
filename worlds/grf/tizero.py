"""TiZero's actor in numpy: encoders of the five parts of what it sees, an LSTM, and 19 actions.

The weights are its authors' (Apache-2.0) and are not part of this project: `make grf TIZERO=actor.pt` writes them as
safetensors. Written from the shapes of its 72 tensors and its public description.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt

from wunderkammer.worlds.grf import sight

Array = npt.NDArray[np.float32]
PARTS = (("active", 87), ("ball_owner", 57), ("left", 88), ("right", 88), ("match_state", 9))
WIDTH = 256
_EPSILON = 1e-5
"""Of its layer norms."""


class Memory:
    """The state of the LSTM for `count` players, (count, 256) each."""

    def __init__(self, count: int) -> None:
        self.hidden = np.zeros((count, WIDTH), np.float32)
        self.cell = np.zeros((count, WIDTH), np.float32)


class TiZero:
    """The actor. Its keeper is not part of it: a program plays there, here the engine's own."""

    def __init__(self, weights: Mapping[str, Array]) -> None:
        self.weights = weights

    def act(self, observations: Sequence[sight.Raw], memory: Memory) -> npt.NDArray[np.int64]:
        """An action for each player, the likeliest that is allowed. Remembers in `memory`."""
        seen = np.stack([sight.encoded(raw) for raw in observations]).astype(np.float32)
        may = np.stack([sight.allowed(raw) for raw in observations])
        scores = self.scores(seen, memory)
        if not np.isfinite(scores).all():
            raise FloatingPointError("TiZero's scores are not finite")
        actions = np.where(may, scores, -np.inf).argmax(1)
        slows = (actions == sight.DRIBBLE) & np.array([bool(raw["sticky_actions"][8]) for raw in observations])
        return np.where(slows, sight.STOP_SPRINT, actions)

    def scores(self, seen: Array, memory: Memory) -> Array:
        """seen: (count, 330). Logits of the 19 actions, (count, 19)."""
        who, rest, parts = np.eye(11, dtype=np.float32)[seen[:, 0].astype(int)], seen[:, 1:], []
        for name, size in PARTS:
            inner = f"obs_encoder.input_encoder.{name}_encoder"
            parts.append(self._twice(inner, rest[:, :size]))
            rest = rest[:, size:]
        x = self._layer("obs_encoder.input_embedding", np.concatenate(parts, 1))
        x = self._norm("obs_encoder.rnn.norm", self._recall(x, memory))
        x = self._layer("obs_encoder.after_rnn_mlp", x)
        x = np.concatenate([self._layer("id_embedding", who), x], 1)
        x = self._twice("before_act_wrapper", x)
        return self._linear("act.action_out.linear", x)[:, : sight.ACTIONS]

    def _recall(self, x: Array, memory: Memory) -> Array:
        w, name = self.weights, "obs_encoder.rnn.rnn"
        gates = x @ w[f"{name}.weight_ih_l0"].T + w[f"{name}.bias_ih_l0"]
        gates = gates + memory.hidden @ w[f"{name}.weight_hh_l0"].T + w[f"{name}.bias_hh_l0"]
        take, forget, new, give = np.split(gates, 4, axis=1)
        memory.cell = _sigmoid(forget) * memory.cell + _sigmoid(take) * np.tanh(new)
        memory.hidden = _sigmoid(give) * np.tanh(memory.cell)
        return memory.hidden

    def _twice(self, name: str, x: Array) -> Array:
        return self._layer(f"{name}.mlp.0", self._layer(f"{name}.first_mlp", x))

    def _layer(self, name: str, x: Array) -> Array:
        return self._norm(f"{name}.2", np.maximum(self._linear(f"{name}.0", x), 0))

    def _linear(self, name: str, x: Array) -> Array:
        return x @ self.weights[f"{name}.weight"].T + self.weights[f"{name}.bias"]

    def _norm(self, name: str, x: Array) -> Array:
        centred = x - x.mean(1, keepdims=True)
        scaled = centred / np.sqrt((centred**2).mean(1, keepdims=True) + _EPSILON)
        return np.asarray(scaled * self.weights[f"{name}.weight"] + self.weights[f"{name}.bias"], np.float32)


def _sigmoid(x: Array) -> Array:
    return np.asarray(0.5 * (1 + np.tanh(0.5 * x)), np.float32)
