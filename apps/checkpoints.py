"""Where LangGraph keeps its checkpoints: beside the ledger."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, LiteralString

import aiosqlite
from langgraph.checkpoint.base import BaseCheckpointSaver
from langgraph.checkpoint.sqlite.aio import AsyncSqliteSaver

from wunderkammer.apps.installation import ledger_address
from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.core.settings import Settings
from wunderkammer.memory.database import MAKING, in_one_line

if TYPE_CHECKING:
    import psycopg

FILE_NAME = "checkpoints.db"
PATIENCE_S = 30
"""How long another program may keep the file locked."""
_OURS = {"checkpoints", "writes"}


@asynccontextmanager
async def checkpoints(settings: Settings) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    """A store of checkpoints for the length of the block.

    A database's fault inside the block leaves it as a `LedgerError` of one line. A file that is lost or moved away
    costs nothing but time: the ledger has all that was done, and it is not done again.
    """
    address = ledger_address(settings)
    if address.startswith("postgresql"):
        async with _postgres("postgresql" + address[address.index("://") :]) as saver:
            yield saver
    else:
        async with _sqlite(settings.home / FILE_NAME) as saver:
            yield saver


@asynccontextmanager
async def _sqlite(file: Path) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        async with aiosqlite.connect(file, timeout=PATIENCE_S) as link:
            names = {name for (name,) in await link.execute_fetchall("SELECT name FROM sqlite_master")}
            if names and not _OURS & names:
                raise LedgerError(f"{file} is a database of something else (it has {min(names)}); move it away")
            await link.execute("PRAGMA journal_mode=WAL")
            await link.execute("PRAGMA synchronous=NORMAL")  # as for the ledger: a kill loses nothing
            yield AsyncSqliteSaver(link)
    except sqlite3.Error as fault:
        raise LedgerError(in_one_line(str(fault), str(file))) from fault
    except OSError as fault:
        raise LedgerError(f"{file}: {fault.strerror or fault}") from fault


@asynccontextmanager
async def _postgres(address: str) -> AsyncIterator[BaseCheckpointSaver[Any]]:
    try:
        import psycopg
        from langgraph.checkpoint.postgres.aio import AsyncPostgresSaver
    except ModuleNotFoundError:
        raise ConfigError("a PostgreSQL ledger needs: pip install 'wunderkammer[postgres]'") from None
    try:
        rows = psycopg.rows.dict_row
        async with await psycopg.AsyncConnection.connect(address, autocommit=True, row_factory=rows) as link:
            saver = AsyncPostgresSaver(link)
            # One process makes the tables. The others do not wait within PostgreSQL: who waits there holds a snapshot,
            # and the indexes, which are made concurrently, wait for snapshots.
            while not await _got(link, f"SELECT pg_try_advisory_lock({MAKING})"):  # noqa: ASYNC110
                await asyncio.sleep(0.05)
            try:
                await saver.setup()
            finally:
                await link.execute(f"SELECT pg_advisory_unlock({MAKING})")
            yield saver
    except psycopg.Error as fault:
        raise LedgerError(in_one_line(str(fault), "the checkpoints in PostgreSQL")) from fault


async def _got(link: psycopg.AsyncConnection[dict[str, Any]], query: LiteralString) -> bool:
    row = await (await link.execute(query)).fetchone()
    return bool(row and any(row.values()))
