"""Plans for tuning, made without the trainer's libraries."""

from __future__ import annotations

import importlib
import subprocess
import sys
from pathlib import Path

import pytest
from pydantic import ValidationError

from wunderkammer.core.weights import weights_job
from wunderkammer.core.work import Job, Resources
from wunderkammer.jobs.finetune.recipe import (
    ENVIRONMENT,
    PRESETS,
    Recipe,
    gguf_job,
    train_job,
    utility_job,
)


def jobs() -> list[Job]:
    return [
        weights_job("owner/model"),
        train_job(PRESETS["cpu"], "t.jsonl", "h.jsonl", "w"),
        gguf_job("t", "w"),
        utility_job("w", ["t", "u"]),
    ]


@pytest.mark.parametrize("job", jobs(), ids=lambda job: job.module.rpartition(".")[2])
def test_every_job_names_a_module_with_a_main_and_the_trainer_s_environment(job: Job) -> None:
    assert callable(importlib.import_module(job.module).main)
    assert job.environment == ENVIRONMENT
    assert job.title


def test_planning_and_importing_needs_no_torch() -> None:
    modules = [job.module for job in jobs()]
    program = f"import sys, importlib\nfor name in {modules}: importlib.import_module(name)\n" + (
        "heavy = {'torch', 'transformers', 'trl', 'peft', 'datasets', 'gguf'} & sys.modules.keys()\n"
        "sys.exit(' '.join(heavy) or None)"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=False)

    assert done.returncode == 0, done.stderr


def test_the_same_plan_is_the_same_job_and_another_is_another() -> None:
    recipe = PRESETS["cpu"]
    first = train_job(recipe, "t", "h", "w", seed=1)
    elsewhere = recipe.model_copy(update={"needs": Resources(cores=8)})
    others = [
        train_job(recipe, "t", "h", "w", seed=2),
        train_job(recipe, "t2", "h", "w", seed=1),
        train_job(recipe, "t", "h", "w2", seed=1),
        train_job(recipe, "t", "h", "w", seed=1, start="before"),
        train_job(recipe.model_copy(update={"rank": 4}), "t", "h", "w", seed=1),
    ]

    assert first.id == train_job(elsewhere, "t", "h", "w", seed=1, title="other").id
    assert len({first.id, *(job.id for job in others)}) == 6
    assert others[3].after == ("w", "before")


def test_other_weights_at_the_same_path_are_another_job(tmp_path: Path) -> None:
    file = tmp_path / "model.gguf"
    file.write_bytes(b"a" * 300_000)
    first = weights_job(file)
    moved = tmp_path / "elsewhere" / file.name
    moved.parent.mkdir()
    moved.write_bytes(file.read_bytes())
    assert weights_job(str(file)).id == first.id == weights_job(moved).id
    assert weights_job(moved).places == {"base": str(moved)}
    file.write_bytes(b"a" * 299_999 + b"b")

    assert weights_job(file).id != first.id


def test_arguments_are_a_recipe_again() -> None:
    for recipe in PRESETS.values():
        args = train_job(recipe, "t", "h", "w").args
        assert Recipe.model_validate(args) == recipe.model_copy(update={"needs": Recipe().needs})


@pytest.mark.parametrize("field", [{"rank": 0}, {"learning_rate": 0}, {"dropout": 1}, {"warmup": 1.5}, {"speed": 1}])
def test_a_recipe_out_of_range_is_refused(field: dict[str, float]) -> None:
    with pytest.raises(ValidationError):
        Recipe.model_validate(field)
