"""Small ONNX networks, written field by field: the library that makes them is no part of what is tested."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

FLOAT, INT64 = 1, 7
Shape = Sequence[int | str]


def perceptron(
    layers: Sequence[tuple[np.ndarray, np.ndarray]], *, features: int | str | None = None, choose: bool = False
) -> bytes:
    """Weights and biases with relu between, from `observation` (rows, features); choose: actions instead of logits."""
    nodes, tensors, at = [], [], "observation"
    for number, (weights, bias) in enumerate(layers):
        names = [f"{number}.{part}" for part in ("weights", "bias", "sum", "relu")]
        tensors += [_tensor(names[0], weights), _tensor(names[1], bias)]
        nodes.append(_node("Gemm", [at, *names[:2]], names[2]))
        at = names[2]
        if number < len(layers) - 1:
            nodes.append(_node("Relu", [at], names[3]))
            at = names[3]
    entering, leaving = layers[0][0].shape[0], layers[-1][0].shape[1]
    output = _value(at, FLOAT, ("rows", leaving))
    if choose:
        attributes = _bytes(5, _text(1, "axis") + _number(3, 1) + _number(20, 2)) + _bytes(
            5, _text(1, "keepdims") + _number(3, 0) + _number(20, 2)
        )
        nodes.append(_node("ArgMax", [at], "chosen", attributes))
        output = _value("chosen", INT64, ("rows",))
    graph = b"".join(_bytes(1, node) for node in nodes) + _text(2, "policy")
    graph += b"".join(_bytes(5, tensor) for tensor in tensors)
    graph += _bytes(11, _value("observation", FLOAT, ("rows", features or entering))) + _bytes(12, output)
    return _number(1, 8) + _bytes(7, graph) + _bytes(8, _text(1, "") + _number(2, 13))


def _node(kind: str, inputs: Sequence[str], output: str, attributes: bytes = b"") -> bytes:
    return b"".join(_text(1, name) for name in inputs) + _text(2, output) + _text(4, kind) + attributes


def _tensor(name: str, values: np.ndarray) -> bytes:
    found = np.asarray(values, np.float32)
    dims = b"".join(_number(1, size) for size in found.shape)
    return dims + _number(2, FLOAT) + _text(8, name) + _bytes(9, found.tobytes())


def _value(name: str, kind: int, shape: Shape) -> bytes:
    dims = b"".join(_bytes(1, _text(2, one) if isinstance(one, str) else _number(1, one)) for one in shape)
    return _text(1, name) + _bytes(2, _bytes(1, _number(1, kind) + _bytes(2, dims)))


def _number(field: int, value: int) -> bytes:
    return _varint(field << 3) + _varint(value)


def _text(field: int, value: str) -> bytes:
    return _bytes(field, value.encode())


def _bytes(field: int, value: bytes) -> bytes:
    return _varint(field << 3 | 2) + _varint(len(value)) + value


def _varint(value: int) -> bytes:
    out = b""
    while value > 127:
        out, value = out + bytes([value & 127 | 128]), value >> 7
    return out + bytes([value])
