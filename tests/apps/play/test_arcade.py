"""Games that are played at once: bounded in number, and ended when nobody plays them."""

from __future__ import annotations

import pytest

from wunderkammer.apps.play.arcade import Arcade
from wunderkammer.core.errors import ConfigError, RunBusy
from wunderkammer.core.play import Cartridge

GAME = Cartridge(id="g", title="g", module="stage.square")


class Toy:
    """Stands for a game's process."""

    def __init__(self) -> None:
        self.over = False

    async def close(self) -> None:
        self.over = True


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
async def arcade():
    async def begins(cartridge):
        return Toy()

    found = Arcade(begins, most=2, idle_s=100.0, clock=Clock())
    yield found
    await found.close()


async def test_only_so_many_are_played_at_once(arcade) -> None:
    first, toy = await arcade.open(GAME)
    await arcade.open(GAME)
    with pytest.raises(RunBusy, match="2 games are being played already"):
        await arcade.open(GAME)
    await arcade.end(first)
    await arcade.open(GAME)

    assert toy.over
    assert len(arcade) == 2


async def test_a_game_is_reached_by_its_name_until_it_ends(arcade) -> None:
    name, toy = await arcade.open(GAME)

    assert arcade.game(name) is toy
    await arcade.end(name)
    await arcade.end(name)
    with pytest.raises(ConfigError, match="this game is over"):
        arcade.game(name)


async def test_what_nobody_plays_is_ended_and_what_is_played_stays(arcade) -> None:
    (left, _), (played, toy) = await arcade.open(GAME), await arcade.open(GAME)
    arcade.clock.now = 90.0
    arcade.game(played)
    arcade.clock.now = 120.0
    await arcade.sweep()

    assert arcade.game(played) is toy
    with pytest.raises(ConfigError):
        arcade.game(left)


async def test_a_game_that_ended_by_itself_makes_room(arcade) -> None:
    (_, first), _ = await arcade.open(GAME), await arcade.open(GAME)
    first.over = True

    await arcade.open(GAME)
    assert len(arcade) == 2


async def test_one_that_does_not_begin_takes_no_room() -> None:
    async def begins(cartridge):
        raise ConfigError("no")

    arcade = Arcade(begins, most=1)
    for _ in range(3):
        with pytest.raises(ConfigError):
            await arcade.open(GAME)
    assert len(arcade) == 0


async def test_all_end_with_the_server(arcade) -> None:
    (_, one), (_, two) = await arcade.open(GAME), await arcade.open(GAME)
    await arcade.close()

    assert (one.over, two.over, len(arcade)) == (True, True, 0)
