"""`wunder archive`: what is shown is what is held, and what goes out comes back."""

from __future__ import annotations

import json
from itertools import product

import pytest
from sqlalchemy import func, select

from wunderkammer.apps.exchange import FORMATS
from wunderkammer.domains.rainbow import RainbowSafety
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.tables import candidates, duels, outcomes, runs


def shown(wunder, home, *words: str) -> dict:
    return json.loads(wunder("archive", "show", *words, "--json", "--home", home).out)


def rows(home, table) -> int:
    with opened(address_of(home)) as ledger:
        return ledger.rows(select(func.count()).select_from(table))[0][0]


# ---- show ------------------------------------------------------------------------------------------------------------


def test_the_table_has_a_row_for_every_elite(wunder, home) -> None:
    told = shown(wunder, home)
    table = wunder("archive", "show", "--home", home).out

    assert told["filled"] == len(told["elites"]) > 10
    assert all(one["candidate"][:8] in table for one in told["elites"])
    assert f"{told['filled']} of 100" in table


def test_one_elite_in_full_with_its_votes_and_its_line(wunder, home) -> None:
    grown = [one for one in shown(wunder, home)["elites"] if one["slot"] >= 24]
    told = [shown(wunder, home, "--cell", ",".join(one["cell"])) for one in grown]
    deep = max(told, key=lambda one: len(one["lineage"]))

    assert {one["candidate"] for one in grown} == {one["candidate"] for one in told}
    assert len(deep["lineage"]) >= 1
    slots = [ancestor["slot"] for ancestor in deep["lineage"]]
    assert all(slot < deep["slot"] for slot in slots)
    assert deep["response"].startswith("[unsafe=")
    out = wunder("archive", "show", "--cell", ",".join(deep["cell"]), "--home", home).out
    assert deep["lineage"][0]["candidate"] in out
    assert deep["text"] in out


def test_votes_of_a_won_duel_are_told(wunder, home) -> None:
    with opened(address_of(home)) as ledger:
        won = ledger.rows(select(duels).where(duels.c.accepted.is_(True)).order_by(duels.c.slot.desc()))
    elites = {one["slot"]: one for one in shown(wunder, home)["elites"]}
    held = next(row for row in won if row.slot in elites)
    cell = ",".join(elites[held.slot]["cell"])

    assert shown(wunder, home, "--cell", cell)["verdict"]["votes"] == list(held.votes)
    assert ", ".join(held.votes) in wunder("archive", "show", "--cell", cell, "--home", home).out


@pytest.mark.parametrize(
    ("cell", "said"),
    [
        ("Slang", "one value for each of risk, style"),
        ("Terrorism,Sl,x", "one value for each of risk, style"),
        ("Terrorism,H", "Hypotheticals, Historical Scenario"),
        ("Nope,Slang", "'Nope' is not one value of axis 'risk'"),
        ("Terrorism,", "'' is not one value of axis 'style'"),
    ],
)
def test_a_cell_that_is_none_is_explained(wunder, home, cell, said) -> None:
    typed = wunder("archive", "show", "--cell", cell, "--home", home)

    assert typed.code == 2
    assert said in typed.err


def test_an_empty_cell_is_no_fault_of_the_grid(wunder, home) -> None:
    filled = {tuple(one["cell"]) for one in shown(wunder, home)["elites"]}
    empty = next(cell for cell in product(*RainbowSafety.axes.values()) if cell not in filled)

    typed = wunder("archive", "show", "--cell", ",".join(empty).lower(), "--home", home)
    assert typed.code == 2
    assert "has nothing at" in typed.err


# ---- export and import -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", sorted(FORMATS))
def test_what_goes_out_comes_back(wunder, home, tmp_path, form) -> None:
    before = shown(wunder, home)
    file = tmp_path / "out"
    assert wunder("archive", "export", "--format", form, "--out", file, "--home", home).code == 0
    known = rows(home, candidates)
    typed = wunder("archive", "import", file, "--format", form, "--domain", "rainbow-safety", "--home", home)
    after = shown(wunder, home)

    assert typed.code == 0, typed.err
    assert after["run"] != before["run"]
    same = ("cell", "candidate", "fitness", "text", "response")
    assert [[one[k] for k in same] for one in after["elites"]] == [[one[k] for k in same] for one in before["elites"]]
    assert rows(home, candidates) == known
    assert "imported" in shown(wunder, home, "--cell", ",".join(after["elites"][0]["cell"]))["notes"]


def test_export_takes_what_reaches_a_figure(wunder, home) -> None:
    best = max(one["fitness"] for one in shown(wunder, home)["elites"])
    some = wunder("archive", "export", "--min-score", best, "--home", home)
    none = wunder("archive", "export", "--min-score", best + 1, "--home", home)
    everything = wunder("archive", "export", "--all", "--home", home)

    assert len(some.out.splitlines()) == 1
    assert none.out == ""
    with opened(address_of(home)) as ledger:
        evaluated = ledger.rows(select(func.count()).where(outcomes.c.fate == "evaluated"))[0][0]
    assert len(everything.out.splitlines()) == evaluated


def test_an_unknown_format_is_named_before_anything_is_read(wunder, home, tmp_path) -> None:
    for words in (("export",), ("import", tmp_path / "absent", "--domain", "rainbow-safety")):
        typed = wunder("archive", *words, "--format", "excel", "--home", home)
        assert typed.code == 2
        assert "promptfoo" in typed.err


def texts(file, *words: str) -> None:
    lines = [json.dumps({"messages": [{"role": "user", "content": one}]}) for one in words]
    file.write_text("\n".join(lines) + "\n")


def marked(strength: float, name: str, risk: str = "Terrorism") -> str:
    return f"[risk={risk}|style=Slang|strength={strength:.4f}|id={name}] Once upon a time."


def test_foreign_texts_are_put_to_the_target(wunder, home, tmp_path, planted) -> None:
    texts(tmp_path / "f.jsonl", marked(0.5, "aa"), "I am harmless.", marked(0.5, "aa"))
    roles = ("--target", f"{planted}#planted-target", "--classifier", f"{planted}#planted-classifier")
    to_cell = ("--domain", "rainbow-safety", "--cell", "terrorism,slang", "--option", "judged=false", *roles)
    typed = wunder("archive", "import", tmp_path / "f.jsonl", *to_cell, "--home", home)
    told = shown(wunder, home)

    assert typed.code == 0, typed.err
    assert "2 evaluated, 1 duplicate; 1 hold a cell" in typed.out
    assert [one["cell"] for one in told["elites"]] == [["Terrorism", "Slang"]]
    assert told["elites"][0]["fitness"] > 0


def test_texts_that_say_no_cell_are_pointed_out(wunder, home, tmp_path, planted) -> None:
    texts(tmp_path / "f.jsonl", "I am harmless.")
    roles = ("--target", f"{planted}#planted-target", "--classifier", f"{planted}#planted-classifier")
    options = ("--domain", "rainbow-safety", "--option", "judged=false", *roles, "--home", home)
    typed = wunder("archive", "import", tmp_path / "f.jsonl", *options)

    assert typed.code == 0, typed.err
    assert "--cell RISK,STYLE" in typed.out
    assert shown(wunder, home)["filled"] == 0


def test_tags_fill_the_axes_that_the_user_leaves_to_them(wunder, home, tmp_path, planted) -> None:
    (tmp_path / "s.yaml").write_text(
        "seeds:\n- value: What of it?\n  harm_categories: [fraud AND scams]\n- value: And this?\n"
    )
    roles = ("--target", f"{planted}#planted-target", "--classifier", f"{planted}#planted-classifier")
    options = ("--format", "pyrit", "--domain", "rainbow-safety", "--cell", "*,word", "--option", "judged=false")
    typed = wunder("archive", "import", tmp_path / "s.yaml", *options, *roles, "--home", home)

    assert typed.code == 0, typed.err
    assert [one["cell"] for one in shown(wunder, home)["elites"]] == [["Fraud and Scams", "Word Play"]]


def test_a_text_that_cannot_be_a_candidate_is_left_out_and_told(wunder, home, tmp_path) -> None:
    wunder("archive", "export", "--out", tmp_path / "f.jsonl", "--home", home)
    with (tmp_path / "f.jsonl").open("a") as file:
        file.write(json.dumps({"messages": [{"role": "user", "content": "x" * 9000}]}) + "\n")
    typed = wunder("archive", "import", tmp_path / "f.jsonl", "--domain", "rainbow-safety", "--home", home)

    assert typed.code == 0, typed.err
    assert typed.out.count("left out") == 1
    assert "4000" in typed.out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("--domain", "rainbow-skills"), "rainbow-skills cannot take texts"),
        (("--domain", "nope"), "unknown domain 'nope'"),
        (("--domain", "rainbow-safety", "--cell", "a"), "--cell 'a'"),
        (("--domain", "rainbow-safety", "--format", "garak"), "neither a garak payload file"),
        (("--domain", "rainbow-safety", "--target", "http://127.0.0.1:9/v1#m"), "nobody answers"),
    ],
)
def test_an_import_that_cannot_be_leaves_no_run_behind(wunder, home, tmp_path, words, said) -> None:
    texts(tmp_path / "f.jsonl", "I am harmless.")
    (tmp_path / "wunder.toml").write_text('[servers.d]\nurl = "http://127.0.0.1:9/v1"\nattempts = 1\n')
    typed = wunder("archive", "import", tmp_path / "f.jsonl", *words, "--home", home)

    assert typed.code == 2
    assert said in typed.err
    assert typed.err.count("\n") == 1
    assert rows(home, runs) == 1


def test_an_import_can_be_searched_on_from_and_forked(wunder, home, tmp_path, planted) -> None:
    before = shown(wunder, home)
    wunder("archive", "export", "--out", tmp_path / "f.jsonl", "--home", home)
    roles = [w for r in ("target", "mutator", "judge", "classifier") for w in (f"--{r}", f"{planted}#planted-{r}")]
    (tmp_path / "p.toml").write_text('domain = "rainbow-safety"\nsteps = 2\nbatch = 16\nevaluations = 1\nlag = 0\n')
    cast = (*roles, "--model", f"{planted}#rehearsal")
    more = ("--domain", "rainbow-safety", "--preset", tmp_path / "p.toml", *cast, "--home", home)
    assert wunder("archive", "import", tmp_path / "f.jsonl", *more).code == 0
    imported = json.loads(wunder("runs", "--json", "--home", home).out)[0]
    resumed = wunder("resume", imported["id"], "-q", "--home", home)
    told = json.loads(wunder("runs", "show", imported["id"], "--json", "--home", home).out)
    grown = shown(wunder, home, imported["id"])

    assert imported["status"] == "paused"
    assert imported["filled"] == before["filled"]
    assert resumed.code == 0, resumed.err
    assert told["status"] == "finished"
    assert told["steps"] == told["of"] == imported["steps"] + 2
    assert sum(told["fates"].values()) == before["filled"] + 32
    with opened(address_of(home)) as ledger:
        later = ledger.rows(
            select(outcomes.c.parents).where(outcomes.c.run == imported["id"], outcomes.c.slot >= before["filled"])
        )
    known = {one["candidate"] for one in before["elites"]}
    assert any(set(row.parents) & known for row in later)  # the search varied what was imported
    assert grown["filled"] >= before["filled"]
    fork = wunder("fork", imported["id"], "--steps", told["steps"], "-q", "--home", home)
    assert fork.code == 0, fork.err
    assert shown(wunder, home)["filled"] == grown["filled"]
