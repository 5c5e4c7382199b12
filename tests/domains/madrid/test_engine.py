"""The football of this house as an engine: reproducible level by level, and refusing what does not fit."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid import clips, engine
from wunderkammer.domains.madrid.engine import JaxFootball
from wunderkammer.domains.madrid.failures import FAILURES, failures
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.search import Madrid
from wunderkammer.worlds.football.match import Trace
from wunderkammer.worlds.football.policy import Policy
from wunderkammer.worlds.football.world import Football

OPTIONS = MadridOptions(players=2, target="bold", references=("shy", "bold"), repeats=2, steps=24, clips_from=-2)
LEVELS = list(islice(Madrid(OPTIONS).seeds(Random(4)), 19))
SEEDS = list(range(100, 119))


def wander(helpless_from, key, seen, memory):
    """Runs and kicks by chance; on no account where the ball is further right than the parameter says."""
    ball = seen[0, 0] + seen[0, 11]
    return jnp.where(ball > helpless_from, -1, jax.random.randint(key, (2,), 0, Football.actions)), memory


@pytest.fixture(autouse=True)
def wanderers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody wanders, so that one program serves this file; who is shy is helpless in the last third."""
    monkeypatch.setattr(
        engine, "policy_of", lambda name: Policy(name, jnp.float32(0.55 if name == "shy" else 9.0), wander)
    )


@pytest.fixture
def football() -> JaxFootball:
    return JaxFootball(OPTIONS)


def test_what_comes_of_a_level_owes_nothing_to_its_neighbours(football: JaxFootball) -> None:
    together = football.play("bold", "bold", LEVELS, SEEDS)
    assert together.value.shape == (19, 2)
    assert set(np.unique(together.value)) <= {-1.0, 0.0, 1.0}
    for at in (0, 7, 18):
        alone = football.play("bold", "bold", [LEVELS[at]], [SEEDS[at]])
        assert np.array_equal(alone.value[0], together.value[at])
        for side, other in ((alone.left, together.left), (alone.right, together.right)):
            assert all(np.array_equal(values[0], other[name][at]) for name, values in side.items())
    assert not together.fault.any()


def test_matches_have_every_figure_that_failures_are_read_from(football: JaxFootball) -> None:
    played = football.play("bold", "bold", LEVELS[:3], SEEDS[:3])
    found = failures(played, played)
    assert set(found) == {one.name for one in FAILURES}
    assert all(often.shape == (3,) for often, _ in found.values())


def test_more_matches_than_one_call_takes_are_played_in_several(
    football: JaxFootball, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "MATCHES", 2)
    more = JaxFootball(OPTIONS.model_copy(update={"repeats": 5}))
    found = more.play("bold", "bold", LEVELS[:3], SEEDS[:3])
    assert found.value.shape == (3, 5)
    assert all(values.shape == (3, 5) for values in found.left.values())
    first = football.play("bold", "bold", LEVELS[:3], SEEDS[:3])
    assert np.array_equal(found.value[:, :2], first.value)
    lengths = np.concatenate([found.left["run"][:, 2:4], first.left["run"]])
    assert len(np.unique(lengths.round(4))) > 3


def traced(level: Scenario, name: str, steps: int, value: int) -> Trace:
    """A match in which everybody goes a little to the right."""
    begin = np.concatenate([level.lineup.left, level.lineup.right])
    place = begin + np.linspace(0, 0.02, steps + 1)[:, None, None] * np.array([1.0, 0.0])
    ahead = np.broadcast_to(np.float32([1.0, 0.0]), place.shape)
    still, nobody = np.zeros(steps + 1, np.bool_), np.full(steps + 1, -1, np.int32)
    ball = level.lineup.ball + np.linspace(0, 0.1, steps + 1)[:, None] * np.array([1.0, 0.0])
    return Trace(
        place.astype(np.float32), ahead, np.zeros(place.shape[:2], np.bool_), ball.astype(np.float32), still, nobody,
        value, {"own_goal_right": 1.0}, (name, "bold"),
    )  # fmt: skip


def test_a_clip_shows_both_matches_from_the_level(tmp_path: Path) -> None:
    traces = [traced(LEVELS[0], "shy", 6, 1), traced(LEVELS[0], "bold", 9, 0)]
    data = clips.packed(*traces)
    assert len(data) < 20_000
    for before, after in zip(traces, clips.unpacked(data), strict=True):
        assert np.allclose(before.place, after.place, atol=2e-4)
        assert np.array_equal(before.owner, after.owner)
        assert (before.value, before.names, before.features) == (after.value, after.names, after.features)
    with pytest.raises(ConfigError, match="no matches to look at"):
        clips.unpacked(b"something else")
    (tmp_path / "kept.npz").write_bytes(data)
    candidate = Candidate(domain="madrid", genome=LEVELS[0])
    kept = Entry(candidate=candidate, outcome=Outcome(score=1.0, cell=None, artifacts=("kept",)))
    shown = Madrid(OPTIONS).rollout(kept, {"kept": str(tmp_path / "kept.npz")})
    assert shown is not None
    assert shown.media == "image/gif"
    assert shown.data.startswith(b"GIF89a")
    assert "a goal for left after 6 steps, an own goal as shy plays left, below: no goal in 9 steps" in shown.caption
    assert Madrid(OPTIONS).rollout(kept, {}) is None
    assert Madrid(OPTIONS).picture(LEVELS[0]).data.startswith(b"<svg")


def test_whoever_does_not_fit_is_refused_before_any_match(monkeypatch: pytest.MonkeyPatch) -> None:
    def blind(name: str) -> Policy:
        return Policy(name, (), lambda parameters, key, seen, memory: (seen[:, :3].sum(1) @ jnp.ones(7), memory))

    monkeypatch.setattr(engine, "policy_of", blind)
    monkeypatch.setattr(engine.hosted, "judged", lambda *_: pytest.fail("a match was played"))
    with pytest.raises(ConfigError, match="blind cannot act on what 2 players see"):
        JaxFootball(OPTIONS).play("blind", "blind", LEVELS[:1], SEEDS[:1])


def test_an_action_that_is_none_is_told_level_by_level(football: JaxFootball) -> None:
    sides = {"left": LEVELS[0].left, "right": LEVELS[0].right, "reference": "bold"}
    levels = [Scenario(**sides, ball=(x, 0.35)) for x in (0.0, 0.8)]
    assert list(football.play("shy", "bold", levels, [1, 2]).fault) == [False, True]
    assert list(football.play("bold", "bold", levels, [1, 2]).fault) == [False, False]
