"""What can be set, and what cannot."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest
from pydantic import ValidationError

from wunderkammer import domains
from wunderkammer.core.study import read_study
from wunderkammer.domains.genie.settings import PARTS, GenieSettings
from wunderkammer.domains.genie.study import GenieOptions
from wunderkammer.learners.video.settings import WorldSettings

PRESETS = sorted((Path(domains.__file__).parent / "genie/presets").glob("genie-study.*.toml"))


def test_a_world_knows_its_own_settings_alone() -> None:
    settings = GenieSettings(width=32, seed=5, action_batch=3)
    assert settings.world == WorldSettings(width=32)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"side": 30}, "patch: 4 does not divide 30 pixels"),
        ({"side": 36}, "action_patch: 8 does not divide 36 pixels"),
        ({"width": 30}, "heads: 4 do not divide width 30"),
        ({"quantiser": "fsq", "codes": 100}, "codes: fsq makes 8, 16"),
        ({"action_quantiser": "fsq", "actions": 5}, "actions: fsq makes 8, not 5"),
        ({"tokenizer_steps": 30}, "tokenizer: its 30 steps are no multiple of report"),
        ({"frames": 4}, "frames: a world is examined 4 frames ahead, so a clip has at least 5"),
        ({"picture": 30}, "picture: must be a multiple of report"),
    ],
)
def test_settings_that_do_not_fit_say_so(changes, words) -> None:
    with pytest.raises(ValidationError, match=words):
        GenieSettings(**changes)


def test_every_setting_decides_the_id() -> None:
    assert GenieSettings().id != GenieSettings(seed=1).id != GenieSettings(moved=0.0).id


@pytest.mark.parametrize("file", PRESETS, ids=lambda file: file.name)
def test_presets_are_settings(file) -> None:
    plan = read_study(file)
    settings = GenieSettings.model_validate(plan.given)
    assert settings.total == sum(map(settings.steps, PARTS))
    assert set(tomllib.loads(file.read_text()).get("options", {})) <= set(GenieOptions.model_fields)


def test_there_are_the_presets_that_the_page_names() -> None:
    assert [file.name.split(".")[1] for file in PRESETS] == ["ablation", "cpu", "gpu", "grid", "smoke"]
