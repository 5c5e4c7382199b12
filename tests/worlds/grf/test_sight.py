"""What TiZero sees, and what it may do."""

from __future__ import annotations

import numpy as np
import pytest

from stage.grf_sight import raw
from wunderkammer.worlds.grf import sight


def test_numbers_stand_where_the_network_expects_them():
    seen = sight.encoded(raw())

    assert seen.shape == (sight.SIZE,)
    assert seen[0] == 5
    assert seen[11:13].tolist() == [0.1, 0.05]  # after 10 sticky actions, where oneself is
    ball = seen[88:100]
    assert ball[:3].tolist() == [0.12, 0.05, 0.1]
    assert ball[3:6] == pytest.approx([0.1, 0.1, 0.1])
    assert ball[6:9].tolist() == [1, 0, 0]  # nobody's
    assert ball[9:12] == pytest.approx([1, 1, 1])
    assert seen[100:123].argmax() == 22
    assert seen[145:147].tolist() == raw()["left_team"][0].tolist()
    assert seen[-9:].tolist() == [1, 0, 0, 0, 0, 0, 0, 0, 1]


def test_the_owner_is_told_from_where_one_stands():
    near = raw(ball_owned_team=1, ball_owned_player=3)
    seen, owner = sight.encoded(near), near["right_team"][3]

    assert seen[100:123].argmax() == 11 + 3
    assert seen[134:136] == pytest.approx(owner)
    assert seen[138:140] == pytest.approx(owner - near["left_team"][5])


def test_who_stands_beyond_the_last_but_one_is_offside_while_his_side_has_the_ball():
    left, right = raw()["left_team"], raw()["right_team"]
    right[:, 0] = np.linspace(-0.5, 0.6, 11)
    left[:, 0] = np.linspace(-0.6, 0.2, 11)
    left[9, 0] = 0.55  # the keeper (0.6) alone is further
    ours = raw(left_team=left, right_team=right, ball_owned_team=0, ball_owned_player=4)

    mark = sight.encoded(ours)[145 + 77 : 145 + 88]

    assert mark.nonzero()[0].tolist() == [9]
    assert not sight.encoded(ours | {"ball_owned_team": 1})[145 + 77 : 145 + 88].any()


def test_kicks_are_for_who_is_at_the_ball():
    near, far = raw(), raw(ball=np.array([0.3, 0.05, 0.1]))

    assert sight.allowed(near)[list(sight.PASSES)].all()
    assert not sight.allowed(far)[[*sight.PASSES, sight.SHOT, sight.SLIDE]].any()
    assert not sight.allowed(near)[[sight.IDLE, sight.STOP, sight.SHOT]].any()  # and shots only near the goal


def test_who_is_far_from_the_ball_runs_there():
    far = raw(ball=np.array([0.95, 0.05, 0.1]))
    slow, fast = sight.allowed(far), sight.allowed(far | {"sticky_actions": np.eye(10, dtype=np.uint8)[8]})

    assert slow.nonzero()[0].tolist() == [sight.SPRINT]
    assert fast.nonzero()[0].tolist() == [sight.RIGHT]


@pytest.mark.parametrize(
    ("place", "back"),
    [
        ((-0.98, 0.0), sight.RIGHT),
        ((0.98, 0.0), sight.LEFT),
        ((0.0, 0.4), sight.TOP),
        ((0.0, -0.4), sight.BOTTOM),
    ],
)
def test_who_leaves_the_pitch_comes_back(place, back):
    left = raw()["left_team"]
    left[5] = place
    near = raw(left_team=left, ball=np.array([*place, 0.1]) * 0.95, ball_owned_team=0, ball_owned_player=7)

    assert sight.allowed(near).nonzero()[0].tolist() == [back]


def test_something_is_always_allowed():
    rng = np.random.default_rng(1)
    for mode in range(7):
        for _ in range(40):
            left, ball = raw()["left_team"], np.array([*rng.uniform((-1, -0.42), (1, 0.42)), 0.1])
            left[5] = rng.uniform((-1, -0.42), (1, 0.42))
            team = int(rng.integers(-1, 2))
            sticky = (rng.random(10) < 0.3).astype(np.uint8)
            seen = raw(
                left_team=left, ball=ball, game_mode=mode, sticky_actions=sticky, ball_owned_team=team,
                ball_owned_player=int(rng.integers(11)) if team >= 0 else -1,
            )  # fmt: skip
            assert sight.allowed(seen).any()
            assert np.isfinite(sight.encoded(seen)).all()
