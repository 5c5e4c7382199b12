"""The vector memory: durable, once per id, rebuilt on demand, and clear about a store that cannot be used."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import chromadb
import numpy as np
import pytest
from chromadb.config import Settings as ChromaSettings

from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.core.settings import Settings
from wunderkammer.memory.embedders import Hashed
from wunderkammer.memory.vectors import Row, Vectors

EMBEDDER = Hashed(32)
TEXTS = {
    "bread": ("How is bread baked?", "food"),
    "cake": ("How is a cake baked?", "food"),
    "star": ("How far away is Sirius?", "sky"),
}


@pytest.fixture
async def vectors(tmp_path: Path) -> AsyncIterator[Vectors]:
    opened = await Vectors.open(Settings(home=tmp_path), EMBEDDER)
    yield opened
    await opened.close()


async def fill(vectors: Vectors) -> None:
    texts, domains = zip(*TEXTS.values(), strict=True)
    await vectors.remember(list(TEXTS), texts, [{"domain": d} for d in domains])


async def test_what_is_remembered_outlives_the_process(tmp_path: Path) -> None:
    first = await Vectors.open(Settings(home=tmp_path), EMBEDDER)
    await fill(first)
    await first.close()
    second = await Vectors.open(Settings(home=tmp_path), EMBEDDER)
    _, ids = second.nearest(EMBEDDER.embed(["How is bread baked?"]), 3, "food")
    assert ids == [["bread", "cake"]]
    assert await second.check() == 3
    await second.close()


async def test_adding_twice_is_adding_once(vectors: Vectors) -> None:
    rows = EMBEDDER.embed(["a", "b"])
    assert await vectors.add(["x", "x"], rows, [{}, {}]) == 1
    assert await vectors.add(["x", "y"], rows, [{}, {}]) == 1
    assert await vectors.count() == 2
    distances, _ = vectors.nearest(rows[:1], 1)
    assert distances[0, 0] == pytest.approx(0, abs=1e-6)


async def test_search_by_text_and_by_domain(vectors: Vectors) -> None:
    await fill(vectors)
    hits = await vectors.search("how is cake baked", k=2)
    assert [h.id for h in hits] == ["cake", "bread"]
    assert hits[0].metadata == {"domain": "food"}
    assert hits[0].distance < hits[1].distance
    assert [h.id for h in await vectors.search("how is cake baked", k=5, domain="sky")] == ["star"]


async def test_novelty_falls_as_the_like_is_remembered(vectors: Vectors) -> None:
    asked = EMBEDDER.embed(["How is rye bread baked?"])
    assert np.isnan(vectors.novelty(asked)).all()
    await fill(vectors)
    assert vectors.novelty(asked, k=1, domain="food")[0] < vectors.novelty(asked, k=1, domain="sky")[0]


async def test_missing_and_rebuild(vectors: Vectors) -> None:
    await fill(vectors)
    assert vectors.missing(["bread", "lost"]) == ["lost"]

    async def ledger() -> AsyncIterator[Row]:
        yield "lost", "Where did it go?", {"domain": "sky"}
        yield "star", "How far away is Sirius?", {"domain": "sky"}

    assert await vectors.rebuild(ledger()) == 2
    assert vectors.missing(["bread", "lost", "star"]) == ["bread"]
    assert await vectors.check() == 2
    assert await vectors.rebuild([("one", "text", {})]) == 1


async def test_embedders_do_not_share_a_collection(tmp_path: Path) -> None:
    small = await Vectors.open(Settings(home=tmp_path), Hashed(16))
    await small.remember(["x"], ["text"], [{}])
    large = await Vectors.open(Settings(home=tmp_path), Hashed(32))
    assert await large.count() == 0
    await large.close()
    await small.close()


async def test_wrong_shape_is_a_bug(vectors: Vectors) -> None:
    with pytest.raises(ValueError, match="one row of 32 each"):
        await vectors.add(["x"], np.zeros((1, 5), np.float32), [{}])


async def test_check_notices_a_store_that_lost_rows(vectors: Vectors) -> None:
    await fill(vectors)
    await vectors.settle()
    vectors._client.get_collection("wunder-hashed-3to5-32-32", embedding_function=None).delete(ids=["star"])
    with pytest.raises(LedgerError, match="holds 2 vectors of the 3"):
        await vectors.check()


async def test_a_corrupt_store_is_named(tmp_path: Path) -> None:
    (tmp_path / "vectors").mkdir()
    (tmp_path / "vectors" / "chroma.sqlite3").write_bytes(b"no database " * 500)
    with pytest.raises(LedgerError, match="move them away and rebuild"):
        await Vectors.open(Settings(home=tmp_path), EMBEDDER)


async def test_a_file_in_the_place_of_the_folder_is_named(tmp_path: Path) -> None:
    (tmp_path / "vectors").write_text("not a folder")
    with pytest.raises(LedgerError, match="vectors"):
        await Vectors.open(Settings(home=tmp_path), EMBEDDER)


async def test_a_foreign_collection_is_named(tmp_path: Path) -> None:
    client = chromadb.PersistentClient(
        tmp_path / "vectors", settings=ChromaSettings(_env_file=None, anonymized_telemetry=False)
    )
    client.create_collection("wunder-hashed-3to5-32-32", metadata={"made_by": "somebody"}, embedding_function=None)
    client.close()
    with pytest.raises(LedgerError, match="another program"):
        await Vectors.open(Settings(home=tmp_path), EMBEDDER)


async def test_no_server_is_a_setting_to_mend(tmp_path: Path) -> None:
    with pytest.raises(ConfigError, match="no Chroma server answers at http"):
        await Vectors.open(Settings(home=tmp_path, chroma_url="http://127.0.0.1:9"), EMBEDDER)
    with pytest.raises(ConfigError, match="no address"):
        await Vectors.open(Settings(home=tmp_path, chroma_url="somewhere"), EMBEDDER)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[tuple[str, subprocess.Popen[bytes]]]:
    """A real Chroma server on a free port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).parent / "chroma"
    command = [str(program), "run", "--host", "127.0.0.1", "--port", str(port), "--path", str(tmp_path / "served")]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        _wait(port)
        yield f"http://127.0.0.1:{port}", process
        process.kill()


def _wait(port: int) -> None:
    for _ in range(1200):
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    pytest.fail("the Chroma server did not start")


async def test_a_served_store_and_its_loss(server: tuple[str, subprocess.Popen[bytes]], tmp_path: Path) -> None:
    url, process = server
    vectors = await Vectors.open(Settings(home=tmp_path, chroma_url=url), EMBEDDER)
    await fill(vectors)
    assert [h.id for h in await vectors.search("how is cake baked", k=1)] == ["cake"]
    assert await vectors.check() == 3
    process.kill()
    process.wait()
    with pytest.raises(LedgerError, match="broke off"):
        await vectors.count()
    await vectors.close()
