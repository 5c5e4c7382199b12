"""The live stream: what runs write into the ledger, passed on to whoever listens."""

from __future__ import annotations

from wunderkammer.memory.ledger import Ledger


class Hub:
    """Tails the ledger's events for all listeners together."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
