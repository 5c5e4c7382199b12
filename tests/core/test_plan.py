"""Plans: validated, hashed, changed one field at a time."""

from __future__ import annotations

import pytest

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import ABLATIONS, Ablations, make_plan, read_plan


def test_the_hash_follows_what_decides_the_result():
    plan = make_plan({"domain": "d"})
    assert plan.id == make_plan({"domain": "d", "batch": 32}).id
    assert plan.id != make_plan({"domain": "d", "seed": 1}).id


def test_changes_reach_into_tables():
    plan = make_plan({"domain": "d"}, **{"ablations.filter": False, "options.samples": 3, "budget.calls": 5})
    assert (plan.ablations.filter, plan.options, plan.budget.calls) == (False, {"samples": 3}, 5)


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"domain": "d", "batch": 0}, "batch"),
        ({"domain": "d", "steps": "many"}, "steps"),
        ({"domain": "d", "colour": 1}, "colour"),
        ({}, "domain"),
        ({"domain": "d", "ablations": {"filtre": False}}, "ablations.filtre"),
    ],
)
def test_a_wrong_field_is_named(values, said):
    with pytest.raises(ConfigError, match=said):
        make_plan(values)


def test_a_file_is_read_and_its_faults_are_named(tmp_path):
    file = tmp_path / "p.toml"
    file.write_text('domain = "d"\nsteps = 3\n')
    assert read_plan(file, seed=4).seed == 4
    file.write_text("domain = ")
    with pytest.raises(ConfigError, match="not valid TOML"):
        read_plan(file)
    with pytest.raises(ConfigError, match="no such preset"):
        read_plan(tmp_path / "none.toml")


def test_every_ablation_switches_something_off():
    assert all(ablation != Ablations() for ablation in ABLATIONS.values())
    assert ABLATIONS["random"] == Ablations(filter=False, parents=False, biased=False)
