"""A game's process: what it is asked, what it answers, and every way in which it can fail."""

from __future__ import annotations

import asyncio
import os
from pathlib import Path

import pytest

from stage.square import png
from wunderkammer.apps.play import child
from wunderkammer.apps.play.child import Ended, playing
from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.core.play import Cartridge
from wunderkammer.core.settings import Settings, load


def square(*args: str) -> Cartridge:
    return Cartridge(id="square", title="A square", module="stage.square", args=args)


@pytest.fixture
def settings(tmp_path) -> Settings:
    return load(start=tmp_path, home=tmp_path)


async def test_a_game_is_begun_played_taken_back_and_saved(settings) -> None:
    async with playing(square(), settings) as game:
        first = await game.start()
        right = await game.step(1)
        further = await game.step(1)
        back = await game.undo()
        clip = await game.save()
        drawn = await game.start(png(0, 0))

    assert (game.rules.actions, game.rules.examples, game.rules.title) == (8, 3, "A square")
    assert first.frame == png(14, 14)
    assert (right.frame, right.truth, right.steps) == (png(15, 14), png(15, 14, 120), 1)
    assert (further.steps, back) == (2, right)
    assert (clip.media, clip.data[:6]) == ("image/gif", b"GIF89a")
    assert drawn.truth is None
    assert game.over


async def test_frames_of_the_data_are_to_begin_from(settings) -> None:
    async with playing(square(), settings) as game:
        assert await game.example(2) == (await game.start(example=2)).frame == png(16, 14)
        with pytest.raises(WunderError, match="no frame 3 to begin from: there are 3"):
            await game.start(example=3)
        assert (await game.step(0)).steps == 1  # a fault ends nothing


async def test_many_who_ask_at_once_are_answered_each(settings) -> None:
    async with playing(square(), settings) as game:
        await game.start()
        scenes = await asyncio.gather(*(game.step(at % 8) for at in range(24)))

    assert [one.steps for one in scenes] == list(range(1, 25))


async def test_what_a_library_prints_is_none_of_the_game(settings) -> None:
    async with playing(square("chatty"), settings) as game:
        await game.start()
        assert (await game.step(0)).steps == 1


@pytest.mark.parametrize("action", [-1, 8])
async def test_an_action_that_is_none_is_refused(settings, action) -> None:
    async with playing(square(), settings) as game:
        await game.start()
        with pytest.raises(WunderError, match=f"no action {action}: there are 8"):
            await game.step(action)


async def test_a_game_that_dies_says_its_last_words(settings) -> None:
    async with playing(square("dying"), settings) as game:
        await game.start()
        with pytest.raises(Ended, match="the game has ended: out of memory"):
            await game.step(0)
        with pytest.raises(Ended, match="out of memory"):
            await game.step(0)


async def test_a_game_that_hangs_is_ended(settings) -> None:
    async with playing(square("stuck"), settings, answer_s=10.0) as game:
        await game.start()
        game._answer_s = 0.5
        with pytest.raises(Ended, match=r"did not answer within 0\.5 s"):
            await game.step(0)
    assert game.over


async def test_who_gives_up_waiting_leaves_no_answer_for_the_next(settings) -> None:
    async with playing(square("stuck"), settings) as game:
        await game.start()
        waiting = asyncio.create_task(game.step(0))
        await asyncio.sleep(0.1)
        waiting.cancel()
        await asyncio.gather(waiting, return_exceptions=True)
        with pytest.raises(Ended):
            await game.undo()


@pytest.mark.parametrize(
    ("module", "says"),
    [("this", "says what no game says"), ("stage.soil", "the game has ended")],
)
async def test_what_is_no_game_is_one_line(settings, module, says) -> None:
    with pytest.raises(Ended, match=says) as fault:
        async with playing(Cartridge(id="x", title="x", module=module), settings):
            pass
    assert "\n" not in str(fault.value)


async def test_a_module_that_is_not_there_is_named(settings) -> None:
    with pytest.raises(ConfigError, match="no module nowhere"):
        await child.begin(Cartridge(id="x", title="x", module="nowhere"), settings)


async def test_an_environment_that_is_not_there_is_named(settings) -> None:
    with pytest.raises(ConfigError, match="no environment 'elsewhere'"):
        await child.begin(square().model_copy(update={"environment": "elsewhere"}), settings)


async def test_it_is_given_no_secret(settings, monkeypatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-secret")
    async with playing(square(), settings) as game:
        pid = game._process.pid
        told = surroundings(pid)
        assert os.getsid(pid) == pid

    assert b"PYTHONPATH" in told
    assert b"sk-secret" not in told
    with pytest.raises(FileNotFoundError):
        surroundings(pid)


def surroundings(pid: int) -> bytes:
    """The environment variables of a process."""
    return Path(f"/proc/{pid}/environ").read_bytes()
