"""`wunder memory`: the vectors made anew from the ledger, compared with it, and searched."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AsyncExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.listing import Listing
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import LedgerError

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.memory.ledger import Ledger
    from wunderkammer.memory.vectors import Found, Row, Vectors

app = typer.Typer(
    name="memory",
    cls=Listing,
    help="The vector memory: rebuild it from the ledger, check it, search it.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def rebuild(config: Config = None, home: Home = None) -> None:
    """Throw the vectors away and make them anew from every candidate in the ledger.

    \b
    wunder memory rebuild
    """
    import asyncio

    from wunderkammer.memory.novelty import measure_afterwards

    settings = settings_of(config, home)

    async def go() -> tuple[int, int]:
        async with AsyncExitStack() as stack:
            ledger, vectors = await _opened(stack, settings)
            made = await vectors.rebuild(_rows(ledger))
            embedder = vectors.embedder
            return made, measure_afterwards(ledger, embedder.name, embedder.dimension, vectors.vector)

    made, measured = asyncio.run(go())
    added = f", novelty of {measured} slots that had none" if measured else ""
    typer.echo(f"{made} vectors made from the ledger{added}")


@app.command()
def check(as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """Compare the vectors with the ledger; exit code 2 where they disagree.

    \b
    wunder memory check
    """
    import asyncio

    settings = settings_of(config, home)

    async def go() -> tuple[int, int, list[str], dict[str, int]]:
        async with AsyncExitStack() as stack:
            ledger, vectors = await _opened(stack, settings)
            known = [name for name, _, _ in _rows(ledger)]
            return len(known), await vectors.check(), vectors.missing(known), _novelty(ledger, vectors)

    candidates, stored, missing, novelty = asyncio.run(go())
    if as_json:
        screen.emit({"candidates": candidates, "vectors": stored, "missing": missing, "novelty": novelty})
    else:
        typer.echo(f"{candidates} candidates in the ledger, {stored} vectors, {len(missing)} without one")
        typer.echo("novelty: {measured} slots measured, {owed} not, {wrong} contradicted".format(**novelty))
    if missing or stored > candidates or novelty["owed"] or novelty["wrong"]:
        raise LedgerError("vectors and ledger disagree; mend it with: wunder memory rebuild")


@app.command()
def search(
    text: Annotated[str, typer.Argument(help="What to look for.")],
    count: Annotated[int, typer.Option("--count", "-n", min=1, max=1000, help="How many.")] = 10,
    domain: Annotated[str | None, typer.Option(help="Of this domain only.")] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """The stored candidates nearest in meaning to a text.

    \b
    wunder memory search "a refund that was never sent" -n 5
    """
    import asyncio

    settings = settings_of(config, home)

    async def go() -> tuple[list[Found], dict[str, str]]:
        async with AsyncExitStack() as stack:
            ledger, vectors = await _opened(stack, settings)
            found = await vectors.search(text, k=count, domain=domain) if await vectors.count() else []
            return found, _texts(ledger, [hit.id for hit in found])

    found, texts = asyncio.run(go())
    if as_json:
        hits = [{"candidate": hit.id, "distance": hit.distance, "text": texts.get(hit.id)} for hit in found]
        screen.emit([{**hit, **one.metadata} for hit, one in zip(hits, found, strict=True)])
        return
    if not found:
        typer.echo("nothing is stored yet; `wunder memory rebuild` fills the memory from the ledger")
        return
    rows = [
        (hit.distance, hit.metadata.get("domain"), hit.id[:8], screen.line(texts.get(hit.id, ""), 100)) for hit in found
    ]
    screen.show(screen.table(("distance", "domain", "candidate", "text"), rows, numbers=("distance",)))


async def _opened(stack: AsyncExitStack, settings: Settings) -> tuple[Ledger, Vectors]:
    """Ledger and vectors; a served embedder is asked through a gateway of its own."""
    from wunderkammer.apps.installation import reading
    from wunderkammer.apps.recall import memory_of

    ledger = stack.enter_context(reading(settings))
    vectors = await stack.enter_async_context(memory_of(settings, ledger))
    return ledger, vectors


def _novelty(ledger: Ledger, vectors: Vectors) -> dict[str, int]:
    """How many slots have their novelty by this embedder, how many lack it, and how many the vectors contradict."""
    from wunderkammer.memory.novelty import evaluated, measured_by

    found = list(measured_by(ledger, vectors.embedder.name))
    owed = sum(not one.measured for one in evaluated(ledger, vectors.embedder.name))
    return {"measured": len(found), "owed": owed, "wrong": len(vectors.disagreeing(found))}


def _rows(ledger: Ledger) -> Iterator[Row]:
    """Id, text and metadata of every candidate that was evaluated, as a run would have stored them."""
    from sqlalchemy import select

    from wunderkammer.memory.tables import candidates, outcomes

    query = (
        select(candidates.c.id, candidates.c.text, candidates.c.domain, outcomes.c.run, outcomes.c.slot)
        .join(outcomes, outcomes.c.candidate == candidates.c.id)
        .where(outcomes.c.fate == "evaluated")
        .order_by(outcomes.c.at, outcomes.c.run, outcomes.c.slot)
    )
    seen: set[str] = set()
    for name, text, domain, run, slot in ledger.stream(query):
        if name not in seen:
            seen.add(name)
            yield name, text, {"domain": domain, "run": run, "slot": slot}


def _texts(ledger: Ledger, names: list[str]) -> dict[str, str]:
    from sqlalchemy import select

    from wunderkammer.memory.tables import candidates

    query = select(candidates.c.id, candidates.c.text).where(candidates.c.id.in_(names))
    return {row.id: row.text for row in ledger.rows(query)}
