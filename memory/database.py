"""The database under the ledger: SQLite or PostgreSQL, opened, prepared, and its faults put into one line."""

from __future__ import annotations

import sqlite3
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, Table, create_engine, event, inspect, make_url, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.exc import ArgumentError, NoSuchModuleError, SQLAlchemyError

from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.memory import tables

MAKING = 0x77756E646572
"""Number of the PostgreSQL lock under which tables are made."""
_SHORT_WAITS = (0.01,) * 200


def connect(address: str, patience_s: float) -> Engine:
    """An engine for a SQLAlchemy address; nothing is opened yet.

    patience_s: how long to wait for an SQLite file that another program keeps locked, unless the address says it
    (`sqlite:///FILE?timeout=5`).
    """
    try:
        url = make_url(address)
        file = url.get_backend_name() == "sqlite"
        if file and url.database:
            Path(url.database).parent.mkdir(parents=True, exist_ok=True)
        engine = create_engine(url, connect_args={"timeout": patience_s} if file and "timeout" not in url.query else {})
    except (ArgumentError, NoSuchModuleError, ImportError) as fault:
        raise ConfigError(
            f"database {shown(address)}: {fault}; write sqlite:///FILE or postgresql+psycopg://USER:PASSWORD@HOST/NAME"
        ) from None
    except OSError as fault:
        raise LedgerError(f"{shown(address)}: {fault.strerror or fault}") from None
    if file:
        event.listen(engine, "connect", _tune_sqlite)
    return engine


def prepare(link: Connection, place: str) -> None:
    """Create the tables that are missing; a `LedgerError` where they are not ours."""
    names = set(inspect(link).get_table_names())
    if names and "meta" not in names and link.dialect.name == "sqlite":
        raise LedgerError(f"{place} is a database of something else (it has {min(names)}); choose another `home`")
    version = None
    if "meta" in names:
        version = link.execute(select(tables.meta.c.value).where(tables.meta.c.key == "schema")).scalar()
        if version is not None and int(version) > tables.SCHEMA:
            raise LedgerError(f"{place} was written by a newer Wunderkammer (schema {version}); upgrade this one")
    if version is None or not names.issuperset(tables.metadata.tables):
        # By one process at a time, and wholly or not at all: sqlite3 would commit every table by itself.
        alone = "BEGIN IMMEDIATE" if link.dialect.name == "sqlite" else f"SELECT pg_advisory_xact_lock({MAKING})"
        link.exec_driver_sql(alone)
        tables.metadata.create_all(link)
        link.execute(insert_new(link.engine, tables.meta), [{"key": "schema", "value": str(tables.SCHEMA)}])


def insert_new(engine: Engine, table: Table) -> Any:
    """INSERT … ON CONFLICT DO NOTHING, in the dialect of the engine."""
    make = postgresql.insert if engine.dialect.name == "postgresql" else sqlite.insert
    return make(table).on_conflict_do_nothing()


def shown(address: str) -> str:
    """An address without its password."""
    try:
        return make_url(address).render_as_string(hide_password=True)
    except SQLAlchemyError:
        return "(unreadable address)"


def in_one_line(fault: str, place: str) -> str:
    """What a database said, in one line that says what to do."""
    low = fault.lower()
    if "locked" in low:
        return f"{place} stays locked by another program; close it, or choose another `home`"
    if "full" in low or "no space left" in low:
        return f"{place}: the disk is full; make room, then `wunder resume`: nothing that was finished is lost"
    if "not a database" in low or "malformed" in low:
        return f"{place} is damaged or no database; move it away, or choose another `home`"
    if "readonly" in low or "read-only" in low or "unable to open" in low:
        return f"{place} cannot be opened for writing; check the folder's rights, or choose another `home`"
    return f"{place}: {' '.join(fault.split())[:200]}"


def _tune_sqlite(link: sqlite3.Connection, _: object) -> None:
    names = {name for (name,) in link.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
    if not names or tables.meta.name in names:  # a stranger's file, which `prepare` refuses, is not to be changed
        _write_ahead(link)
    link.execute("PRAGMA synchronous=NORMAL")


def _write_ahead(link: sqlite3.Connection) -> None:
    """WAL: readers and the one writer do not wait for each other. With synchronous=NORMAL a killed process loses
    nothing that was committed; only a power cut could lose the last commits, and they would be run again."""
    for wait in (*_SHORT_WAITS, None):
        try:
            link.execute("PRAGMA journal_mode=WAL")
            return
        except sqlite3.OperationalError:  # another process makes this file just now; SQLite does not wait for that
            if wait is None:
                raise
            time.sleep(wait)
