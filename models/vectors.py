"""Texts to vectors by a server's /embeddings."""

from __future__ import annotations

from collections.abc import Sequence

from wunderkammer.core.errors import BadReply
from wunderkammer.models.seats import Seat
from wunderkammer.models.server import Bill, Load, tokens_of
from wunderkammer.models.wire import Vectors

BATCH = 64
"""Texts per request."""


async def embed(seat: Seat, texts: Sequence[str], bill: Bill) -> list[list[float]]:
    """One vector per text, in order, all of one length.

    Raises:
        BadReply: vectors are missing, doubled or of different lengths.
    """
    found: list[list[float]] = []
    for start in range(0, len(texts), BATCH):
        batch = list(texts[start : start + BATCH])
        body: dict[str, object] = {"model": seat.model, "input": batch, "encoding_format": "float"}
        load = Load(sum(map(tokens_of, batch)))
        vectors = (await seat.server.post(Vectors, "/embeddings", body, bill, load)).data or []
        by_place = {vector.index: vector.embedding for vector in vectors}
        if len(vectors) != len(batch) or by_place.keys() != set(range(len(batch))):
            raise BadReply(f"{seat.server.address.url}: {len(vectors)} vectors for {len(batch)} texts")
        found += [by_place[place] for place in range(len(batch))]
    if len({len(vector) for vector in found}) > 1 or (found and not found[0]):
        raise BadReply(f"{seat.server.address.url}: vectors of different lengths, or of none")
    return found
