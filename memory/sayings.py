"""What was said in conversations, as people read it again: every word, tool and question, in order."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from wunderkammer.core.wording import storable
from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import sayings

OPENS = "user"
"""The kind of what a user says."""
MARK = "mark"


@dataclass(frozen=True)
class Kept:
    """One row: `body` is what was said, by its kind."""

    turn: str
    kind: str
    body: Mapping[str, Any]
    at: float


@dataclass(frozen=True)
class Thread:
    """A conversation in a list: what it began with, and when something was said last."""

    name: str
    opening: str
    turns: int
    at: float


def keep(ledger: Ledger, thread: str, turn: str, kind: str, body: Mapping[str, Any]) -> None:
    """Write down what was said."""
    _put(ledger, thread, turn, kind, None, body)


def mark(ledger: Ledger, thread: str, turn: str, key: str, body: Mapping[str, Any]) -> None:
    """Put a mark behind what was said, which nobody reads, and which is found by its key."""
    _put(ledger, thread, turn, MARK, key, body)


def _put(ledger: Ledger, thread: str, turn: str, kind: str, key: str | None, body: Mapping[str, Any]) -> None:
    clean = json.loads(storable(json.dumps(body, ensure_ascii=False)))
    row = {"thread": thread, "turn": turn, "kind": kind, "key": key, "body": clean, "at": time.time()}
    ledger.put(sayings, row)


def said(ledger: Ledger, thread: str, most: int) -> list[Kept]:
    """The latest of a thread, in order."""
    query = select(sayings).where(sayings.c.thread == thread, sayings.c.kind != MARK)
    query = query.order_by(sayings.c.seq.desc()).limit(most)
    return [Kept(row.turn, row.kind, row.body, row.at) for row in reversed(ledger.rows(query))]


def threads(ledger: Ledger, most: int) -> list[Thread]:
    """Conversations, the one that was last spoken in first."""
    last, first = func.max(sayings.c.at).label("last"), func.min(sayings.c.seq).label("first")
    opened = select(sayings.c.thread, last, first, func.count().label("turns")).where(sayings.c.kind == OPENS)
    newest = opened.group_by(sayings.c.thread).order_by(last.desc()).limit(most).subquery()
    query = (
        select(sayings.c.thread, sayings.c.body, newest.c.turns, newest.c.last)
        .join(newest, newest.c.first == sayings.c.seq)
        .order_by(newest.c.last.desc())
    )
    return [Thread(row.thread, str(row.body.get("words", "")), row.turns, row.last) for row in ledger.rows(query)]


def marked(ledger: Ledger, key: str) -> tuple[str, Mapping[str, Any]] | None:
    """Thread and body of the latest mark with a key."""
    query = select(sayings.c.thread, sayings.c.body).where(sayings.c.key == key).order_by(sayings.c.seq.desc()).limit(1)
    rows = ledger.rows(query)
    return (rows[0].thread, rows[0].body) if rows else None
