"""Games: worlds that somebody plays step by step, and the process that plays one for another program.

A domain whose trained worlds can be played is a `Plays`: it makes a `Cartridge` of a finished job. The cartridge names
a module, which runs as a process of its own, in the environment that the world needs, and answers for a `Player`:

    if __name__ == "__main__":
        perform(MyPlayer(sys.argv[1]))

Each line that comes in is an `Asked`, each line that goes out a `Told`; the first that goes out is the `Rules`.
"""

from __future__ import annotations

import os
import struct
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import BinaryIO, Literal, Protocol, runtime_checkable

from pydantic import ConfigDict, Field, ValidationError

from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.work import Job

MOST_SIDE = 512
"""Pixels of a prompt's width and height."""
MOST_PROMPT = 1_000_000
"""Bytes of a prompt."""
MOST_WORDS = 600
BYTES = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")
"""Bytes are themselves in Python, and base64 (of the alphabet for addresses) in JSON."""
_PNG = b"\x89PNG\r\n\x1a\n"


class Rules(Frozen):
    """What is known of a game before it begins."""

    actions: int = Field(ge=1, le=64)
    """Actions are numbered from 0."""
    examples: int = Field(0, ge=0)
    """How many frames of data there are to begin from; 0: none."""
    title: str = Field("", max_length=200)
    truth: str = Field("", max_length=MOST_WORDS)
    """What `Scene.truth` is, and how actions are translated for it; or why there is none."""


class Scene(Frozen):
    """What is to be seen."""

    model_config = BYTES

    frame: bytes = Field(repr=False)
    """PNG."""
    truth: bytes | None = Field(None, repr=False)
    """PNG of the true game after the same actions, where there is one to compare with."""
    steps: int = 0
    """Actions since the beginning."""


class Clip(Frozen):
    """What was played, to be kept."""

    model_config = BYTES

    media: Literal["image/gif", "video/mp4"]
    data: bytes = Field(repr=False)


class Player(Protocol):
    """A world at work in this process. Methods raise `WunderError` where something cannot be done; the game goes on."""

    rules: Rules

    def start(self, prompt: bytes | None, example: int) -> Scene:
        """Begin anew from a picture (PNG, of any size up to `MOST_SIDE`), or without one from a frame of the data."""
        ...

    def example(self, number: int) -> bytes:
        """A frame of the data, as PNG."""
        ...

    def step(self, action: int) -> Scene: ...

    def undo(self) -> Scene:
        """Take the last step back; at the beginning nothing changes."""
        ...

    def save(self) -> Clip:
        """All frames since the beginning."""
        ...


class Game(Protocol):
    """The same as whoever plays sees it: in another process, and so to be waited for."""

    rules: Rules

    async def start(self, prompt: bytes | None = None, example: int = 0) -> Scene: ...

    async def example(self, number: int) -> bytes: ...

    async def step(self, action: int) -> Scene: ...

    async def undo(self) -> Scene: ...

    async def save(self) -> Clip: ...


class Cartridge(Frozen):
    """A game that can be played."""

    id: str
    title: str
    module: str = Field(pattern=r"^[A-Za-z_][\w.]*$")
    """Import name of the module that runs as the game's process."""
    args: tuple[str, ...] = ()
    environment: str = ""
    """As `Job.environment`."""
    also: tuple[str, ...] = ()
    """Further environments that the game can use: those that are there are named to it, `--python NAME=PATH`."""


@runtime_checkable
class Plays(Protocol):
    """A domain whose trained worlds can be played."""

    def cartridge(self, job: Job, out: Path) -> Cartridge | None:
        """The game that a finished job left in its folder `out`; None where the job made none."""
        ...


# ---- the lines -------------------------------------------------------------------------------------------------------


class Asked(Frozen):
    """What the process is asked for."""

    model_config = BYTES

    do: Literal["start", "example", "step", "undo", "save"]
    prompt: bytes | None = Field(None, repr=False)
    number: int = 0
    """Of an example, or of an action."""


class Told(Frozen):
    """What it answers: one of these."""

    model_config = BYTES

    rules: Rules | None = None
    scene: Scene | None = None
    clip: Clip | None = None
    picture: bytes | None = Field(None, repr=False)
    fault: str | None = None


def perform(player: Player, asked: Iterable[bytes] | None = None, told: BinaryIO | None = None) -> None:
    """Answer for a player until nobody asks any more. What anything prints meanwhile goes to standard error."""
    asked = sys.stdin.buffer if asked is None else asked
    out = private_stdout() if told is None else told
    _tell(out, Told(rules=player.rules))
    for line in asked:
        try:
            answer = _answer(player, Asked.model_validate_json(line))
        except ValidationError:
            answer = Told(fault="this is no request")
        except WunderError as fault:
            answer = Told(fault=str(fault))
        _tell(out, answer)


def _answer(player: Player, asked: Asked) -> Told:
    if asked.do == "step" and not 0 <= asked.number < player.rules.actions:
        raise ConfigError(f"there is no action {asked.number}: there are {player.rules.actions}")
    if asked.prompt is not None:
        checked_png(asked.prompt)
    elif asked.do in ("start", "example") and not 0 <= asked.number < player.rules.examples:
        raise ConfigError(f"there is no frame {asked.number} to begin from: there are {player.rules.examples}")
    match asked.do:
        case "start":
            return Told(scene=player.start(asked.prompt, asked.number))
        case "example":
            return Told(picture=player.example(asked.number))
        case "step":
            return Told(scene=player.step(asked.number))
        case "undo":
            return Told(scene=player.undo())
        case "save":
            return Told(clip=player.save())


def checked_png(data: bytes) -> bytes:
    """A picture as it is, where it is a PNG of an allowed size, by its header: nothing is decoded; else a
    `ConfigError`."""
    if len(data) > MOST_PROMPT:
        raise ConfigError(f"a picture holds at most {MOST_PROMPT} bytes")
    if len(data) < 33 or not data.startswith(_PNG) or data[12:16] != b"IHDR":
        raise ConfigError("a picture has to be a PNG")
    width, height = struct.unpack(">II", data[16:24])
    if not (0 < width <= MOST_SIDE and 0 < height <= MOST_SIDE):
        raise ConfigError(f"a picture is at most {MOST_SIDE} pixels wide and high, and this one is {width} × {height}")
    return data


def private_stdout() -> BinaryIO:
    """Standard output for the lines alone: whatever else writes there writes to standard error from now on."""
    sys.stdout.flush()
    ours = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    return ours


def _tell(out: BinaryIO, told: Told) -> None:
    out.write(told.model_dump_json(exclude_none=True).encode() + b"\n")
    out.flush()
