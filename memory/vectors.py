"""The vector memory: every candidate's place in meaning, durable in Chroma, exact in memory.

Chroma keeps the vectors and answers searches (approximately); novelty asks the copy in memory (exactly). Both follow
from the ledger and can be rebuilt from it. The vectors are always ours: Chroma's own embedding function would download
a model. A vector is in memory at once and in Chroma soon after, in pages: entering one into its index takes one to two
milliseconds, and a run must not wait for that.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import AsyncIterable, AsyncIterator, Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass, field
from functools import partial
from typing import TypeAlias, TypeVar, cast
from urllib.parse import urlsplit

import chromadb
import httpx
import numpy as np
from chromadb.api.client import Client
from chromadb.api.models.Collection import Collection
from chromadb.config import Settings as ChromaSettings
from chromadb.errors import ChromaError
from chromadb.types import Metadata as Stored
from chromadb.types import Where
from filelock import FileLock
from numpy.typing import NDArray

from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.core.settings import Settings
from wunderkammer.memory.embedders import Embedder
from wunderkammer.memory.neighbours import Neighbours
from wunderkammer.memory.novelty import Figures, K, Novelty, disagreeing, measure

Floats = NDArray[np.float32]
Metadata: TypeAlias = Mapping[str, str | int | float | bool]
"""What is stored beside a vector; `domain` groups neighbours."""
Row: TypeAlias = tuple[str, str, Metadata]
"""Id, text and metadata: what a rebuild reads from the ledger."""
T = TypeVar("T")

_PAGE = 2_000
_BITE = 500
"""Rows that are read at once. Chroma makes them objects of Python in one go, and nothing else of the process, an event
loop say, gets on meanwhile: a tenth of a second for 1,000."""
_BEHIND = 4_096
"""Vectors that may be in memory and not yet in Chroma; beyond it `add` waits. A killed process loses these, and the
ledger has their texts."""


@dataclass(frozen=True)
class Found:
    """A hit of a search."""

    id: str
    distance: float
    """Cosine distance, 0 to 2."""
    metadata: dict[str, str | int | float | bool] = field(default_factory=dict)


class Vectors:
    """Unit vectors by candidate id. Open it with `Vectors.open`, close it with `close`.

    Another process's additions to the same store are searched at once, and are neighbours after the next opening.
    """

    def __init__(
        self,
        client: Client,
        collection: Collection,
        embedder: Embedder,
        where: str,
        alone: AbstractContextManager[object],
    ) -> None:
        self._client = client
        self._alone = alone
        self._collection = collection
        self._lock = asyncio.Lock()
        self._near = Neighbours(embedder.dimension)
        self._behind: list[tuple[str, Floats, Stored]] = []
        self._writing: asyncio.Task[None] | None = None
        self.embedder = embedder
        self.where = where
        """Address or folder, for people."""

    @classmethod
    async def open(cls, settings: Settings, embedder: Embedder, *, held: bool = True) -> Vectors:
        """The store of `settings.chroma_url`, else of HOME/vectors; each embedder has a collection of its own.

        held: take what is stored into memory now, a second or two per 10,000; else call `hold` before anything else.

        Raises `ConfigError` where no Chroma server answers and `LedgerError` where the store cannot be used.
        """
        where = settings.chroma_url or str(settings.home / "vectors")
        alone = _lock(settings)
        client, collection = await asyncio.to_thread(_opened, settings, embedder, where, alone)
        try:
            vectors = cls(client, collection, embedder, where, alone)
            if held:
                await vectors.hold()
        except BaseException:
            _close(client)
            raise
        return vectors

    async def hold(self) -> None:
        """Take what is stored into memory."""
        async with self._lock:
            await self._blocking(self._load)

    async def add(self, ids: Sequence[str], vectors: Floats, metadatas: Sequence[Metadata]) -> int:
        """Keep unit vectors, shape (len(ids), dimension), and say how many were new: adding twice is adding once."""
        if vectors.shape != (len(ids), self.embedder.dimension):
            raise ValueError(
                f"{len(ids)} ids and vectors of shape {vectors.shape}: one row of {self.embedder.dimension} each"
            )
        rows = {name: i for i, name in reversed(list(enumerate(ids))) if name not in self._near}
        fresh = sorted(rows.values())
        if self._writing is not None and self._writing.done():
            await self.settle()  # raises what kept it from writing
        self._near.add(ids, vectors, [str(m.get("domain", "")) for m in metadatas])
        self._behind += [(ids[i], vectors[i], {"domain": "", **metadatas[i]}) for i in fresh]
        if self._behind and self._writing is None:
            self._writing = asyncio.create_task(self._write_behind(), name="vectors")
        if len(self._behind) > _BEHIND:
            await self.settle()
        return len(fresh)

    async def settle(self) -> None:
        """Return when Chroma has everything that was added; `LedgerError` says why it cannot have it."""
        while (writing := self._writing) is not None:
            try:
                await asyncio.shield(writing)
            finally:
                if writing.done():
                    self._writing = None

    async def _write_behind(self) -> None:
        while self._behind:
            page, self._behind = self._behind[:_PAGE], self._behind[_PAGE:]
            names, beside = [name for name, _, _ in page], [metadata for *_, metadata in page]
            rows = np.stack([row for _, row, _ in page])
            async with self._lock:
                await self._blocking(partial(self._store, names, rows, beside))

    async def remember(self, ids: Sequence[str], texts: Sequence[str], metadatas: Sequence[Metadata]) -> Floats:
        """Embed texts, keep them, and return their vectors in the order of the texts."""
        vectors = await asyncio.to_thread(self.embedder.embed, texts)
        await self.add(ids, vectors, metadatas)
        return vectors

    def nearest(self, vectors: Floats, k: int, domain: str | None = None) -> tuple[Floats, list[list[str]]]:
        """Exact cosine distances (n, m), nearest first, and ids; m is k, or fewer where fewer are held.

        Computed here and now: 2 ms for 32 vectors among 10,000; for many more call it by `asyncio.to_thread`.
        """
        return self._near.nearest(vectors, k, domain)

    def novelty(self, vectors: Floats, k: int = K, domain: str | None = None) -> NDArray[np.float64]:
        """Mean cosine distance to the k nearest held vectors, shape (n,); nan while none is held. Ask before adding."""
        distances, _ = self.nearest(vectors, k, domain)
        if not distances.shape[1]:
            return np.full(len(vectors), np.nan)
        return np.asarray(distances.mean(axis=1, dtype=np.float64))

    async def search(self, query: str | Floats, k: int = 10, domain: str | None = None) -> list[Found]:
        """The stored candidates nearest to a text or to one vector, by Chroma's approximate index."""
        if isinstance(query, str):
            query = (await asyncio.to_thread(self.embedder.embed, [query]))[0]
        await self.settle()
        vector = np.asarray(query, np.float32).reshape(1, -1)
        where: Where | None = None if domain is None else {"domain": domain}
        reply = await self._blocking(
            lambda: self._collection.query(
                query_embeddings=vector, n_results=k, where=where, include=["metadatas", "distances"]
            )
        )
        distances, beside = (reply["distances"] or [[]])[0], (reply["metadatas"] or [[]])[0]
        hits = zip(reply["ids"][0], distances, beside, strict=True)
        return [Found(name, max(0.0, float(d)), _plain(m)) for name, d, m in hits]

    async def count(self) -> int:
        """How many vectors Chroma holds of this embedder."""
        await self.settle()
        return await self._blocking(self._collection.count)

    def measure(self, ids: Sequence[str], vectors: Floats, domains: Sequence[str], k: int = K) -> list[Figures]:
        """Novelty of vectors that are about to be added, in their domains and across all; see `memory.novelty`."""
        return measure(self._near, ids, vectors, domains, k)

    def disagreeing(self, found: Sequence[Novelty]) -> list[Novelty]:
        """Figures that the vectors held contradict."""
        return disagreeing(found, self._near)

    def vector(self, name: str) -> Floats | None:
        """The vector of an id, shape (dimension,); None where it is not held."""
        return self._near.vector(name)

    def some(self, most: int) -> tuple[list[str], Floats, list[str]]:
        """Ids, vectors (n, dimension) and domains of what is held, the oldest first; evenly chosen where it is more."""
        return self._near.some(most)

    def missing(self, ids: Iterable[str]) -> list[str]:
        """Those of the ids that have no vector yet, as after a crash between ledger and memory."""
        return [name for name in ids if name not in self._near]

    async def rebuild(self, rows: Iterable[Row] | AsyncIterable[Row]) -> int:
        """Throw this embedder's vectors away and make them anew from texts, page by page; returns how many."""
        await self.settle()
        async with self._lock:
            name = self._collection.name
            await self._blocking(lambda: self._client.delete_collection(name))
            self._collection = await self._blocking(lambda: _collection(self._client, self.embedder, self.where))
            self._near = Neighbours(self.embedder.dimension)
        async for page in _pages(rows):
            ids, texts, metadatas = zip(*page, strict=True)
            await self.remember(ids, texts, metadatas)
        return len(self._near)

    async def check(self) -> int:
        """The number of stored vectors; `LedgerError` where store and memory disagree or the store is unreadable."""
        stored = await self.count()
        if stored < len(self._near):
            raise LedgerError(
                f"{self.where} holds {stored} vectors of the {len(self._near)} it was given: rebuild them"
            )
        if stored:
            probe = np.eye(1, self.embedder.dimension, dtype=np.float32)[0]
            await self.search(probe, k=1)
        return stored

    async def close(self) -> None:
        """Write what Chroma has not yet, and give files and connections back."""
        try:
            await self.settle()
        finally:
            await asyncio.to_thread(_close, self._client)

    async def _blocking(self, work: Callable[[], T]) -> T:
        with _explained(self.where):
            return await asyncio.to_thread(work)

    def _store(self, ids: list[str], vectors: Floats, metadatas: list[Stored]) -> None:
        for start in range(0, len(ids), _PAGE):
            page = slice(start, start + _PAGE)
            with self._alone:
                self._collection.add(ids=ids[page], embeddings=vectors[page], metadatas=metadatas[page])

    def _load(self) -> None:
        """Hold what Chroma has."""
        for start in range(0, self._collection.count(), _BITE):
            page = self._collection.get(limit=_BITE, offset=start, include=["embeddings", "metadatas"])
            rows, beside = page["embeddings"], page["metadatas"]
            if rows is not None and beside is not None and len(rows):
                groups = [str((m or {}).get("domain", "")) for m in beside]
                self._near.add(page["ids"], np.asarray(rows, np.float32), groups)


def _lock(settings: Settings) -> AbstractContextManager[object]:
    """Two runs may share a folder, and embedded Chroma waits for nobody: one process at a time makes or changes it."""
    if settings.chroma_url is not None:
        return nullcontext()
    settings.home.mkdir(parents=True, exist_ok=True)
    return FileLock(settings.home / "vectors.lock", thread_local=False)


def _opened(
    settings: Settings, embedder: Embedder, where: str, alone: AbstractContextManager[object]
) -> tuple[Client, Collection]:
    with alone:
        client = _connect(settings, where)
        try:
            with _explained(where):
                return client, _collection(client, embedder, where)
        except BaseException:
            _close(client)
            raise


def _connect(settings: Settings, where: str) -> Client:
    # no .env of the working folder may change what we open, and nothing is reported to anyone
    quiet = ChromaSettings(_env_file=None, anonymized_telemetry=False)
    if settings.chroma_url is None:
        with _explained(where):
            folder = settings.home / "vectors"
            folder.mkdir(parents=True, exist_ok=True)
            return cast(Client, chromadb.PersistentClient(folder, settings=quiet))
    address = urlsplit(settings.chroma_url)
    if address.scheme not in ("http", "https") or not address.hostname:
        raise ConfigError(f"chroma_url {where!r} is no address: write http://host:port")
    secure = address.scheme == "https"
    port = address.port or (443 if secure else 80)
    absent = f"no Chroma server answers at {where}: start one (chroma run) or leave chroma_url out of wunder.toml"
    try:  # asked first, for chromadb itself would wait without end for a server that is silent
        httpx.get(f"{address.scheme}://{address.hostname}:{port}/api/v2/heartbeat", timeout=10).raise_for_status()
        client = cast(Client, chromadb.HttpClient(address.hostname, port, ssl=secure, settings=quiet))
    except (ValueError, ChromaError, httpx.HTTPError):  # chromadb says ValueError where it cannot connect
        raise ConfigError(absent) from None
    for session in _sessions(client):
        session.timeout = httpx.Timeout(60)
    return client


def _sessions(client: Client) -> list[httpx.Client]:
    """The HTTP sessions of a served client: chromadb 1.5 gives them no time limit and leaves them open on `close`."""
    owners = (client._server, getattr(client._admin_client, "_server", None))
    return [s for s in (getattr(owner, "_session", None) for owner in owners) if isinstance(s, httpx.Client)]


def _close(client: Client) -> None:
    sessions = _sessions(client)
    client.close()
    for session in sessions:
        session.close()


def _collection(client: Client, embedder: Embedder, where: str) -> Collection:
    """The embedder's collection, made on first use; `LedgerError` where one of that name is not ours."""
    ours = {"made_by": "wunderkammer", "embedder": embedder.name, "dimension": embedder.dimension}
    name = "wunder-" + re.sub(r"[^a-zA-Z0-9]+", "-", embedder.name).strip("-")[:80] + f"-{embedder.dimension}"
    collection = client.get_or_create_collection(
        name, metadata=ours, embedding_function=None, configuration={"hnsw": {"space": "cosine"}}
    )
    if dict(collection.metadata or {}) != ours:
        raise LedgerError(f"{where}: the collection {name} was made by another program or embedder; use another folder")
    return collection


def _plain(stored: Stored) -> dict[str, str | int | float | bool]:
    return {name: value for name, value in stored.items() if isinstance(value, (str, int, float, bool))}


@contextmanager
def _explained(where: str) -> Iterator[None]:
    """Chroma's and the network's faults in one line each."""
    try:
        yield
    except httpx.HTTPError as fault:
        raise LedgerError(f"the Chroma server at {where} broke off ({type(fault).__name__}): is it running?") from fault
    except (ChromaError, OSError) as fault:
        said = " ".join(str(fault).split())[:200]
        raise LedgerError(f"the vectors in {where} cannot be used ({said}): move them away and rebuild them") from fault


async def _pages(rows: Iterable[Row] | AsyncIterable[Row]) -> AsyncIterator[list[Row]]:
    page: list[Row] = []
    async for row in _each(rows):
        page.append(row)
        if len(page) == _PAGE:
            yield page
            page = []
    if page:
        yield page


async def _each(rows: Iterable[Row] | AsyncIterable[Row]) -> AsyncIterator[Row]:
    if isinstance(rows, AsyncIterable):
        async for row in rows:
            yield row
    else:
        for row in rows:
            yield row
