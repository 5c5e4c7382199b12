"""The calibration study as a domain: which cells are one job, what is asked, what is read, what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from wunderkammer import domains
from wunderkammer.core.contract import Candidate
from wunderkammer.core.errors import ConfigError, JobFailed
from wunderkammer.core.study import Inquires
from wunderkammer.core.work import Job
from wunderkammer.domains.calibration.settings import CalibrationOptions, CalibrationSettings
from wunderkammer.domains.calibration.study import CalibrationStudy


def study(tmp_path: Path, **options: object) -> CalibrationStudy:
    model = tmp_path / "model"
    if not model.exists():
        model.mkdir()
        (model / "model.safetensors").write_bytes(b"weights")
    return CalibrationStudy(CalibrationOptions.model_validate({"model": str(model), **options}))


def cell(of: CalibrationStudy, **settings: object) -> Job:
    genome = CalibrationSettings.model_validate(settings)
    return of.jobs(Candidate(domain=of.name, genome=genome))[-1]


def test_it_is_installed_and_can_be_studied() -> None:
    assert domains.installed()["calibration-study"] is CalibrationStudy
    assert isinstance(CalibrationStudy(), Inquires)


def test_a_cell_comes_after_the_weights_and_another_model_is_another_cell(tmp_path: Path) -> None:
    one = study(tmp_path)
    first = cell(one)
    weights = one.jobs(Candidate(domain=one.name, genome=CalibrationSettings()))[0]
    (tmp_path / "model" / "model.safetensors").write_bytes(b"other weights")

    assert first.after == (weights.id,)
    assert cell(study(tmp_path)).id != first.id


@pytest.mark.parametrize("quantiser", ["round", "dynamic", "none"])
def test_without_calibration_neither_set_nor_seed_makes_another_cell(tmp_path: Path, quantiser: str) -> None:
    one = study(tmp_path)

    assert cell(one, quantiser=quantiser, set="noise", seed=7).id == cell(one, quantiser=quantiser).id


@pytest.mark.parametrize("quantiser", ["gptq", "awq", "smooth", "static"])
def test_with_calibration_both_do(tmp_path: Path, quantiser: str) -> None:
    one = study(tmp_path)

    ids = {cell(one, quantiser=quantiser, set=name, seed=s).id for name in ("prose", "noise") for s in (0, 1)}

    assert len(ids) == 4


def test_bits_are_of_quantisers_of_weights(tmp_path: Path) -> None:
    one = study(tmp_path)

    assert cell(one, bits=3).id != cell(one).id
    assert cell(one, quantiser="smooth", bits=3).id == cell(one, quantiser="smooth").id


def test_a_users_set_counts_by_its_content(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("words", "utf-8")
    first = cell(study(tmp_path, mine=file), set="mine")
    file.write_text("other words", "utf-8")

    assert cell(study(tmp_path, mine=file), set="mine").id != first.id
    assert first.args["file"] == str(file)


def test_a_users_set_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="-o mine=FILE"):
        cell(study(tmp_path), set="mine")
    with pytest.raises(ConfigError, match="no such file"):
        cell(study(tmp_path, mine=tmp_path / "gone.txt"), set="mine")


def test_the_check_comes_before_the_claims(tmp_path: Path) -> None:
    asked = study(tmp_path).hypotheses()

    assert [one.treatment for one in asked[:2]] == [{"quantiser": "gptq"}, {"quantiser": "awq"}]
    assert all(one.control == {"quantiser": "round"} and one.expects == "lower" for one in asked[:2])
    assert sum(one.expects == "same" and one.control == {"set": "prose"} for one in asked) == 4 * 4


def test_a_users_set_is_asked_of_too(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("words", "utf-8")

    assert sum(one.treatment == {"set": "mine"} for one in study(tmp_path, mine=file).hypotheses()) == 4


def test_less_loss_scores_higher(tmp_path: Path) -> None:
    one = study(tmp_path)
    candidate = Candidate(domain=one.name, genome=CalibrationSettings())
    (tmp_path / "result.json").write_text(json.dumps({"loss": 2.5, "accuracy": 0.5, "base_name": "m"}), "utf-8")

    outcome = one.read(candidate, {one.jobs(candidate)[-1].id: str(tmp_path)})

    assert outcome.score == -2.5
    assert outcome.measures == {"loss": 2.5, "accuracy": 0.5}


def test_a_result_without_figures_is_a_failed_job(tmp_path: Path) -> None:
    one = study(tmp_path)
    candidate = Candidate(domain=one.name, genome=CalibrationSettings())
    (tmp_path / "result.json").write_text("{}", "utf-8")

    with pytest.raises(JobFailed, match="no figures"):
        one.read(candidate, {one.jobs(candidate)[-1].id: str(tmp_path)})
