"""`wunder genie play`: a learned world in the terminal, a frame for each key."""

from __future__ import annotations

import asyncio
import io
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.core.errors import ConfigError, WunderError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from wunderkammer.core.play import Cartridge, Game, Scene
    from wunderkammer.core.settings import Settings

CHECKPOINT = "A folder that `wunder genie train` made, or coinrun, which comes with the package."
KEYS = "12345678"
ARROWS = {"\x1b[D": 0, "\x1b[C": 1, "\x1b[A": 2, "\x1b[B": 3}
"""Left, right, up and down stand for the first four actions: which does what, one finds out by playing."""
WIDEST = 64
"""Columns of a frame."""
GAP = 2
"""Columns between a world and the true game."""


def play(
    world: Annotated[Path, typer.Argument(help=CHECKPOINT, metavar="CHECKPOINT")],
    prompt: Annotated[
        str, typer.Option(help="A PNG of any size: a photograph, a sketch; or a number: which kept frame.")
    ] = "0",
    actions: Annotated[
        str | None, typer.Option(help="Play these and end, for scripts: 1131.", metavar="DIGITS")
    ] = None,
    out: Annotated[Path | None, typer.Option(help="Where the way is saved at the end, as a GIF.")] = None,
    game: Annotated[
        str, typer.Option(help="The true game to stand beside; default: the one it was learned from.", metavar="GAME")
    ] = "",
    config: Config = None,
    home: Home = None,
) -> None:
    """Play a learned world: 1 to 8 and the arrows act, u takes back, s saves, q ends. `wunder web` has it as a page.

    From the first frames to begin with, the beginnings of levels, the true game is shown on the right, where there is
    one: grid and maze always, coinrun and ninja after `wunder setup procgen`.

    \b
    wunder genie play coinrun
    wunder genie play worlds/mine --prompt sketch.png
    wunder genie play worlds/coinrun --prompt 3 --actions 11112 --out way.gif
    """
    from wunderkammer.domains.genie.shipped import located
    from wunderkammer.domains.genie.study import game_of

    world = located(world)
    if actions is not None and not (actions and set(actions) <= set(KEYS)):
        raise ConfigError(f"--actions {actions!r}: digits from 1 to 8")
    if not (world / "settings.json").is_file():
        raise ConfigError(f"{world} holds no world; `wunder genie train --out {world}` makes one")
    if actions is None and not sys.stdin.isatty():
        raise ConfigError("there is no terminal to play in; name the actions: --actions 1122")
    cartridge = game_of(world.resolve(), world.name, world.name, game)
    asyncio.run(_play(settings_of(config, home), cartridge, _begins(prompt), actions, out))


def _begins(prompt: str) -> bytes | int:
    if prompt.isdecimal():
        return int(prompt)
    try:
        return Path(prompt).read_bytes()
    except OSError as fault:
        raise ConfigError(f"--prompt {prompt}: {fault.strerror}") from None


async def _play(
    settings: Settings, cartridge: Cartridge, begins: bytes | int, actions: str | None, out: Path | None
) -> None:
    from wunderkammer.apps.play.child import playing

    async with playing(cartridge, settings) as game:
        if game.rules.truth:
            print(game.rules.truth)
        scene = await (game.start(begins) if isinstance(begins, bytes) else game.start(None, begins))
        if actions is None:
            await _by_hand(game, scene, out or Path("way.gif"))
        else:
            began = time.monotonic()
            for key in actions:
                scene = await game.step(KEYS.index(key))
            spent = time.monotonic() - began
            print(drawn(scene.frame, scene.truth))
            print(f"{scene.steps} steps, {len(actions) / spent:.1f} frames a second")
        if out is not None:
            await _save(game, out)


async def _save(game: Game, out: Path) -> None:
    clip = await game.save()
    try:
        await asyncio.to_thread(out.write_bytes, clip.data)
    except OSError as fault:
        raise ConfigError(f"{out}: {fault.strerror}") from None
    print(f"{out}: the way so far")


async def _by_hand(game: Game, scene: Scene, out: Path) -> None:
    """Until q. out: where s saves."""
    import click

    print("1-8 and arrows: act   u: take back   s: save   q: end")
    took = 0.0
    while True:
        print(drawn(scene.frame, scene.truth))
        print(f"step {scene.steps}   {1 / took:.1f} frames a second" if took else f"step {scene.steps}")
        try:
            key = await asyncio.to_thread(click.getchar)
        except (KeyboardInterrupt, EOFError):
            return
        action = ARROWS.get(key, KEYS.find(key) if len(key) == 1 else -1)
        began = time.monotonic()
        try:
            if key == "q":
                return
            if key == "s":
                await _save(game, out)
            elif key == "u":
                scene = await game.undo()
            elif action >= 0:
                scene = await game.step(action)
        except WunderError as fault:
            print(fault)
        took = time.monotonic() - began if action >= 0 else 0.0


def drawn(png: bytes, truth: bytes | None = None, widest: int = WIDEST) -> str:
    """A picture in half blocks of 24-bit colour: a character is two pixels, one above the other. truth: another of the
    same size, on its right."""
    pixels = _pixels(png)
    every = -(-pixels.shape[1] // widest)
    pixels = pixels[::every, ::every]
    if truth is not None:
        pixels = _side_by_side(pixels, _pixels(truth)[::every, ::every])
    if pixels.shape[0] % 2:
        pixels = pixels[:-1]
    lines = []
    for above, below in zip(pixels[::2], pixels[1::2], strict=True):
        cells = (
            f"\x1b[38;2;{a[0]};{a[1]};{a[2]};48;2;{b[0]};{b[1]};{b[2]}m▀" for a, b in zip(above, below, strict=True)
        )
        lines.append("".join(cells) + "\x1b[0m")
    return "\n".join(lines)


def _side_by_side(one: NDArray[np.uint8], other: NDArray[np.uint8]) -> NDArray[np.uint8]:
    import numpy as np

    return np.concatenate([one, np.zeros((len(one), GAP, 3), np.uint8), other], 1)


def _pixels(png: bytes) -> NDArray[np.uint8]:
    """(height, width, 3)."""
    import numpy as np
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
