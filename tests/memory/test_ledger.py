"""The ledger: rows once, in order, durable after flush; foreign and broken databases named in one line."""

from __future__ import annotations

import asyncio
import sqlite3
import subprocess
import sys
import textwrap
import time

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import StatementError

from wunderkammer.core.calls import Call
from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.memory import slots
from wunderkammer.memory.ledger import Ledger, address_of, joined, opened
from wunderkammer.memory.tables import calls, findings, inbox


def call(number: int, **more) -> Call:
    fields = {"id": f"call{number}", "run": "r", "slot": number, "role": "target", "server": "s", "model": "m"}
    return Call(**{**fields, "request": f"q{number}", "texts": ("yes",), "at": 1.0, **more})


async def test_a_row_put_twice_is_there_once(tmp_path):
    async with joined(address_of(tmp_path)) as ledger:
        ledger.record(call(1))
        await ledger.flush()
        ledger.record(call(1, texts=("no",)))
        await ledger.flush()
        assert [row.texts for row in ledger.rows(select(calls))] == [["yes"]]


async def test_rows_become_durable_by_themselves(tmp_path):
    async with joined(address_of(tmp_path)) as ledger:
        ledger.record(call(1))
        for _ in range(3000):
            await asyncio.sleep(0.02)
            if ledger.rows(select(func.count()).select_from(calls))[0][0]:
                return
    pytest.fail("nothing was written within a minute")


async def test_answers_of_unfinished_slots_are_recalled_and_those_behind_forgotten(tmp_path):
    async with joined(address_of(tmp_path)) as ledger:
        for number in range(4):
            ledger.record(call(number))
        ledger.record(call(9, status="error", texts=()))
        await ledger.flush()
        assert ledger.remember_calls("r", from_slot=2) == 2
        assert ledger.recall("call1") is None
        assert ledger.recall("call9") is None
        assert ledger.recall("call3") == call(3)
        ledger.forget_calls(before_slot=3)
        assert ledger.recall("call2") is None


async def test_an_equal_request_is_found_again_unless_it_failed(tmp_path):
    async with joined(address_of(tmp_path)) as ledger:
        ledger.record(call(1))
        ledger.record(call(2, status="error", texts=()))
        await ledger.flush()
        assert await ledger.cached("q1") == call(1)
        assert await ledger.cached("q2") is None


def test_what_was_flushed_survives_a_kill(tmp_path):
    child = subprocess.run(
        [
            sys.executable,
            "-c",
            textwrap.dedent("""
                import os, sys
                from wunderkammer.memory.ledger import Ledger
                from wunderkammer.memory.tables import inbox
                ledger = Ledger(sys.argv[1])
                ledger.put(inbox, {"run": "r", "text": "kept", "at": 1.0})
                ledger.flush_now()
                ledger.put(inbox, {"run": "r", "text": "never promised", "at": 1.0})
                os.kill(os.getpid(), 9)
            """),
            address_of(tmp_path),
        ],
        check=False,
    )
    assert child.returncode == -9
    with opened(address_of(tmp_path)) as ledger:
        assert [row.text for row in ledger.rows(select(inbox))] == ["kept"]


def test_a_database_of_something_else_is_left_alone(tmp_path):
    with sqlite3.connect(tmp_path / "ledger.db") as link:
        link.execute("create table customers (id int)")
    link.close()
    with pytest.raises(LedgerError, match="something else.*customers"):
        Ledger(address_of(tmp_path))


def test_a_file_that_is_no_database_is_named(tmp_path):
    (tmp_path / "ledger.db").write_text("not a database at all, " * 100)
    with pytest.raises(LedgerError, match="damaged or no database"):
        Ledger(address_of(tmp_path))


def test_a_ledger_from_the_future_is_refused(tmp_path):
    with opened(address_of(tmp_path)):
        pass
    with sqlite3.connect(tmp_path / "ledger.db") as link:
        link.execute("update meta set value = '99'")
    link.close()
    with pytest.raises(LedgerError, match="newer Wunderkammer"):
        Ledger(address_of(tmp_path))


def test_a_lock_that_lasts_is_named_and_nothing_hangs(tmp_path):
    with opened(address_of(tmp_path)):
        pass
    other = sqlite3.connect(tmp_path / "ledger.db", isolation_level=None)
    other.execute("begin exclusive")
    try:
        began = time.monotonic()
        ledger = Ledger(address_of(tmp_path), patience_s=0.2)
        ledger.record(call(1))
        with pytest.raises(LedgerError, match="locked by another program"):
            ledger.flush_now()
        assert time.monotonic() - began < 60
        ledger.engine.dispose()
    finally:
        other.close()


async def test_a_full_disk_is_named_and_raised_where_it_can_be_acted_on(tmp_path):
    ledger = await asyncio.to_thread(Ledger, address_of(tmp_path))
    with ledger.engine.begin() as link:
        pages = link.exec_driver_sql("PRAGMA page_count").scalar()
    ledger.engine.dispose()

    from sqlalchemy import event

    @event.listens_for(ledger.engine, "connect")
    def _no_room(link, _record):
        link.execute(f"PRAGMA max_page_count = {pages + 2}")

    for number in range(400):
        ledger.put(findings, {"id": str(number), "run": "r", "body": {"text": "x" * 2000}, "at": 1.0})
    with pytest.raises(LedgerError, match="disk is full.*wunder resume"):
        await ledger.flush()
    with pytest.raises(LedgerError, match="disk is full"):
        ledger.put(findings, {"id": "late", "run": "r", "body": {}, "at": 1.0})
    with pytest.raises(LedgerError, match="disk is full"):
        await ledger.close()


@pytest.mark.parametrize("address", ["nonsense", "oracle-of-delphi://x/y"])
def test_an_unreadable_address_says_what_to_write(address):
    with pytest.raises(ConfigError, match="sqlite:///FILE or postgresql"):
        Ledger(address)


def test_a_password_is_not_shown():
    with pytest.raises((ConfigError, LedgerError)) as fault:
        Ledger("postgresql+nodriver://me:s3cret@127.0.0.1:1/db")
    assert "s3cret" not in str(fault.value)


async def test_words_that_no_database_takes_are_made_such_that_it_does(tmp_path):
    async with joined(address_of(tmp_path)) as ledger:
        ledger.record(call(1, status="error", error="nul \0, half a pair \ud800", texts=("\0\ud800",)))
        await ledger.flush()
        (row,) = ledger.rows(select(calls))
        assert row.error == "nul \ufffd, half a pair ?"
        assert row.texts == ["\0\ud800"]


async def _put_until_it_raises(ledger: Ledger) -> None:
    for later in range(3000):
        await asyncio.sleep(0.02)
        ledger.put(findings, {"id": f"g{later}", "run": "r", "body": {}, "at": 1.0})


async def test_a_row_that_cannot_be_written_is_no_secret(tmp_path):
    ledger = await asyncio.to_thread(Ledger, address_of(tmp_path))
    ledger.put(findings, {"id": "f", "run": "r", "body": {"no JSON": object()}, "at": 1.0})
    with pytest.raises(StatementError, match="not JSON serializable"):
        await _put_until_it_raises(ledger)
    with pytest.raises(StatementError):
        await ledger.close()


def test_whether_a_candidate_was_tried_is_found_by_index_and_not_by_walking_the_run(tmp_path):
    with opened(address_of(tmp_path)) as ledger:
        asked = slots._TRIED.params(of="r", before=9, what="c").compile(
            ledger.engine, compile_kwargs={"literal_binds": True}
        )
        (plan,) = ledger.rows(text(f"EXPLAIN QUERY PLAN {asked}"))
    assert "outcomes_by_candidate (run=? AND candidate=? AND slot<?)" in plan.detail
