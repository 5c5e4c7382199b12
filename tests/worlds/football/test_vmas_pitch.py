"""The football of vmas as a pitch: places there and back, who acts, who scored, and what is refused.

Against a fake of its interface, and, where vmas is installed, against vmas.
"""

from __future__ import annotations

import sys
from typing import Any

import numpy as np
import pytest

from stage.pushball import Pushball
from wunderkammer.core.errors import ConfigError
from wunderkammer.worlds.football.vmas_chaser import chaser
from wunderkammer.worlds.football.vmas_pitch import VmasPitch

LEVEL = {"left": [[-1.0, 0.0], [0.48, 0.1]], "right": [[0.97, 0.42], [0.2, -0.3]], "ball": [0.5, 0.1]}
STAY, AHEAD, BACK, UP = 0, 6, 3, 2


def acts(pitch: VmasPitch, **by: int) -> dict[str, int]:
    return {name: by.get(name, STAY) for name in pitch.agents}


@pytest.fixture
def made() -> list[Pushball]:
    """The environments that were made, in order."""
    return []


@pytest.fixture
def pitch(made: list[Pushball]) -> VmasPitch:
    def make(scenario: str, **told: Any) -> Pushball:
        made.append(Pushball(scenario, **told))
        return made[-1]

    return VmasPitch(2, make)


def test_a_level_is_stretched_to_the_scenario_s_pitch_and_told_back(pitch: VmasPitch, made: list[Pushball]) -> None:
    _, infos = pitch.reset(seed=1, options={"positions": LEVEL})
    game = made[0].scenario
    assert np.allclose(game.ball.state.pos, [[0.75, 0.1 / 0.42 * 0.75]])
    told = infos["right_1"]["positions"]
    assert np.allclose(told["ball"], LEVEL["ball"])
    assert np.allclose([told["left"][1], told["right"][1]], [LEVEL["left"][1], LEVEL["right"][1]])
    # Nobody begins within a wall.
    assert np.allclose(game.blue_agents[0].state.pos, [[-1.475, 0.0]])
    assert np.allclose(game.red_agents[0].state.pos, [[0.97 * 1.5, 0.725]])


def test_each_side_sees_itself_attack_to_the_right(pitch: VmasPitch) -> None:
    seen, before = pitch.reset(seed=1, options={"positions": LEVEL})
    assert seen.keys() == {"left_0", "left_1", "right_0", "right_1"}
    _, rewards, ended, cut, after = pitch.step(acts(pitch, left_0=AHEAD, right_1=AHEAD, right_0=UP))
    moved = {
        side: np.subtract(after["left_0"]["positions"][side], before["left_0"]["positions"][side])
        for side in ("left", "right")
    }
    assert np.allclose(moved["left"], [[0.1 / 1.5, 0], [0, 0]])
    assert np.allclose(moved["right"], [[0, 0.1 * 0.42 / 0.75], [-0.1 / 1.5, 0]])
    assert not any([*rewards.values(), *ended.values(), *cut.values()])


def test_a_goal_ends_the_match_and_an_own_goal_is_told(pitch: VmasPitch) -> None:
    level = {**LEVEL, "ball": [0.49, 0.1]}
    for player, score in (("left_1", 1), ("right_1", 1)):
        spots = {**level, "right": [level["right"][0], [0.49, 0.1]], "left": [level["left"][0], [-0.5, 0.3]]}
        pitch.reset(seed=1, options={"positions": level if player == "left_1" else spots})
        for _ in range(40):
            told = pitch.step(acts(pitch, **{player: AHEAD if player == "left_1" else BACK}))
            if not pitch.agents:
                break
        assert not pitch.agents
        assert told[4]["left_0"]["score"] == score
        assert told[1] == {"left_0": 1, "left_1": 1, "right_0": -1, "right_1": -1}
        assert all(told[2].values())
        own = [told[4][name]["figures"]["own_goal"] for name in ("left_0", "right_0")]
        assert own == ([0, 0] if player == "left_1" else [0, 1])


def test_vmas_s_own_players_take_a_side_and_are_asked_nothing(pitch: VmasPitch, made: list[Pushball]) -> None:
    seen, before = pitch.reset(seed=1, options={"positions": LEVEL, "players": {"right": "vmas-ai-0.3"}})
    told = made[-1].told
    assert (told["ai_blue_agents"], told["ai_red_agents"]) == (False, True)
    strengths = [told[name][1] for name in ("ai_strength", "ai_decision_strength", "ai_precision_strength")]
    assert strengths == [0.3] * 3
    assert seen.keys() == {"left_0", "left_1"}
    after = pitch.step(acts(pitch, right_0=UP))[4]
    gaps = np.subtract(after["left_0"]["positions"]["right"], before["left_0"]["positions"]["right"])
    assert np.allclose(gaps, [[-0.1 / 1.5, 0]] * 2)
    pitch.reset(seed=1, options={"positions": LEVEL})
    assert np.allclose(
        np.subtract(pitch.step(acts(pitch))[4]["left_0"]["positions"]["right"], LEVEL["right"])[1], 0, atol=1e-6
    )
    pitch.reset(seed=1, options={"positions": LEVEL, "players": {"right": "vmas-ai-0.3"}})
    assert len(made) == 2  # one for each pair of who plays


def test_other_numbers_of_players_are_refused(pitch: VmasPitch) -> None:
    level = {"left": LEVEL["left"] * 2, "right": LEVEL["right"] * 2, "ball": LEVEL["ball"]}
    with pytest.raises(ConfigError, match="positions of 8 players for a pitch of 4"):
        pitch.reset(seed=1, options={"positions": level})


def test_without_vmas_one_line_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "vmas", None)
    with pytest.raises(ConfigError, match="the pitch vmas needs vmas and torch .*: pip install vmas"):
        VmasPitch()


# ---- with vmas itself ------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def real() -> VmasPitch:
    pytest.importorskip("vmas")
    return VmasPitch(2)


def played(pitch: VmasPitch, level: dict[str, Any], players: dict[str, str], seed: int = 3) -> list[dict[str, Any]]:
    """What is told at the beginning and step by step, the chaser on the left where nobody else is, the right idle."""
    luck = np.full((1, 2), 0.5)
    seen, infos = pitch.reset(seed=seed, options={"positions": level, "players": players})
    told = [infos["left_0"]]
    while pitch.agents and len(told) < 150:
        left = [0, 0] if "left" in players else chaser(np.stack([seen["left_0"], seen["left_1"]])[None], luck)[0]
        seen, _, _, _, infos = pitch.step(acts(pitch, left_0=int(left[0]), left_1=int(left[1])))
        told.append(infos["left_0"])
    return told


def test_the_chaser_brings_the_ball_into_a_goal_that_nobody_keeps(real: VmasPitch) -> None:
    level = {"left": [[-0.9, 0.0], [0.6, 0.05]], "right": [[0.9, 0.4], [-0.2, -0.3]], "ball": [0.7, 0.0]}
    told = played(real, level, {})
    assert np.allclose(told[0]["positions"]["ball"], level["ball"], atol=1e-6)
    assert told[-1]["score"] == 1
    assert told[-1]["figures"]["possession"] > 10
    assert told == played(real, level, {})


@pytest.mark.parametrize("side", ["left", "right"])
def test_vmas_s_own_players_score_and_the_goal_is_seen(real: VmasPitch, side: str) -> None:
    sign = 1 if side == "left" else -1
    near, away = [[-sign * 0.9, 0.0], [sign * 0.7, 0.0]], [[sign * 0.9, 0.4], [-sign * 0.3, 0.3]]
    level = {"left": near if sign > 0 else away, "right": away if sign > 0 else near, "ball": [sign * 0.8, 0.0]}
    idle = {"left": "vmas-ai-0.1"} if side == "right" else {}
    told = played(real, level, {side: "vmas-ai-1", **idle})
    assert told[-1]["score"] == sign
    assert told == played(real, level, {side: "vmas-ai-1", **idle})  # by the seed alone, though they draw
