"""kill -9 of `wunder study`, then `wunder resume`: the same verdicts, and no job of it runs twice."""

from __future__ import annotations

import json
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from wunderkammer.memory import runs, studies
from wunderkammer.memory.findings import findings_of
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.ventures import all_ventures

WUNDER = "from wunderkammer.apps.cli import main; main()"
SHORT = """
domain = "search-study"
seed = 7
pairs = 2
width = 1
rounds = 2
stated = false
[given]
calls = 100
[[asked]]
domain = "search-study"
treatment = {filter = false}
control = {filter = true}
given = {calls = 100}
measure = "self_bleu"
expects = "higher"
margin = 0.03
[[asked]]
domain = "search-study"
treatment = {biased = false}
control = {biased = true}
given = {calls = 100}
measure = "found"
expects = "lower"
margin = 0.05
"""
"""Two rounds of one hypothesis each; both share the control: six jobs."""


@dataclass(frozen=True)
class Told:
    """What came of a study, without times and names."""

    verdicts: dict[str, tuple[str | None, dict[str, float]]]
    """Verdict and figures, by hypothesis."""
    jobs: frozenset[str]
    attempts: dict[str, int]
    """How often each job in the home was started."""
    asked: dict[str, float]
    """When the first hypothesis was written down that each job answers."""
    submitted: dict[str, float]
    """When the job was handed over."""
    doubled: tuple[object, ...]
    """What was told twice."""


def told(home: Path) -> Told:
    with opened(address_of(home)) as ledger:
        (venture,) = all_ventures(ledger, "study")
        found = findings_of(ledger, venture.id)
        events = [(at, event) for at, event in runs.told(ledger, venture.id) if event.kind != "ended"]
        designed = studies.designed(ledger, venture.id).values()
    asked: dict[str, float] = {}
    for at, event in reversed(events):
        if event.kind == "hypothesised":
            mine = [f for f in found if f.hypothesis and f.hypothesis.id == event.hypothesis.id]
            asked |= {job: at for finding in mine for job in finding.jobs}  # the first to ask counts
    jobs = frozenset(job for event in designed for job in event.jobs)
    standings = {file.parent.name: json.loads(file.read_text()) for file in home.glob("jobs/*/standing.json")}
    keys = [(event.kind, event.model_dump_json()) for _, event in events]
    return Told(
        verdicts={f.hypothesis.id: (f.verdict, dict(f.statistics)) for f in found if f.hypothesis},
        jobs=jobs,
        attempts={job: standing["attempt"] for job, standing in standings.items()},
        asked=asked,
        submitted={job: standing["submitted"] for job, standing in standings.items()},
        doubled=tuple(key for key, count in Counter(keys).items() if count > 1),
    )


@pytest.fixture
def wunder(tmp_path: Path):
    """Starts the command line in a home."""

    def started(home: str, *words: str) -> subprocess.Popen[bytes]:
        line = [sys.executable, "-c", WUNDER, *words, "--home", home, "--quiet"]
        with (tmp_path / f"{home}.log").open("ab") as log:
            return subprocess.Popen(line, cwd=tmp_path, stdout=log, stderr=subprocess.STDOUT)

    return started


def written(home: Path) -> int:
    """How many events the ledger has, seen from another process."""
    if not (home / "ledger.db").exists():
        return 0
    link = sqlite3.connect(f"file:{home / 'ledger.db'}?mode=ro", uri=True, timeout=60)
    try:
        return int(link.execute("select count(*) from events").fetchone()[0])
    except sqlite3.OperationalError:  # its tables are being made
        return 0
    finally:
        link.close()


def hunt(wunder, home: Path, words: Sequence[str], kills: int, rng: random.Random) -> int:
    """Begin a study and resume it, killing it after a few more events each time; then let it end. Returns the kills."""
    killed = 0
    while True:
        process = wunder(home.name, *(("resume",) if written(home) else words))
        goal = written(home) + rng.randrange(1, 5) if killed < kills else sys.maxsize
        while process.poll() is None and written(home) < goal:
            time.sleep(0.005)
        if process.poll() is not None:
            assert process.returncode == 0, (home.parent / f"{home.name}.log").read_text()
            return killed
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        killed += 1


def compare(calm: Told, wild: Told) -> None:
    assert wild.verdicts == calm.verdicts
    assert wild.doubled == ()
    assert wild.jobs == calm.jobs == wild.attempts.keys()
    assert set(wild.attempts.values()) == {1}  # a job outlives whoever began it: none was begun again
    assert all(wild.asked[job] < wild.submitted[job] for job in wild.jobs)


@pytest.mark.timeout(600)
def test_a_study_that_is_killed_ends_with_the_same_verdicts(wunder, tmp_path) -> None:
    (tmp_path / "short.toml").write_text(SHORT)
    words = ("study", "search", "--preset", "short.toml")
    for home, kills in (("calm", 0), ("wild", 5)):
        assert hunt(wunder, tmp_path / home, words, kills, random.Random(3)) == kills
    calm = told(tmp_path / "calm")
    assert len(calm.jobs) == 6
    assert len(calm.verdicts) == 2
    compare(calm, told(tmp_path / "wild"))


@pytest.mark.slow
@pytest.mark.timeout(1800)
def test_the_smoke_preset_killed_at_twelve_moments(wunder, tmp_path) -> None:
    words = ("study", "search", "--preset", "smoke")
    for home, kills in (("calm", 0), ("wild", 12)):
        assert hunt(wunder, tmp_path / home, words, kills, random.Random(4)) == kills
    compare(told(tmp_path / "calm"), told(tmp_path / "wild"))
