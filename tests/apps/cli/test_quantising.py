"""`wunder quantise`: what is refused before anything is run, and which jobs a study's best cell becomes."""

from __future__ import annotations

from pathlib import Path

import pytest

from wunderkammer.apps.cli.quantising import asked, own_sets
from wunderkammer.core.contract import Candidate, Entry, Outcome
from wunderkammer.domains.calibration.settings import CalibrationOptions, CalibrationSettings
from wunderkammer.domains.calibration.spread import best
from wunderkammer.domains.calibration.study import CalibrationStudy


def entry(loss: float, **settings: object) -> Entry:
    losses = {"loss": loss} | {f"loss_on_{name}": loss - 0.1 for name in ("code",) if settings.get("set") == "every"}
    genome = CalibrationSettings.model_validate(settings)
    return Entry(
        candidate=Candidate(domain="calibration-study", genome=genome),
        outcome=Outcome(score=-loss, cell=None, measures=losses),
    )


def test_a_folder_that_is_there_is_left_alone(wunder, tmp_path: Path) -> None:
    (tmp_path / "there").mkdir()

    assert "is there already" in wunder("quantise", tmp_path / "there").err


def test_what_cannot_be_is_refused_in_one_line(wunder, tmp_path: Path) -> None:
    assert "quantiser" in wunder("quantise", tmp_path / "new", "--quantiser", "magic", "--model", "x/y").err
    assert "no such file" in wunder("quantise", tmp_path / "new", "--set", "nowhere.txt", "--model", "x/y").err
    assert "nothing was run" in wunder("quantise", tmp_path / "new", "--study", "s000").err


def test_a_model_can_be_calibrated_on_a_data_set(tmp_path: Path) -> None:
    model = tmp_path / "model"
    model.mkdir()
    domain, genome = asked({}, str(model), "owner/name:part")

    assert (genome.set, domain.settings.source("mine")) == ("mine", ({"data": "owner/name:part"}, {}))
    assert asked({}, str(model), "code")[1].set == "code"


@pytest.mark.parametrize(
    ("told", "said"),
    [
        (("--set", "mine"), "write NAME=FILE"),
        (("--set", "mine=nowhere.txt"), "nowhere.txt: no such file"),
        (("--set", "prose=owner/name"), "prose is the name of a built-in set"),
        (("--set", "a=owner/name", "--set", "a=owner/other"), "given twice"),
        (("--set", "mine=BAD"), "line 1: not JSON"),
        (("--set", "mine=EMPTY"), "holds no text"),
        (("--model", "nowhere"), "no such folder or file"),
        (("--model", "owner/gone.gguf"), "no such folder or file"),
    ],
)
def test_a_study_of_ones_own_model_or_sets_refuses_what_cannot_be(wunder, tmp_path: Path, told, said: str) -> None:
    (tmp_path / "bad.jsonl").write_text("{", "utf-8")
    (tmp_path / "empty.txt").write_text("\n", "utf-8")
    paths = {"BAD": str(tmp_path / "bad.jsonl"), "EMPTY": str(tmp_path / "empty.txt")}
    words = [one.replace("BAD", paths["BAD"]).replace("EMPTY", paths["EMPTY"]) for one in told]
    found = wunder("study", "calibration", *words)

    assert found.code == 2
    assert said in " ".join(found.err.split())


def test_model_and_sets_are_of_the_calibration_study_alone(wunder) -> None:
    assert "are of calibration-study" in wunder("study", "search", "--model", "owner/name").err


def test_sets_of_ones_own_are_named_in_full(tmp_path: Path, monkeypatch) -> None:
    (tmp_path / "notes.txt").write_text("words", "utf-8")
    monkeypatch.chdir(tmp_path)

    found = own_sets(["mine=notes.txt", "web=owner/name:part"])
    assert found == {"mine": str(tmp_path / "notes.txt"), "web": "owner/name:part"}


def test_the_best_of_a_study_is_the_cell_with_the_least_loss() -> None:
    tried = [
        entry(2.6, quantiser="gptq", set="noise"),
        entry(2.55, quantiser="gptq", set="every", seed=3),
        entry(2.5, quantiser="awq"),
        entry(2.4, quantiser="none"),
    ]

    found = best(tried)
    assert found is not None
    assert (found.quantiser, found.set, found.seed) == ("gptq", "code", 3)
    awq = best(tried, "awq")
    assert awq is not None
    assert awq.quantiser == "awq"
    assert best(tried, "smooth") is None


def test_an_export_is_a_job_of_its_own_that_knows_nothing_of_the_examination(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"weights")
    domain = CalibrationStudy(CalibrationOptions(model=str(tmp_path)))
    weights, job = domain.exporting(CalibrationSettings(seed=2))
    more = domain.exporting(CalibrationSettings(seed=2, held=51_200))[-1]

    assert job.after == (weights.id,)
    assert job.module == "wunderkammer.jobs.quantise.export"
    assert job.id == more.id
    assert not {"held", "questions"} & job.args.keys()
    assert (job.args["set"], job.seed) == ("prose", 2)
