"""Mazes that a search found are fed to a training: run, artifact, job."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import pytest
from langgraph.runtime import RunControl

from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.installation import reading
from wunderkammer.apps.mazes import elites, kept
from wunderkammer.apps.studies.ued_training import main
from wunderkammer.core.contract import Candidate
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import Settings, load
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.domains.paired.study import PairedStudy
from wunderkammer.jobs.desk import Desk, Unable
from wunderkammer.memory.artifacts import Artifacts
from wunderkammer.memory.ventures import Venture, all_ventures
from wunderkammer.worlds.maze import catalogue

OPTIONS = {"size": 5, "walls": 8, "horizon": 20, "episodes": 4, "forms": ["edits"]}
TINY = {
    "size": 5, "walls": 6, "horizon": 12, "memory": "gru", "width": 8, "filters": 2, "envs": 8, "steps": 8, "epochs": 1,
    "updates": 1, "report": 1, "test": 1, "held_out": "perfect", "tests": 4, "episodes": 1, "mixed": 1.0,
}  # fmt: skip


@pytest.fixture(scope="module")
def settings(tmp_path_factory) -> Settings:
    """A home in which a run of maze-levels has finished."""
    home = tmp_path_factory.mktemp("found")
    found = load(start=home, home=home, embedder="hashed")
    plan = make_plan({"domain": "maze-levels", "steps": 2, "batch": 8, "lag": 1, "seeds": 8, "options": OPTIONS})
    ended = asyncio.run(Expedition(new_run(plan, found), found, lambda event: None, RunControl()).conduct())
    assert ended.status == "finished", ended.reason
    return found


def desk(settings: Settings, folder: Path, **changes: object) -> Desk:
    """The desk of the job that trains on what was found."""
    name = kept(elites("latest", settings), settings)
    (job,) = PairedStudy().jobs(
        Candidate(domain="paired-study", genome=TrainingSettings(**{**TINY, "levels": name, "seed": 3, **changes}))
    )
    assert job.inputs == {"levels": name}
    files = {"levels": settings.home / "artifacts" / name[:2] / name}
    home = folder / "jobs" / job.id
    for place in (home / "checkpoint", home / "out"):
        place.mkdir(parents=True)
    return Desk(job.id, job.args, job.seed, files, {}, home / "out", home / "checkpoint", home / "progress.jsonl")


def begun(settings: Settings) -> tuple[list[Venture], list[Path]]:
    """Studies and jobs that there are."""
    with reading(settings) as ledger:
        return all_ventures(ledger, "study"), sorted(settings.home.glob("jobs/*"))


def test_elites_are_kept_under_a_name_that_follows_from_them(settings) -> None:
    name = kept(elites("latest", settings), settings)
    text = Artifacts(settings.home / "artifacts").read(name).decode()
    assert catalogue.parse(text, name) == elites("latest", settings)
    assert kept(elites("latest", settings), settings) == name
    with pytest.raises(ConfigError, match="no run"):
        elites("nothing", settings)


def test_a_training_learns_in_what_was_found(settings, tmp_path) -> None:
    table = desk(settings, tmp_path)
    result = main(table)
    assert 0 <= result["solved"] <= 1
    known = {plan.walls for plan in elites("latest", settings).values()}
    (record,) = (table.checkpoint / "training").glob("*/notes/metadata")
    learned = [words for _, maps in json.loads(record.read_text())["levels"] for words in maps]
    assert learned
    assert {catalogue.parse(words, "one")["one"].walls for words in learned} <= known


def test_mazes_of_another_size_are_no_reason_to_try_again(settings, tmp_path) -> None:
    with pytest.raises(Unable, match="is 5 x 5, and the training is on 7 x 7"):
        main(desk(settings, tmp_path, size=7))


@pytest.mark.parametrize("beside", [(), ("--given", "size=9"), ("--method", "dr"), ("--vary", "size=9")])
def test_mazes_of_another_size_are_refused_before_anything_begins(settings, wunder, beside) -> None:
    before = begun(settings)
    told = wunder("study", "paired", "--preset", "smoke", "--levels", "latest", *beside, "--home", settings.home)
    size = 9 if "size=9" in beside else 7
    assert told.code == 2
    assert f"is 5 x 5, and the training is on {size} x {size}; say --given size=5" in " ".join(told.err.split())
    assert begun(settings) == before


@pytest.mark.slow
def test_a_study_trains_with_them_and_without_and_draws_both(settings, wunder) -> None:
    """Four trainings as jobs, from the command line to the report."""
    given = [word for name, value in TINY.items() for word in ("--given", f"{name}={value}")]
    words = ("study", "paired", "--preset", "smoke", "--levels", "latest", "--pairs", 2, "-q", *given)
    told = wunder(*words, "--home", settings.home)
    assert told.code == 0, told.err
    name = kept(elites("latest", settings), settings)
    (report,) = settings.home.glob("reports/*/report.html")
    page = report.read_text("utf-8")
    assert f">dr, levels={name}</text>" in page
    assert ">dr</text>" in page
    assert "solved, by update" in page


def test_what_trains_on_no_levels_says_so(settings, wunder) -> None:
    home = ("--home", settings.home)
    assert "search-study trains on no levels" in wunder("study", "search", "--levels", "latest", *home).err
    assert "no run" in wunder("study", "paired", "--preset", "smoke", "--levels", "nothing", *home).err
