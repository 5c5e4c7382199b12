"""`wunder replay`: stored beside new, and nothing but calls written down."""

from __future__ import annotations

import asyncio
import json

import pytest
from sqlalchemy import func, select

from wunderkammer.apps.rehearing import Hearing, gateway_of, new_hearing
from wunderkammer.core.contract import Candidate, Outcome
from wunderkammer.core.errors import ModelError, ServerDown
from wunderkammer.core.settings import load
from wunderkammer.memory import tables
from wunderkammer.memory.ledger import address_of, joined, opened


def counted(home) -> dict[str, int]:
    with opened(address_of(home)) as ledger:
        found = tables.metadata.sorted_tables
        return {table.name: ledger.rows(select(func.count()).select_from(table))[0][0] for table in found}


def strongest(wunder, home) -> dict:
    elites = json.loads(wunder("archive", "show", "--json", "--home", home).out)["elites"]
    return max(elites, key=lambda one: one["fitness"])


def test_a_candidate_comes_to_the_same_with_the_same_target(wunder, home) -> None:
    elite, before = strongest(wunder, home), counted(home)
    typed = wunder("replay", elite["candidate"][:8], "--times", 3, "--json", "--home", home)
    told = json.loads(typed.out)

    assert typed.code == 0, typed.err
    assert told["stored"]["outcome"]["measures"]["fitness"] == elite["fitness"]
    (again,) = told["again"]
    near = pytest.approx(elite["fitness"], abs=0.01)  # log-probabilities are read to a few digits
    assert [t["outcome"]["measures"]["fitness"] for t in again["takes"]] == [near] * 3
    responses = {t["outcome"]["notes"]["response"] for t in again["takes"]} | {elite["response"]}
    assert len(responses) == 4  # each was drawn anew
    assert again["hearing"].startswith("replay-")
    after = counted(home)
    assert {name for name in after if after[name] != before[name]} == {"calls"}
    with opened(address_of(home)) as ledger:
        mine = ledger.rows(select(tables.calls.c.slot).where(tables.calls.c.run == again["hearing"]))
    assert sorted({row.slot for row in mine}) == [0, 1, 2]


def test_several_targets_stand_beside_what_is_stored(wunder, home, planted) -> None:
    elite = strongest(wunder, home)
    targets = ("--target", f"{planted}#planted-target", "--target", f"{planted}#rehearsal")
    out = wunder("replay", elite["candidate"], *targets, "--times", 2, "--home", home).out
    lines = [line for line in out.splitlines() if planted in line]

    assert [line.split()[0] for line in lines[:5]] == ["stored", "1", "2", "1", "2"]
    assert lines[5].startswith(f"mean fitness on {planted}#planted-target: ")
    assert float(lines[5].rpartition(" ")[2]) == pytest.approx(elite["fitness"], abs=0.01)


def test_at_temperature_0_a_target_is_asked_again_all_the_same(wunder, home, tmp_path) -> None:
    (tmp_path / "wunder.toml").write_text("[roles.target]\ntemperature = 0.0\ncache = true\n")
    elite = strongest(wunder, home)
    for _ in range(2):
        assert wunder("replay", elite["candidate"], "--home", home).code == 0
    with opened(address_of(home)) as ledger:
        query = select(tables.calls.c.cached).where(tables.calls.c.run.startswith("replay-"))
        assert {row.cached for row in ledger.rows(query)} == {False}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("zzzz",), "'zzzz' fits no candidate"),
        (("",), "several candidates"),
        (("%",), "'%' fits no candidate"),
    ],
)
def test_a_candidate_that_is_none_is_named_in_one_line(wunder, home, words, said) -> None:
    typed = wunder("replay", *words, "--home", home)

    assert typed.code == 2
    assert said in typed.err


def test_a_target_that_is_down_is_a_fault_and_no_finding(wunder, home, tmp_path) -> None:
    (tmp_path / "wunder.toml").write_text('[servers.d]\nurl = "http://127.0.0.1:9/v1"\nattempts = 1\n')
    typed = wunder("replay", strongest(wunder, home)["candidate"], "--target", "d#m", "--home", home)

    assert typed.code == 2
    assert "nobody answers" in typed.err


class Moody:
    """A domain whose evaluations fail, or take their time, by the number in a text."""

    name = "moody"
    together = 1

    def __init__(self, fails: range = range(0), slow: range = range(0)) -> None:
        self.fails = fails
        self.slow = slow

    async def evaluate(self, candidates, lab):
        number = int(candidates[0].genome.text)
        if number in self.slow:
            await asyncio.sleep(600)
        if number in self.fails:
            await asyncio.sleep(number / 1000)
            raise ServerDown(f"{number} is down")
        return [Outcome(score=1.0, cell=None)]


async def heard(tmp_path, domain, count: int, ticks: list[None] | None = None):
    from wunderkammer.domains.rainbow.teaming import Probe

    settings = load(start=tmp_path, home=tmp_path)
    candidates = [Candidate(domain="moody", genome=Probe(text=str(number))) for number in range(count)]
    ticks = [] if ticks is None else ticks
    async with joined(address_of(tmp_path)) as ledger, gateway_of(settings, ledger) as gateway:
        takes = await Hearing(settings, gateway, domain, new_hearing("replay")).hear(
            candidates, lambda: ticks.append(None)
        )
    return takes, len(ticks)


async def test_single_faults_are_kept_beside_what_succeeded(tmp_path) -> None:
    takes, ticks = await heard(tmp_path, Moody(fails=range(3, 6)), 10)

    assert [place for place, take in takes.by_place.items() if take.fault] == [3, 4, 5]
    assert takes.by_place[3].fault == "3 is down"
    assert (takes.end, ticks) == ("", 10)


async def test_a_server_that_fails_to_the_end_ends_it_and_keeps_what_there_is(tmp_path) -> None:
    takes, _ = await heard(tmp_path, Moody(fails=range(5, 100)), 100)

    assert len([take for take in takes.by_place.values() if take.outcome]) == 5
    assert 5 + 16 <= len(takes.by_place) < 64
    assert "is down" in takes.end


async def test_where_nothing_could_be_evaluated_the_fault_is_raised(tmp_path) -> None:
    with pytest.raises(ModelError, match="is down"):
        await heard(tmp_path, Moody(fails=range(100)), 3)


async def test_being_interrupted_keeps_what_was_evaluated(tmp_path) -> None:
    ticks: list[None] = []
    work = asyncio.create_task(heard(tmp_path, Moody(slow=range(4, 9)), 8, ticks))
    while len(ticks) < 4:
        await asyncio.sleep(0.01)
    work.cancel()
    takes, _ = await work

    assert (takes.end, len(ticks)) == ("interrupted", 4)
    assert sorted(takes.by_place) == [0, 1, 2, 3]
