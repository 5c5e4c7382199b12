"""`wunder memory`: the vectors follow from the ledger."""

from __future__ import annotations

import json
import shutil

from sqlalchemy import func, select

from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.tables import outcomes


def test_after_a_run_vectors_and_ledger_agree(wunder, home) -> None:
    told = json.loads(wunder("memory", "check", "--json", "--home", home).out)
    with opened(address_of(home)) as ledger:
        query = select(func.count(outcomes.c.candidate.distinct())).where(outcomes.c.fate == "evaluated")
        evaluated = ledger.rows(query)[0][0]

    assert told["candidates"] == told["vectors"] == evaluated
    assert told["missing"] == []
    assert told["novelty"]["measured"] > 0
    assert told["novelty"]["owed"] == told["novelty"]["wrong"] == 0


def test_what_was_lost_is_noticed_and_made_anew(wunder, home) -> None:
    shutil.rmtree(home / "vectors")
    lost = wunder("memory", "check", "--home", home)
    rebuilt = wunder("memory", "rebuild", "--home", home)

    assert lost.code == 2
    assert "wunder memory rebuild" in lost.err
    assert rebuilt.code == 0
    assert wunder("memory", "check", "--home", home).code == 0


def test_the_nearest_to_a_stored_text_is_itself(wunder, home) -> None:
    elite = json.loads(wunder("archive", "show", "--json", "--home", home).out)["elites"][3]
    told = json.loads(wunder("memory", "search", elite["text"], "-n", 3, "--json", "--home", home).out)
    none = json.loads(
        wunder("memory", "search", elite["text"], "--domain", "rainbow-skills", "--json", "--home", home).out
    )

    assert told[0]["candidate"] == elite["candidate"]
    assert told[0]["distance"] < 1e-3
    assert [one["distance"] for one in told] == sorted(one["distance"] for one in told)
    assert none == []
    assert elite["candidate"][:8] in wunder("memory", "search", elite["text"], "--home", home).out


def test_an_empty_memory_says_how_to_fill_it(wunder, home) -> None:
    shutil.rmtree(home / "vectors")

    assert "wunder memory rebuild" in wunder("memory", "search", "anything", "--home", home).out


def test_without_a_ledger_there_is_nothing_to_remember(wunder, tmp_path) -> None:
    assert wunder("memory", "rebuild").code == 2
    assert list(tmp_path.iterdir()) == []
