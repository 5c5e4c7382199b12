"""`wunder openended`: a verdict with its observer, kept losses, two runs side by side, and the report's section."""

from __future__ import annotations

import json
from pathlib import Path

from sqlalchemy import func, select

from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.tables import losses


def test_a_verdict_names_observer_and_stretch(wunder, home) -> None:
    told = wunder("openended", "--home", home, "--observer", "compressor", "--observer", "linear")

    assert told.code == 0
    assert "for observer deflate-32k (the last 32 KiB of text)" in told.out
    assert "for observer linear" in told.out
    assert "second half" in told.out


def test_losses_are_kept_and_a_run_is_like_itself(wunder, home) -> None:
    words = ("openended", "--home", home, "--observer", "compressor", "--compare", "latest", "--json")
    first = json.loads(wunder(*words).out)
    with opened(address_of(home)) as ledger:
        kept = ledger.rows(select(func.count()).select_from(losses))[0][0]
    again = json.loads(wunder(*words).out)
    with opened(address_of(home)) as ledger:
        assert ledger.rows(select(func.count()).select_from(losses))[0][0] == kept > 0

    assert first == again
    assert first[0]["watches"] == first[1]["watches"]


def test_an_unknown_observer_is_refused_in_one_line(wunder, home) -> None:
    told = wunder("openended", "--home", home, "--observer", "oracle")

    assert told.code == 2
    assert "there are: compressor, linear, echo, kernel" in told.err


def test_the_report_shows_losses_and_novelty(wunder, home) -> None:
    files = wunder("report", "--home", home).out.split()
    page = next(Path(file).read_text("utf-8") for file in files if file.endswith(".html"))
    data = json.loads(next(Path(file).read_text("utf-8") for file in files if file.endswith(".json")))

    assert "Was it open-ended?" in page
    assert "loss matrix of deflate-32k" in page
    assert "Novelty in memory" in page
    assert data["watches"][0]["whole"]["observer"] == "deflate-32k"
    assert len(data["novelty"]) > 1
