"""`wunder domains`, `runs`, `findings`, `report`: tables for people, JSON for scripts, one line for a wrong name."""

from __future__ import annotations

import json

import pytest

from wunderkammer import domains
from wunderkammer.core.records import Finding
from wunderkammer.memory.findings import keep_finding
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.lock import owning
from wunderkammer.memory.runs import find_run


def test_domains_are_listed_with_their_axes_and_presets(wunder) -> None:
    told = {one["name"]: one for one in json.loads(wunder("domains", "--json").out)}
    table = wunder("domains").out

    assert told.keys() == domains.installed().keys()
    assert told["rainbow-safety"]["axes"] == {"risk": 10, "style": 10}
    assert "smoke" in told["rainbow-safety"]["presets"]
    assert "10 risk × 10 style" in table


def test_a_domain_is_shown_with_every_value_and_what_its_options_mean(wunder) -> None:
    table = wunder("domains", "show", "rainbow-safety").out
    told = json.loads(wunder("domains", "show", "rainbow-safety", "--json").out)

    assert told["axes"]["style"][0] == "Slang"
    assert told["options"]["properties"]["judged"]["default"] is False
    assert "Uncommon Dialects" in table
    row = next(line for line in table.splitlines() if line.strip().startswith("system_prompt"))
    assert "str | None" in row
    assert "as its owner deploys it" in row  # the words below the field in its class
    assert "required" in next(line for line in table.splitlines() if line.strip().startswith("text"))


def test_an_unknown_domain_is_named_in_one_line(wunder) -> None:
    typed = wunder("domains", "show", "nope")

    assert typed.code == 2
    assert typed.err.count("\n") == 1
    assert "rainbow-safety" in typed.err


def test_looking_where_nothing_was_run_makes_nothing(wunder, tmp_path) -> None:
    assert "no runs" in wunder("runs").out
    assert json.loads(wunder("runs", "--json").out) == []
    assert wunder("runs", "show").code == 2
    assert "nothing was run" in wunder("archive", "show").err
    assert list(tmp_path.iterdir()) == []


def test_runs_tell_how_far_they_came(wunder, home) -> None:
    (run,) = json.loads(wunder("runs", "--json", "--home", home).out)
    table = wunder("runs", "--home", home).out

    assert (run["status"], run["steps"], run["of"], run["cells"]) == ("finished", 6, 6, 100)
    assert 0 < run["filled"] <= 48
    assert run["calls"] > 48 * 3
    assert run["tokens"] > run["calls"]
    assert f"{run['filled']}/100" in table


def test_a_run_that_a_process_owns_is_running(wunder, home) -> None:
    (run,) = json.loads(wunder("runs", "--json", "--home", home).out)
    with owning(home, run["id"]):
        (during,) = json.loads(wunder("runs", "--json", "--home", home).out)

    assert during["status"] == "running"


def test_a_run_in_full(wunder, home) -> None:
    told = json.loads(wunder("runs", "show", "--json", "--home", home).out)
    shown = wunder("runs", "show", told["id"][:6], "--home", home).out

    assert told["plan"]["batch"] == 8
    assert sum(told["fates"].values()) == 48
    assert {one["role"] for one in told["spending"]} >= {"mutator", "target", "classifier"}
    assert told["roles"]["target"]["model"] == "planted-target"
    assert "planted-target" in shown
    assert "ablations.filter" in shown


def test_an_address_with_a_password_is_shown_without(wunder, home, tmp_path) -> None:
    (tmp_path / "wunder.toml").write_text(
        '[servers.s]\nurl = "http://user:hunter2@127.0.0.1:9/v1"\n[roles.default]\nserver = "s"\n'
    )
    said = wunder("models").out + wunder("models", "--json").out + wunder("doctor", "--home", home).out

    assert "http://127.0.0.1:9/v1" in said
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "command", ["findings --run", "report", "archive show", "runs show", "transfer --target=embedded"]
)
def test_an_unknown_run_is_named_in_one_line(wunder, home, command) -> None:
    typed = wunder(*command.split(), "zzzz", "--home", home)

    assert typed.code == 2
    assert "no run 'zzzz'" in typed.err
    assert typed.err.count("\n") == 1


def test_findings_are_printed_as_data(wunder, home) -> None:
    with opened(address_of(home)) as ledger:
        run = find_run(ledger, "latest").id
        hostile = "well \x1b[2J\x1b]0;mine\x07[bold]said[/bold]"
        keep_finding(ledger, Finding(run=run, claim="Made by hand.", comment=hostile, statistics={"p": 0.25}))
    out = wunder("findings", "--home", home).out
    told = json.loads(wunder("findings", "--json", "--home", home).out)

    assert "Made by hand." in out
    assert "well [bold]said[/bold]" in out
    assert "p 0.25" in out
    assert "\x1b" not in out
    assert any(one["comment"] == hostile for one in told)
    assert any(one["claim"].startswith("Along ") for one in told)


def test_a_report_is_written_where_asked(wunder, home, tmp_path) -> None:
    typed = wunder("report", "--home", home, "--out", tmp_path / "there")
    files = {path.name for path in (tmp_path / "there").iterdir()}

    assert typed.code == 0, typed.err
    assert files >= {"report.html", "report.json"}
    assert set(typed.out.splitlines()) == {str(tmp_path / "there" / name) for name in files}


def test_a_report_that_cannot_be_written_is_one_line(wunder, home, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    typed = wunder("report", "--home", home, "--out", tmp_path / "file" / "there")

    assert typed.code == 2
    assert typed.err.count("\n") == 1
