"""Embeddings by a server."""

from __future__ import annotations

import pytest

from wunderkammer.core.errors import BadReply, ServerFault
from wunderkammer.models.vectors import BATCH


def vectors(server, texts, *, length=3):
    rows = [{"index": place, "embedding": [float(place)] * length} for place in range(len(texts))]
    return server.json({"data": rows[::-1], "usage": {"prompt_tokens": len(texts)}})


async def test_vectors_come_in_the_order_of_their_texts(house, server):
    async def answer(request):
        return await vectors(server, (await request.json())["input"])(request)

    server.always = answer
    texts = [f"text {k}" for k in range(BATCH + 2)]
    found = await house.gateway().embed(texts)
    assert [vector[0] for vector in found] == [*map(float, range(BATCH)), 0.0, 1.0]
    assert [len(body["input"]) for body in server.seen] == [BATCH, 2]
    (call,) = house.calls
    assert (call.role, call.prompt_tokens, call.attempts, call.texts) == ("embedder", BATCH + 2, 2, ())


async def test_a_long_list_of_vectors_is_no_long_reply(house, server):
    server.always = vectors(server, ["a"] * 8, length=2000)
    assert len(await house.gateway(max_reply_bytes=1024).embed(["a"] * 8)) == 8


@pytest.mark.parametrize(
    "rows",
    [
        [],
        [{"index": 0, "embedding": [1.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 0, "embedding": [1.0]}],
        [{"index": 0, "embedding": [1.0]}, {"index": 1, "embedding": [1.0, 2.0]}],
        [{"index": 0, "embedding": []}, {"index": 1, "embedding": []}],
    ],
)
async def test_what_is_missing_or_uneven_is_a_bad_reply(house, server, rows):
    server.always = server.json({"data": rows})
    with pytest.raises(BadReply):
        await house.gateway().embed(["a", "b"])


async def test_numbers_that_are_none_are_a_fault(house, server):
    server.always = server.raw(b'{"data": [{"index": 0, "embedding": [NaN]}]}')
    with pytest.raises(ServerFault, match=r"another form|no JSON"):
        await house.gateway(attempts=1).embed(["a"])


async def test_nothing_to_embed_asks_nobody(house, server):
    assert await house.gateway().embed([]) == []
    assert server.seen == []
