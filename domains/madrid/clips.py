"""Two matches from one level in one small file: of the reference and of the target, to be looked at side by side."""

from __future__ import annotations

import io
import json
import zipfile
from typing import TYPE_CHECKING

import numpy as np

from wunderkammer.core.abilities import Picture
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.worlds.football.match import Trace

SUFFIX = ".npz"
_FINE = 4096
"""Places are kept in steps of one part in so many; a pixel of a clip is far more."""
_FLOATS, _OTHERS = ("place", "heading", "ball"), ("down", "air", "owner")


def packed(reference: Trace, target: Trace) -> bytes:
    """Both matches, a few kilobytes; no pickle is in it."""
    arrays: dict[str, np.ndarray[tuple[int, ...], np.dtype[np.int16 | np.bool_ | np.int8 | np.uint8]]] = {}
    for side, trace in (("reference", reference), ("target", target)):
        for name in _FLOATS:
            arrays[f"{side} {name}"] = np.rint(getattr(trace, name) * _FINE).astype(np.int16)
        for name in _OTHERS:
            kind = np.int8 if name == "owner" else np.bool_
            arrays[f"{side} {name}"] = np.asarray(getattr(trace, name), kind)
        note = {"value": trace.value, "features": trace.features, "names": trace.names}
        arrays[f"{side} note"] = np.frombuffer(json.dumps(note).encode(), np.uint8)
    out = io.BytesIO()
    np.savez_compressed(out, allow_pickle=False, **arrays)
    return out.getvalue()


def unpacked(data: bytes) -> tuple[Trace, Trace]:
    """The two matches; `ConfigError` where the file is something else."""
    from wunderkammer.worlds.football.match import Trace

    traces = []
    try:
        with np.load(io.BytesIO(data), allow_pickle=False) as kept:
            for side in ("reference", "target"):
                note = json.loads(kept[f"{side} note"].tobytes())
                fields = {name: kept[f"{side} {name}"].astype(np.float32) / _FINE for name in _FLOATS}
                fields |= {name: kept[f"{side} {name}"] for name in _OTHERS}
                features = {str(name): float(value) for name, value in note["features"].items()}
                left, right = note["names"]
                traces.append(Trace(**fields, value=int(note["value"]), features=features, names=(left, right)))
    except (ValueError, KeyError, OSError, zipfile.BadZipFile) as fault:
        raise ConfigError("this file holds no matches to look at") from fault
    return traces[0], traces[1]


def animated(data: bytes) -> Picture:
    """Both matches side by side, as a GIF: the reference plays left in the one above, the target in the other."""
    from wunderkammer.worlds.football import clip

    reference, target = unpacked(data)
    caption = (
        f"From one level, above: {_said(reference)} as {reference.names[0]} plays left, below: {_said(target)} as "
        f"{target.names[0]} does"
    )
    return Picture(media="image/gif", data=clip.side_by_side(reference, target), caption=caption)


def _said(trace: Trace) -> str:
    steps = len(trace.ball) - 1
    if trace.value == 0:
        return f"no goal in {steps} steps"
    own = trace.features.get("own_goal_right" if trace.value > 0 else "own_goal_left", 0.0)
    who = "left" if trace.value > 0 else "right"
    return f"a goal for {who} after {steps} steps{', an own goal' if own else ''}"
