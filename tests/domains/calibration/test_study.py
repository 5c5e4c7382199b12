"""The calibration study as a domain: which cells are one job, what is asked, what is read, what is refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import pytest

from wunderkammer import domains
from wunderkammer.agents.science.statistics import least_pairs
from wunderkammer.core.contract import Candidate, Outcome
from wunderkammer.core.errors import ConfigError, JobFailed
from wunderkammer.core.plan import presets
from wunderkammer.core.study import Inquires, read_study
from wunderkammer.core.work import Job
from wunderkammer.domains.calibration.settings import SETS, CalibrationOptions, CalibrationSettings
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
    elsewhere, lines = file.with_name("notes.txt"), file.with_suffix(".jsonl")
    for copy in (elsewhere, lines):
        copy.write_bytes(file.read_bytes())
    file.write_text("other words", "utf-8")

    assert first.places["file"] == str(file)
    assert cell(study(tmp_path, mine=file), set="mine").id != first.id
    assert cell(study(tmp_path, mine=elsewhere), set="mine").id == first.id
    assert cell(study(tmp_path, mine=lines), set="mine").id != first.id


def test_a_users_set_that_is_not_there_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="--set mine=FILE"):
        cell(study(tmp_path), set="mine")
    with pytest.raises(ConfigError, match="no such file"):
        cell(study(tmp_path, mine=tmp_path / "gone.txt"), set="mine")


def test_sets_of_ones_own_have_names_and_each_is_a_cell(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Worte", "utf-8")
    one = study(tmp_path, own={"german": str(file), "web": "owner/pages:part"})
    every = [job for job in jobs(one, set="every") if job.args.get("quantiser") == "gptq"]

    assert [job.args["set"] for job in every] == [*SETS, "german", "web"]
    assert every[-2].places["file"] == str(file)
    assert every[-1].args["data"] == "owner/pages:part"
    assert "data" not in every[0].args


def test_only_ones_own_sets_are_looked_at_where_that_is_wanted(tmp_path: Path) -> None:
    file = tmp_path / "notes.txt"
    file.write_text("Worte", "utf-8")
    one = study(tmp_path, own={"german": str(file), "french": str(file)}, built_in=False)
    useful, *_, last = one.hypotheses()

    assert {job.args["set"] for job in jobs(one, set="every") if job.args.get("quantiser") == "gptq"} == {
        "german",
        "french",
    }
    assert useful.given == {"set": "german"}
    assert last.control == {"set": "german"}


@pytest.mark.parametrize(
    ("own", "said"),
    [
        ({"prose": "notes.txt"}, "prose is the name of a built-in set"),
        ({"every": "notes.txt"}, "every is the name of a built-in set"),
        ({"Mein Text": "notes.txt"}, "pattern"),
    ],
)
def test_names_that_cannot_be_are_refused(own: dict[str, str], said: str) -> None:
    with pytest.raises(ValueError, match=said):
        CalibrationOptions(own=own)


def test_a_manual_that_is_not_installed_is_named_with_its_package(tmp_path: Path) -> None:
    gone = "/usr/share/debian-reference/debian-reference.xx.txt.gz"

    with pytest.raises(ConfigError, match="Debian's package debian-reference-xx"):
        cell(study(tmp_path, own={"other": gone}), set="other")


def test_a_model_is_watched_where_that_is_wanted(tmp_path: Path) -> None:
    names = [job.module.rpartition(".")[2] for job in jobs(study(tmp_path, look=True))]

    assert names == ["weights", "activations", "cell", "cell", "cell"]


def test_cells_keep_their_names() -> None:
    """What was found under a name is found again: a change of these is a change of `VERSION`, or of what is asked."""
    one = CalibrationStudy(CalibrationOptions(model="owner/model"))
    plain = [cell(one, quantiser=quantiser, seed=3).id for quantiser in ("none", "gptq", "awq", "smooth", "static")]
    dosed = cell(one, quantiser="smooth", seed=3, outliers=100).id
    trained = cell(one, quantiser="static", seed=3, architecture="old", precision="fp32").id

    assert [*plain, dosed, trained] == KEPT


KEPT = [
    "7e32f490d1d9ee130f420b7d",
    "0a84e0813b8fdf15dfe3fc24",
    "00bfff0163c4fd11f4dd02d5",
    "8ef1212aed64585758476ffe",
    "25ff89cd259f0a745ee2af86",
    "d85fe3314b354a7f27ffda23",
    "be7f56d196e09bc5adb98b75",
]


def test_the_check_comes_before_the_claims(tmp_path: Path) -> None:
    asked = study(tmp_path).hypotheses()

    assert [one.treatment for one in asked[:2]] == [{"quantiser": "gptq"}, {"quantiser": "awq"}]
    assert all(one.control == {"quantiser": "round"} and one.expects == "lower" for one in asked[:2])
    assert all(one.treatment == {"set": "every"} and one.measure == "spread" for one in asked[2:])
    assert len({str(one.given) for one in asked[2:]}) == 4


@pytest.mark.parametrize("preset", ["cpu", "gpu", "outliers", "pair", "languages"])
def test_presets_have_pairs_enough_for_a_verdict_on_every_hypothesis(preset: str) -> None:
    plan = read_study(presets("calibration-study", "calibration")[preset])
    asked = CalibrationStudy(CalibrationOptions.model_validate(plan.options)).hypotheses()

    assert plan.width >= len(asked)
    assert plan.pairs >= least_pairs(plan.alpha, len(asked))


def test_every_set_is_a_cell_of_its_own_and_shares_it_with_who_asks_for_one(tmp_path: Path) -> None:
    file = tmp_path / "mine.txt"
    file.write_text("words", "utf-8")
    one = study(tmp_path, mine=file)
    every = jobs(one, set="every", seed=3)

    assert {job.args["set"] for job in every if job.args.get("quantiser") == "gptq"} == {*SETS, "mine"}
    assert {job.id for job in jobs(one, set="noise", seed=3)} < {job.id for job in every}


def test_a_cell_is_held_against_the_model_as_it_is_and_what_looks_at_no_set(tmp_path: Path) -> None:
    one = study(tmp_path)

    def against(quantiser: str) -> list[object]:
        return [job.args["quantiser"] for job in jobs(one, quantiser=quantiser)[1:]]

    assert against("awq") == ["none", "round", "awq"]
    assert against("static") == ["none", "dynamic", "static"]
    assert against("round") == ["none", "round"]


def test_less_loss_scores_higher(tmp_path: Path) -> None:
    outcome = read(study(tmp_path), tmp_path, {"none": 2.0, "round": 2.75, "gptq": 2.5})

    assert outcome.score == -2.5
    figures = {"loss": 2.5, "accuracy": 0.5, "spread": 0, "cost": 0.5, "unquantised": 2.0, "uncalibrated": 2.75}
    assert outcome.measures == figures


def test_outliers_are_a_dose_and_leave_other_cells_what_they_are(tmp_path: Path) -> None:
    one = study(tmp_path, table="outliers")
    plain, dosed = cell(one, quantiser="dynamic", seed=2), cell(one, quantiser="dynamic", seed=2, outliers=10)

    assert "outliers" not in plain.args
    assert (plain.seed, dosed.seed) == (0, 2)
    assert [job.args.get("outliers") for job in jobs(one, quantiser="smooth", outliers=10)[1:]] == [None, 10, 10]
    assert [asked.expects for asked in one.hypotheses()] == ["higher", "higher", "lower", "same"]


def test_the_pair_is_trained_in_place_of_the_weights_and_watched(tmp_path: Path) -> None:
    one = study(tmp_path, table="pair")
    made = jobs(one, quantiser="static", architecture="old", seed=4)

    assert [job.module.rpartition(".")[2] for job in made] == ["pair", "activations", "cell", "cell", "cell"]
    assert made[0].seed == 4
    assert {job.after for job in made[1:]} == {(made[0].id,)}
    assert made[0].id != jobs(one, quantiser="static", architecture="new", seed=4)[0].id


def test_kurtosis_and_cost_of_a_trained_model_are_read(tmp_path: Path) -> None:
    one = study(tmp_path, table="pair")
    losses = {"none": 2.0, "dynamic": 2.1, "static": 2.5}
    measures = read(one, tmp_path, losses, quantiser="static", architecture="new").measures

    assert (measures["kurtosis"], measures["cost"]) == (30.0, 0.5)


def test_of_every_set_the_mean_the_spread_and_each_are_measured(tmp_path: Path) -> None:
    losses = {"none": 2.0, "round": 2.75} | {name: 2.5 + 0.1 * at for at, name in enumerate(SETS)}
    measures = read(study(tmp_path), tmp_path, losses, set="every").measures

    assert measures["loss"] == pytest.approx(2.7)
    assert measures["spread"] == pytest.approx(0.4)
    assert [measures[f"loss_on_{name}"] for name in SETS] == [losses[name] for name in SETS]


def test_a_result_without_figures_is_a_failed_job(tmp_path: Path) -> None:
    one = study(tmp_path)
    genome = CalibrationSettings(quantiser="none")
    candidate = Candidate(domain=one.name, genome=genome)
    (tmp_path / "result.json").write_text("{}", "utf-8")

    with pytest.raises(JobFailed, match="no figures"):
        one.read(candidate, {job.id: str(tmp_path) for job in one.jobs(candidate)})


def jobs(of: CalibrationStudy, **settings: object) -> list[Job]:
    return list(of.jobs(Candidate(domain=of.name, genome=CalibrationSettings.model_validate(settings))))


def read(of: CalibrationStudy, folder: Path, losses: Mapping[str, float], **settings: object) -> Outcome:
    """What the study makes of cells with these losses, by set or by the quantiser that looks at none."""
    candidate = Candidate(domain=of.name, genome=CalibrationSettings.model_validate(settings))
    artifacts = {}
    for job in of.jobs(candidate)[1:]:
        out = folder / job.id
        out.mkdir()
        said: dict[str, object] = {"kurtosis": 30.0}
        if "quantiser" in job.args:
            quantiser, name = str(job.args["quantiser"]), str(job.args["set"])
            said = {"loss": losses.get(quantiser, losses.get(name)), "accuracy": 0.5, "base_name": "m"}
        (out / "result.json").write_text(json.dumps(said), "utf-8")
        artifacts[job.id] = str(out)
    return of.read(candidate, artifacts)
