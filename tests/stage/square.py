"""A game of a square that moves: eight actions, each a way to go; run as a module, the process that plays it.

`bare`, `chatty`, `dying`, `stuck` or `walled` as its argument makes it what it is called.
"""

from __future__ import annotations

import struct
import sys
import time
import zlib

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.play import Clip, Rules, Scene, perform

SIDE = 32
WAYS = ((-1, 0), (1, 0), (0, -1), (0, 1), (-1, -1), (1, -1), (-1, 1), (1, 1))


def png(x: int, y: int, shade: int = 220) -> bytes:
    """A square of four pixels at a place."""
    rows = bytearray()
    for row in range(SIDE):
        rows.append(0)
        rows += bytes(shade if x <= col < x + 4 and y <= row < y + 4 else 40 for col in range(SIDE))

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", SIDE, SIDE, 8, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", zlib.compress(bytes(rows))) + chunk(b"IEND", b"")
    )


class Square:
    """Begins in the middle; example n begins n further to the right, and has a true game beside it."""

    def __init__(self, mood: str = "") -> None:
        self.mood = mood
        examples = 0 if mood == "bare" else 3
        self.rules = Rules(actions=len(WAYS), examples=examples, title="A square", truth="The true square")
        self.places = [(14, 14)]
        self.true = False

    def start(self, prompt: bytes | None, example: int) -> Scene:
        self.places, self.true = [(14 + (0 if prompt else example), 14)], prompt is None
        return self._scene()

    def example(self, number: int) -> bytes:
        return png(14 + number, 14)

    def step(self, action: int) -> Scene:
        if self.mood == "chatty":
            print("a library says something")
        if self.mood == "dying":
            print("out of memory", file=sys.stderr, flush=True)
            raise SystemExit(3)
        if self.mood == "stuck":
            time.sleep(600)
        if self.mood == "walled" and action == 1:
            raise ConfigError("there is a wall")
        (x, y), (right, down) = self.places[-1], WAYS[action]
        self.places.append((min(max(x + right, 0), SIDE - 4), min(max(y + down, 0), SIDE - 4)))
        return self._scene()

    def undo(self) -> Scene:
        if len(self.places) > 1:
            self.places.pop()
        return self._scene()

    def save(self) -> Clip:
        return Clip(media="image/gif", data=b"GIF89a" + bytes(len(self.places)))

    def _scene(self) -> Scene:
        x, y = self.places[-1]
        return Scene(frame=png(x, y), truth=png(x, y, 120) if self.true else None, steps=len(self.places) - 1)


if __name__ == "__main__":
    perform(Square(*sys.argv[1:]))
