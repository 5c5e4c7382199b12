"""Ledger and checkpoints in PostgreSQL: the same results, the same survival. Runs where `--postgres` names a server."""

from __future__ import annotations

import asyncio
import random
import uuid
from collections.abc import Iterator
from signal import SIGKILL, SIGTERM
from urllib.parse import urlsplit

import pytest
from sqlalchemy import create_engine, func, make_url, select

from stage.lives import Voyage
from stage.story import story, sums
from wunderkammer.apps.checkpoints import checkpoints
from wunderkammer.core.calls import Call
from wunderkammer.core.contract import Candidate, Outcome, Verdict
from wunderkammer.core.errors import ConfigError, LedgerError
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Aim, Finding
from wunderkammer.core.settings import load
from wunderkammer.domains.rainbow.teaming import Probe
from wunderkammer.memory import findings, inbox, runs, slots
from wunderkammer.memory.ledger import Ledger, joined
from wunderkammer.memory.runs import Run
from wunderkammer.memory.tables import calls

WORST = "nul \0, lone \ud800, ünïcødé 🧿, 'quote\" %s {0} \\u0000 \\ end"


@pytest.fixture
def address(request: pytest.FixtureRequest) -> Iterator[str]:
    """An empty database, for one test."""
    server = request.config.getoption("--postgres")
    if server is None:
        pytest.skip("--postgres names no server")
    name = f"wunder_{uuid.uuid4().hex[:12]}"
    engine = create_engine(server, isolation_level="AUTOCOMMIT")
    with engine.connect() as link:
        link.exec_driver_sql(f"CREATE DATABASE {name} TEMPLATE template0 ENCODING 'UTF8'")
    yield make_url(server).set(database=name).render_as_string(hide_password=False)
    with engine.connect() as link:
        link.exec_driver_sql(f"DROP DATABASE {name} WITH (FORCE)")
    engine.dispose()


@pytest.fixture
def run() -> Run:
    plan = SearchPlan(domain="rainbow-safety", options={"system_prompt": "be ünïcødé"})
    return Run("abc_%x", plan.domain, plan, {"target": {"server": "s", "model": "m"}}, None, 0, 1.5)


async def test_every_table_takes_and_gives_back_what_is_put(address, run):
    aim = Aim(slot=3, step=0, origin="vary", parents=("p",), cell=("a", "b"), odds={"x": (1, 2)}, hint="ünï")
    probe: Candidate[Probe] = Candidate(domain="rainbow-safety", genome=Probe(text="wörds"), aim=("a", "b"))
    outcome = Outcome(score=None, cell=("a", "b"), measures={"fitness": 0.25}, notes={"response": WORST})
    call = Call(
        id="c", run=run.id, slot=3, role="target", server="s", model="m", request="q", texts=(WORST,), error=WORST
    )
    async with joined(address) as ledger:
        for _ in range(2):  # twice: the second changes nothing
            runs.begin(ledger, run)
            slots.keep_aims(ledger, run.id, [aim])
            slots.keep_candidate(ledger, probe, WORST)
            slots.keep_outcome(
                ledger, run.id, aim, fate="evaluated", candidate=probe.id, outcome=outcome, arm=None, error=WORST
            )
            slots.keep_duel(ledger, run.id, 3, 1, Verdict(votes=("tie", "void"), reasons=(WORST,)))
            findings.keep_finding(ledger, Finding(run=run.id, claim="c", comment=WORST))
            ledger.record(call)
            await ledger.flush()
        inbox.post(ledger, run.id, WORST)
        await ledger.flush()
        assert runs.find_run(ledger, "abc_") == run
        with pytest.raises(ConfigError):
            runs.find_run(ledger, "abcx")  # the underscore is no wildcard
        assert slots.aims_of(ledger, run.id, 0, 10) == [aim]
        kept = slots.kept_slots(ledger, run, Probe, 0, 10)[3]
        assert kept.outcome is not None
        assert kept.outcome.notes["response"].endswith(" end")
        assert kept.verdict is not None
        assert kept.verdict.votes == ("tie", "void")
        assert slots.tried(ledger, run, probe.id, 10)
        assert len(findings.findings_of(ledger, run.id)) == 1
        assert [heard for _, _, heard in inbox.messages(ledger, run.id)] == [False]
        assert ledger.remember_calls(run.id, 0) == 1
        assert (await ledger.cached("q")) is not None
        assert ledger.rows(select(func.count()).select_from(calls))[0][0] == 1
        assert len(list(ledger.stream(select(calls)))) == 1


async def test_tables_are_made_once_by_however_many(address, tmp_path):
    ledgers = await asyncio.gather(*(asyncio.to_thread(Ledger, address) for _ in range(8)))
    for ledger in ledgers:
        await ledger.close()

    async def opened() -> None:
        async with checkpoints(load(home=tmp_path, database=address)):
            pass

    await asyncio.gather(*(opened() for _ in range(8)))


async def test_no_server_is_one_line_without_the_password(address):
    silent = make_url(address).set(port=9, password="hunter2").render_as_string(hide_password=False)
    with pytest.raises(LedgerError) as said:
        Ledger(silent)
    assert "hunter2" not in str(said.value)
    assert "\n" not in str(said.value)
    absent = make_url(address).set(database="absent").render_as_string(hide_password=False)
    with pytest.raises(LedgerError, match="absent"):
        Ledger(absent)


async def test_kills_change_nothing(lives, stage, plan, calm, tmp_path, address):
    rng = random.Random(3)
    async with stage(latency=0.02) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url, settings={"database": address})
        for moment in sorted(rng.sample(range(1, 250), 5)):
            life = await lives.begin(voyage)
            assert await life.until(lambda at=moment: server.load.total >= at)
            life.signal(SIGKILL)
            await life.death()
        death = await lives.whole(voyage)
    assert (death.code, death.status, death.said) == (0, "finished", "")
    assert calm.differences(story(voyage.home, address=address)) == {}
    assert not (voyage.home / "ledger.db").exists()
    assert not (voyage.home / "checkpoints.db").exists()


async def test_two_runs_at_a_time(lives, stage, plan, calm, tmp_path, address):
    other = plan.model_copy(update={"seed": 99})
    async with stage() as server:
        alone = Voyage(tmp_path / "alone", other, server.url, run="b")
        assert (await lives.whole(alone)).status == "finished"
        shared = {"database": address}
        first = Voyage(tmp_path / "h", plan, server.url, settings=shared)
        second = Voyage(tmp_path / "i", other, server.url, run="b", settings=shared)
        both = [await lives.begin(voyage) for voyage in (first, second)]
        deaths = [await life.death() for life in both]
    assert [(death.code, death.status, death.said) for death in deaths] == [(0, "finished", "")] * 2
    assert calm.differences(story(first.home, address=address)) == {}
    assert story(alone.home, "b").differences(story(second.home, "b", address=address)) == {}


async def test_a_run_has_one_process_wherever_its_home_is(lives, stage, plan, calm, tmp_path, address):
    async with stage(latency=0.05) as server:
        shared = {"database": address}
        voyage = Voyage(tmp_path / "h", plan, server.url, settings=shared)
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 50)
        second = await lives.whole(Voyage(tmp_path / "i", plan, server.url, settings=shared))
        assert (second.code, second.ended) == (2, None)
        assert "another machine" in second.said
        assert second.said.count("\n") == 1
        assert (await life.death()).status == "finished"
    assert calm.differences(story(voyage.home, address=address)) == {}


async def test_a_database_that_hangs_up_ends_the_run_in_one_line(lives, stage, plan, calm, tmp_path, address):
    engine = create_engine(address, isolation_level="AUTOCOMMIT")
    async with stage(latency=0.02) as server:
        port = urlsplit(server.url).port
        voyage = Voyage(tmp_path / "h", plan, server.url, settings={"database": address})
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 100)
        with engine.connect() as link:
            link.exec_driver_sql(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
        death = await life.death()
        assert (death.code, death.status) == (2, "failed")
        assert "\n" not in death.ended.reason
    async with stage(port=port):
        assert (await lives.whole(voyage)).status == "finished"
    engine.dispose()
    assert calm.differences(story(voyage.home, address=address)) == {}


async def test_asked_to_rest_it_rests(lives, stage, plan, calm, tmp_path, address):
    async with stage(latency=0.02) as server:
        voyage = Voyage(tmp_path / "h", plan, server.url, settings={"database": address})
        life = await lives.begin(voyage)
        assert await life.until(lambda: server.load.total > 100)
        life.signal(SIGTERM)
        assert (await life.death()).status == "paused"
        known = sums(voyage.home, address=address)
        assert known.slots == known.distinct_slots
        assert (await lives.whole(voyage)).status == "finished"
    assert calm.differences(story(voyage.home, address=address)) == {}
