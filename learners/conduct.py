"""Long work in blocks of one compiled program each: told as it goes, kept now and then, gone on with after a kill."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol, TypeVar

import jax

from wunderkammer.learners.checkpoint import Checkpoints

SAVED_EVERY_S = 60.0
BLOCK, BLOCKS = 1_000, 20
"""The most turns of one call of a program; calls of a short work."""
S = TypeVar("S")


class Tell(Protocol):
    """Hears of progress; `Desk.tell` is one."""

    def __call__(self, step: int, of: int | None = None, words: str = "", **figures: float) -> None: ...


Block = Callable[[S, jax.Array, int], tuple[S, dict[str, jax.Array]]]
"""State, first turn and how many turns (static); to the state after them, and figures."""


def conduct(
    folder: Path,
    preset: str,
    begin: Callable[[], S],
    block: Block[S],
    turns: int,
    tell: Tell,
    now: Callable[[], float],
    words: str = "",
    most: int | None = None,
) -> tuple[S, list[dict[str, float]]]:
    """All turns, in blocks of at most `most`; the last state, and a row of figures per block.

    Killed at any moment and called again with the same folder, it ends with the same state.

    Raises:
        ConfigError: the folder's checkpoints are of another preset.
    """
    most = most or min(BLOCK, max(1, turns // BLOCKS))
    turn, rows, saved = 0, list[dict[str, float]](), now()
    with Checkpoints(folder, preset) as kept:
        found = kept.latest(jax.eval_shape(begin))
        state: Any = begin() if found is None else found.state
        if found is not None:
            turn, rows = found.turn, list(found.notes["rows"])
        while turn < turns:
            size = min(most, turns - turn)
            state, figures = block(state, jax.numpy.int32(turn), size)
            turn += size
            row = {name: float(figure) for name, figure in jax.device_get(figures).items()}
            rows.append({"turn": float(turn), **row})
            tell(turn, turns, words, **row)
            if turn >= turns or now() - saved >= SAVED_EVERY_S:
                saved = now()
                kept.save(turn, state, {"rows": rows})
    return state, rows
