"""A network in ONNX as a policy: logits, or actions, for each player's observation.

Its first input is the observation, float32: (rows, features), a row for each player; or (matches, players, features).
A second, where it has one, is the luck: a uniform number for each row. Its first output has the same axes but the last:
whole numbers are actions; one more axis of floating-point numbers are logits, and the action is drawn by the luck.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football.outside import Outside, drawn


def read(file: Path) -> Outside:
    """The policy in a file, named as the file.

    Raises:
        ConfigError: there is none, onnxruntime is not installed, or its inputs and outputs are not as above.
    """
    if not file.is_file():
        raise ConfigError(f"{file}: no such file")
    network = Network(file)
    return Outside(file.stem, network.answers, network.features, network.actions)


@dataclass(frozen=True)
class Network:
    """One session of onnxruntime, on one thread: the search uses the others."""

    file: Path

    def __post_init__(self) -> None:
        inputs, (output, *_) = self._session.get_inputs(), self._session.get_outputs()
        if len(inputs) > 2 or any("float" not in one.type for one in inputs):
            kinds = ", ".join(f"{one.name}: {one.type}" for one in inputs)
            raise ConfigError(f"{self.file} takes {kinds}; give it the observation, and luck where it draws, as floats")
        if self._rank not in (2, 3):
            raise ConfigError(f"{self.file}: its input has {self._rank} axes; give it (rows, features)")
        if self._logits and (len(output.shape) != self._rank or "float" not in output.type):
            raise ConfigError(f"{self.file}: its output is {output.type} {output.shape}; give logits, or whole actions")

    @cached_property
    def _session(self) -> Any:
        runtime = _runtime()
        options = runtime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 4  # what is wrong is raised; its log would say it twice
        try:
            return runtime.InferenceSession(str(self.file), options, providers=["CPUExecutionProvider"])
        except _faults() as fault:
            line = (str(fault).splitlines() or [""])[0]
            raise ConfigError(f"{self.file} holds no ONNX network: {line}") from fault

    @property
    def features(self) -> int:
        """0: any."""
        return _size(self._session.get_inputs()[0].shape)

    @property
    def actions(self) -> int:
        """0: any, or it gives actions."""
        return _size(self._session.get_outputs()[0].shape) if self._logits else 0

    def answers(self, observation: NDArray[np.float32], luck: NDArray[np.float32]) -> NDArray[Any]:
        """As `Outside` has it."""
        shape = luck.shape if self._rank == 3 else (luck.size,)
        given = [observation.reshape(*shape, observation.shape[-1]), luck.reshape(shape)]
        inputs = self._session.get_inputs()
        feed = {one.name: value for one, value in zip(inputs, given, strict=False)}
        found = np.asarray(self._session.run(None, feed)[0])
        chosen = drawn(found, luck.reshape(shape)) if self._logits else found
        return chosen.reshape(luck.shape)

    @cached_property
    def _rank(self) -> int:
        return len(self._session.get_inputs()[0].shape)

    @cached_property
    def _logits(self) -> bool:
        output = self._session.get_outputs()[0]
        return len(output.shape) >= self._rank


def _size(shape: Sequence[int | str | None]) -> int:
    """Of the last axis; 0 where it is free."""
    return shape[-1] if isinstance(shape[-1], int) else 0


def _runtime() -> Any:
    try:
        return import_module("onnxruntime")
    except ModuleNotFoundError as missing:
        raise ConfigError(
            "ONNX policies need onnxruntime, which is not installed: pip install onnxruntime"
        ) from missing


def _faults() -> tuple[type[Exception], ...]:
    """What a session raises of a file that it cannot read: classes of its own, under no common one."""
    state = import_module("onnxruntime.capi.onnxruntime_pybind11_state")
    return (state.Fail, state.InvalidProtobuf, state.InvalidGraph, state.InvalidArgument, state.NotImplemented,
            state.RuntimeException, state.NoSuchFile, ValueError)  # fmt: skip
