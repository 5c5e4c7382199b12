"""Losses in the ledger: found once, and not again, whoever asks and however often it is interrupted."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select

from wunderkammer.memory.ledger import Ledger
from wunderkammer.memory.openendedness.series import Series
from wunderkammer.memory.tables import losses


class Losses:
    """Keyed by the content of all artifacts up to the later one, observer, and length of history."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def known(self, series: Series, observer: str, t: int, later: Sequence[int]) -> dict[int, float]:
        names = {series.ids[i]: i for i in later}
        query = select(losses.c.series, losses.c.nats).where(
            losses.c.observer == observer, losses.c.t == t, losses.c.series.in_(list(names))
        )
        return {names[row.series]: row.nats for row in self._ledger.rows(query)}

    def keep(self, series: Series, observer: str, t: int, found: dict[int, float]) -> None:
        for i, nats in found.items():
            self._ledger.put(losses, {"series": series.ids[i], "observer": observer, "t": t, "at": i, "nats": nats})
        self._ledger.flush_now()
