"""A program that holds one learned world and shows frames to it: `python -m wunderkammer.domains.genie.worlds_booth`.

It runs where torch is, and is spoken to in lines of JSON: the first that comes in is an `Opening`, every further one a
`Showing`; what goes out is a `Ready` and then a `Shown` each, or a fault in words.
"""

from __future__ import annotations

import io
import sys
import tempfile
import time
from pathlib import Path
from typing import Literal

import numpy as np
from PIL import Image
from pydantic import Field

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.fingerprint import weights_hash
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.play import BYTES, private_stdout
from wunderkammer.domains.genie.worlds_prompt import unpacked
from wunderkammer.worlds.film.games import Frames

SQUARES, SQUARE_SIDE = "squares", 16
_TALL, _GAP, _MS = 48, 2, 300


class Opening(Frozen):
    """Which world, and how it is shown frames; as in `WorldsOptions`."""

    world: str
    horizon: int
    draws: int
    threads: int
    device: Literal["cpu", "cuda"]
    salt: str


class Ready(Frozen):
    """The world is there."""

    weights: str = ""
    """Their hash."""
    fault: str | None = None
    """Why it is not."""


class Showing(Frozen):
    """Frames to begin from, as in `Prompt.frame`."""

    frames: tuple[str, ...]


class Take(Frozen):
    """What came of one frame."""

    model_config = BYTES

    figures: dict[str, float]
    """Of `Rollouts.figures`."""
    painted: str
    """The frame as the world paints it, base64 of a PNG."""
    clip: bytes = Field(repr=False)
    """GIF: a rollout of each action."""


class Shown(Frozen):
    """What came of all, in their order."""

    model_config = BYTES

    takes: tuple[Take, ...] = ()
    fault: str | None = None


def clip(frames: Frames) -> bytes:
    """A GIF of clips, (clips, time, side, side, 3), side by side in two rows."""
    times = max(1, _TALL // frames.shape[2])
    large = frames.repeat(times, 2).repeat(times, 3)
    framed = np.pad(large, ((0, 0), (0, 0), (0, _GAP), (0, _GAP), (0, 0)), constant_values=255)
    half = -(-len(framed) // 2)
    rows = [np.concatenate(list(framed[at : at + half]), 2) for at in (0, half)]
    pages = [Image.fromarray(page) for page in np.concatenate(rows, 1)]
    out = io.BytesIO()
    pages[0].save(out, "GIF", save_all=True, append_images=pages[1:], duration=_MS, loop=0)
    return out.getvalue()


class Booth:
    """A world at hand."""

    def __init__(self, opening: Opening) -> None:
        import torch

        from wunderkammer.learners.video.world_model import WorldModel

        torch.set_num_threads(opening.threads)
        if opening.device == "cuda" and not torch.cuda.is_available():
            raise ConfigError("device=cuda: there is none; leave it out")
        self.opening = opening
        with tempfile.TemporaryDirectory() as made:
            folder = _squares(Path(made)) if opening.world == SQUARES else Path(opening.world)
            self.world = WorldModel.load(folder, opening.device)
            self.weights = weights_hash(folder)

    def show(self, showing: Showing) -> Shown:
        """Roll out from each frame."""
        from wunderkammer.domains.genie.worlds_prompt import packed
        from wunderkammer.domains.genie.worlds_rollouts import shown

        frames, opening = [unpacked(one) for one in showing.frames], self.opening
        for frame in frames:
            if len(frame) != self.world.settings.side:
                side = self.world.settings.side
                raise ConfigError(f"a frame of {len(frame)} pixels for a world of {side}; search another world for it")
        found = shown(self.world, np.stack(frames), showing.frames, opening.horizon, opening.draws, opening.salt)
        return Shown(
            takes=tuple(
                Take(
                    figures=one.figures(),
                    painted=packed(one.painted),
                    clip=clip(np.concatenate([_repeated(one.painted, len(one.frames)), one.frames[:, 0]], 1)),
                )
                for one in found
            )
        )


def _repeated(frame: Frames, times: int) -> Frames:
    return np.broadcast_to(frame, (times, 1, *frame.shape))


def _squares(folder: Path) -> Path:
    """A world of moving squares after a few steps of training, the same every time."""
    from wunderkammer.domains.genie.settings import GenieSettings
    from wunderkammer.domains.genie.training import WORLD, train
    from wunderkammer.learners.video.course import Machine
    from wunderkammer.learners.video.squares import Squares

    steps = dict.fromkeys(("tokenizer_steps", "action_steps", "dynamics_steps", "report", "picture"), 8)
    sizes = {"side": SQUARE_SIDE, "patch": 4, "action_patch": 4, "width": 16, "heads": 2, "layers": 1, "frames": 6}
    settings = GenieSettings.model_validate({**steps, **sizes, "codes": 32, "code_width": 16, "exam": 2, "warmup": 2})
    learned, held = Squares(settings.side), Squares(settings.side, salt=1)
    train(settings, learned, held, folder / "kept", folder, lambda *_, **__: None, time.monotonic, Machine())
    return folder / WORLD


def main() -> None:
    """Answer until nobody asks any more."""
    out = private_stdout()

    def say(answer: Frozen) -> None:
        out.write(answer.model_dump_json(exclude_none=True).encode() + b"\n")
        out.flush()

    try:
        booth = Booth(Opening.model_validate_json(sys.stdin.buffer.readline()))
    except ConfigError as fault:
        say(Ready(fault=str(fault)))
        raise SystemExit(2) from None
    say(Ready(weights=booth.weights))
    for line in sys.stdin.buffer:
        try:
            say(booth.show(Showing.model_validate_json(line)))
        except ConfigError as fault:
            say(Shown(fault=str(fault)))


if __name__ == "__main__":
    main()
