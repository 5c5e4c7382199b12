"""Hardenings in the ledger: found by their beginning, each stage kept once, old ledgers given what they lack."""

from __future__ import annotations

import sqlite3

import pytest

from wunderkammer.core.calls import Call
from wunderkammer.core.errors import ConfigError
from wunderkammer.memory import hardenings
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.memory.ledger import address_of, opened


def made(name: str, at: float = 1.0) -> Hardening:
    return Hardening(name, "rainbow-skills", {"rounds": 2}, {"target": {"server": "s", "model": "m"}}, at)


def test_it_is_found_by_its_beginning_and_the_latest_by_its_time(tmp_path):
    with opened(address_of(tmp_path)) as ledger:
        for number, name in enumerate(("habc", "habd", "hxyz")):
            hardenings.begin(ledger, made(name, -number))
        ledger.flush_now()
        assert hardenings.find_hardening(ledger, "hx") == made("hxyz", -2)
        assert hardenings.find_hardening(ledger, "latest") == made("habc", 0)
        assert hardenings.find_hardening(ledger, "habc-1") is None
        assert hardenings.find_hardening(ledger, "") is None
        assert [one.id for one in hardenings.all_hardenings(ledger)] == ["habc", "habd", "hxyz"]
        with pytest.raises(ConfigError, match="fits several"):
            hardenings.find_hardening(ledger, "hab")


def test_a_whole_name_is_that_one_even_where_others_begin_so(tmp_path):
    with opened(address_of(tmp_path)) as ledger:
        for name in ("w1-skills-harden-1", "w1-skills-harden-10"):
            hardenings.begin(ledger, made(name))
        ledger.flush_now()
        assert hardenings.find_hardening(ledger, "w1-skills-harden-1") == made("w1-skills-harden-1")


def test_the_first_word_of_a_stage_stands(tmp_path):
    with opened(address_of(tmp_path)) as ledger:
        assert hardenings.stage(ledger, "h", 1, "train") is None
        for adapter in ("first", "second"):
            hardenings.keep_stage(ledger, "h", 1, "train", {"adapter": adapter})
            ledger.flush_now()
        assert hardenings.stage(ledger, "h", 1, "train") == {"adapter": "first"}
        hardenings.keep_stage(ledger, "h", 2, "train", {"adapter": "third"})
        ledger.flush_now()
        assert [(one.round, one.name) for one in hardenings.stages_of(ledger, "h")] == [(1, "train"), (2, "train")]


def test_what_it_used_is_summed_over_everything_in_its_name(tmp_path):
    with opened(address_of(tmp_path)) as ledger:
        for number, run in enumerate(("h1", "h1-1-exam", "h1-1", "h2-1-exam", "h10-1-exam", "a")):
            common = {"slot": 0, "role": "target", "server": "s", "model": "m", "request": "r"}
            ledger.record(Call(id=str(number), run=run, **common, prompt_tokens=2, completion_tokens=1, cost=0.5))
        ledger.flush_now()
        used = hardenings.used(ledger, "h1")
        assert (used.calls, used.prompt_tokens, used.completion_tokens, used.cost) == (3, 6, 3, 1.5)
        assert hardenings.used(ledger, "h3").calls == 0
        (role,) = hardenings.spending(ledger, "h1")
        assert (role.role, role.calls) == ("target", 3)


def test_a_ledger_from_before_is_given_the_tables(tmp_path):
    with opened(address_of(tmp_path)):
        pass
    with sqlite3.connect(tmp_path / "ledger.db") as link:
        link.execute("DROP TABLE stages")
        link.execute("DROP TABLE hardenings")
    link.close()
    with opened(address_of(tmp_path)) as ledger:
        hardenings.begin(ledger, made("h1"))
        ledger.flush_now()
        assert hardenings.find_hardening(ledger, "h1") == made("h1")
