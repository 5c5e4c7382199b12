"""Messages to a run, and which of them it has heard."""

from __future__ import annotations

import time

from sqlalchemy import select

from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.tables import heard, inbox


def post(ledger: Ledger, run: str, text: str) -> None:
    """Put a message for a run into its inbox."""
    ledger.put(inbox, {"run": run, "text": text, "at": time.time()})


def messages(ledger: Ledger, run: str) -> list[tuple[int, str, bool]]:
    """Every message of a run in order: its number, its words, whether it was heard already."""
    query = (
        select(inbox.c.id, inbox.c.text, heard.c.step)
        .outerjoin(heard, heard.c.message == inbox.c.id)
        .where(inbox.c.run == run)
        .order_by(inbox.c.id)
    )
    return [(row.id, row.text, row.step is not None) for row in ledger.rows(query)]


def heard_at(ledger: Ledger, run: str, step: int) -> list[str]:
    """The messages that were obeyed at a step, in order."""
    query = (
        select(inbox.c.text)
        .join(heard, heard.c.message == inbox.c.id)
        .where(inbox.c.run == run, heard.c.step == step)
        .order_by(inbox.c.id)
    )
    return [row.text for row in ledger.rows(query)]


def hear(ledger: Ledger, run: str, message: int, step: int, effect: str) -> None:
    """Note that a message was obeyed, and when."""
    ledger.put(heard, {"run": run, "message": message, "step": step, "effect": effect})
