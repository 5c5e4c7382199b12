"""Games over a pipe: frames and actions in lock-step, and one line where the program ends."""

from __future__ import annotations

import io
import json
import struct
import sys
from pathlib import Path

import numpy as np
import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.film import arcade
from wunderkammer.worlds.film.console import Console

GAME = '''
import sys
sys.path.insert(0, {folder!r})
import numpy as np
import arcade, json, os

class Counting:
    """Shows how often it was played; ends when it is told action 3."""
    actions = 4
    def __init__(self, count): self.count, self.sum = count, np.zeros(count, np.int64)
    def see(self):
        frames = np.zeros((self.count, 2, 3, 3), np.uint8) + self.sum[:, None, None, None].astype(np.uint8)
        return frames, self.sum / 2, self.sum == 0, self.sum + 2**40
    def act(self, actions):
        if 3 in actions: raise SystemExit("the coin is gone")
        self.sum += actions

wanted = json.loads(sys.argv[-1])
arcade.serve(Counting(wanted["count"]), sys.stdin.buffer, os.fdopen(os.dup(1), "wb"), wanted["count"])
'''


@pytest.fixture
def python(tmp_path):
    """An interpreter that plays our game, whatever program it is given."""
    (tmp_path / "game.py").write_text(GAME.format(folder=str(Path(arcade.__file__).parent)))
    (tmp_path / "python").write_text(f'#!/bin/sh\nexec "{sys.executable}" "{tmp_path}/game.py" "$@"\n')
    (tmp_path / "python").chmod(0o755)
    return tmp_path / "python"


def test_actions_go_there_and_frames_come_back(python):
    with Console(python, "coinrun", 3, seed=0) as games:
        first = games.see()
        games.act(np.array([0, 1, 2]))
        games.act(np.array([0, 1, 2]))
        after = games.see()

    assert (games.height, games.width, games.actions) == (2, 3, 4)
    assert first.firsts.all()
    assert after.frames.shape == (3, 2, 3, 3)
    assert after.frames[:, 0, 0, 0].tolist() == [0, 2, 4]
    assert after.rewards.tolist() == [0, 1, 2]
    assert after.levels.tolist() == [2**40, 2**40 + 2, 2**40 + 4]
    assert after.firsts.tolist() == [True, False, False]


@pytest.mark.parametrize("actions", [[0, 1], [0, 1, 4], [0, 1, -1]])
def test_actions_that_there_are_none_of_are_refused(python, actions):
    with Console(python, "coinrun", 3, seed=0) as games, pytest.raises(ConfigError, match=r"3 actions in \[0, 4\)"):
        games.act(np.array(actions))


def test_a_program_that_ends_says_why_in_one_line(python):
    with Console(python, "coinrun", 1, seed=0) as games:
        games.act(np.array([3]))
        with pytest.raises(ConfigError, match="coinrun ended: the coin is gone"):
            games.see()


def test_a_python_without_the_games_says_what_makes_them(tmp_path):
    script = tmp_path / "python"
    script.write_text("#!/bin/sh\necho \"ModuleNotFoundError: No module named 'procgen'\" >&2\nexit 1\n")
    script.chmod(0o755)
    with pytest.raises(
        ConfigError, match=r"No module named 'procgen'; make its environment with: wunder setup procgen"
    ):
        Console(script, "coinrun", 1, seed=0)


def test_a_python_that_is_not_there(tmp_path):
    with pytest.raises(ConfigError, match="wunder setup procgen"):
        Console(tmp_path / "none", "coinrun", 1, seed=0)


def test_the_program_ends_when_nobody_sends_actions():
    class Still:
        actions = 2

        def see(self):
            return np.ones((1, 2, 2, 3), np.uint8), np.ones(1), np.ones(1, bool), np.array([7])

        def act(self, actions):
            raise AssertionError("nobody acts")

    out = io.BytesIO()
    arcade.serve(Still(), io.BytesIO(b"\0\0"), out, 1)
    said, rest = out.getvalue().split(b"\n", 1)

    assert json.loads(said) == {"height": 2, "width": 2, "actions": 2}
    assert struct.unpack("<12sfBq", rest) == (b"\1" * 12, 1.0, 1, 7)
