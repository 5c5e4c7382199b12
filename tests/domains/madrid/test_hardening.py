"""Fine-tuning on what was found: which levels are learned from, and what comes of it."""

from __future__ import annotations

import json
from itertools import islice
from pathlib import Path
from random import Random
from types import SimpleNamespace

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.madrid import hardening
from wunderkammer.domains.madrid.hardening import HardeningSettings, job_of, levels_file, levels_in, split
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.search import Madrid
from wunderkammer.learners.team import Players
from wunderkammer.worlds.football import players as shelf
from wunderkammer.worlds.football.world import Football

OPTIONS = MadridOptions(players=2, references=("bot-0.05", "bot-0.95"))
LEVELS = list(islice(Madrid(OPTIONS).seeds(Random(4)), 12))


def elites(*regrets: float) -> list[Entry[Scenario]]:
    return [
        Entry(candidate=Candidate(domain="madrid", genome=level), outcome=Outcome(score=regret, cell=level.cell))
        for level, regret in zip(LEVELS, regrets, strict=False)
    ]


def test_only_levels_of_enough_regret_are_taken_and_read_back() -> None:
    found = levels_in(levels_file(elites(1.0, 0.1, 0.5, 0.9, -1.0, 0.7), 0.5))
    assert set(found) == {LEVELS[at] for at in (0, 2, 3, 5)}
    with pytest.raises(ConfigError, match="3 elites have a regret of at least 0.6"):
        levels_file(elites(1.0, 0.9, 0.7, 0.5), 0.6)
    with pytest.raises(ConfigError, match="line 1 is no level"):
        levels_in(b"nonsense\n")


def test_a_level_is_held_out_in_every_order_or_in_none() -> None:
    parts = split(LEVELS, 0.25)
    assert len(parts.held_out) == 3
    assert set(parts.learned) | set(parts.held_out) == set(LEVELS)
    assert split(LEVELS[::-1], 0.25) == parts
    assert [len(part) for part in split(LEVELS[:2], 0.9)] == [1, 1]


def test_the_same_fine_tuning_is_one_job() -> None:
    settings = HardeningSettings(target="mine.safetensors", seed=3)
    assert job_of(settings, "abc").id == job_of(settings, "abc").id
    assert job_of(settings, "abc").id != job_of(settings, "abd").id
    assert job_of(settings, "abc").inputs == {"levels": "abc"}


def test_a_bot_has_nothing_to_learn_with() -> None:
    with pytest.raises(ConfigError, match="bot-0.5 has no weights"):
        hardening.Hardening(HardeningSettings(target="bot-0.5", players=2), LEVELS)


@pytest.mark.slow
def test_a_network_is_fine_tuned_and_judged_on_levels_that_it_never_saw(tmp_path: Path) -> None:
    network = Players(Football.actions, (8,))
    actor = network.init(jax.random.key(0), jnp.zeros(Football(2).features))["actor"]
    weights, levels = tmp_path / "mine.safetensors", tmp_path / "levels.jsonl"
    shelf.write(jax.tree.map(np.asarray, actor), weights, {})
    levels.write_bytes(levels_file(elites(*[1.0] * 12), 0.5))
    (tmp_path / "jobs" / "one" / "checkpoint").mkdir(parents=True)
    short = {"players": 2, "steps": 16, "updates": 4, "critic_first": 1, "matches": 12, "repeats": 4}
    args = {"target": str(weights), **short}
    told: list[int] = []
    desk = SimpleNamespace(
        args=args, seed=0, inputs={"levels": levels}, out=tmp_path, checkpoint=tmp_path / "jobs" / "one" / "checkpoint",
        tell=lambda step, *_, **figures: told.append(step),
    )  # fmt: skip
    found = hardening.main(desk)
    assert told == [4]
    assert (found["learned from"], found["held out"]) == (9, 3)
    after = shelf.read(tmp_path / hardening.FILE).parameters
    assert not np.allclose(after[0]["weights"], actor[0]["weights"], atol=1e-6)
    assert -2 <= found["regret after"] <= 2
    json.dumps(found)
    again = hardening.main(desk)  # killed after its last update: it has nothing left to learn
    assert again == found
    assert told == [4]
