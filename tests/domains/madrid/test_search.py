"""`madrid`: what levels are worth, how they are proposed, and what a report tells of them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import pytest

from stage.pitch import Arithmetic
from wunderkammer.core.abilities import Emits, Explains, Groups, Rates, Views
from wunderkammer.core.contract import Candidate, Entry, Evaluates
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import bytes_id
from wunderkammer.domains.madrid.options import MadridOptions
from wunderkammer.domains.madrid.scenario import Scenario
from wunderkammer.domains.madrid.search import FAULT, Madrid

REFERENCES = ("weak", "strong")
OPTIONS = MadridOptions(players=3, target="target", references=REFERENCES, clips_from=2)


class Sideline:
    """A lab that draws, keeps files, and takes the arm that it is told to."""

    def __init__(self, home: Path, arm: str = "gaussian", seed: int = 0) -> None:
        self.rng = Random(seed)
        self.hint = ""
        self.home = home
        self.arm = arm
        self.offered: tuple[str, ...] = ()

    def pick(self, arms: tuple[str, ...]) -> str:
        self.offered = arms
        return self.arm

    def keep(self, data: bytes, suffix: str) -> str:
        (self.home / f"{bytes_id(data)}{suffix}").write_bytes(data)
        return bytes_id(data)


@pytest.fixture
def lab(tmp_path: Path) -> Sideline:
    return Sideline(tmp_path)


def domain(engine: Arithmetic | None = None, **changes: object) -> Madrid:
    made = Madrid(OPTIONS.model_copy(update=changes))
    made.__dict__["_engine"] = engine or Arithmetic()
    return made


def candidates(count: int, seed: int = 1) -> list[Candidate[Scenario]]:
    return [Candidate(domain="madrid", genome=one) for one in islice(domain().seeds(Random(seed)), count)]


def test_it_keeps_the_contract() -> None:
    for promise in (Evaluates, Emits, Explains, Groups, Rates, Views):
        assert isinstance(domain(), promise)
    assert [len(values) for values in domain().axes.values()] == [10, 16, 2]
    assert domain().axes["reference"] == REFERENCES


async def test_what_a_level_is_worth_owes_nothing_to_its_neighbours(lab: Sideline) -> None:
    some = candidates(12)
    together = await domain().evaluate(some, lab)
    for one, outcome in zip(some, together, strict=True):
        assert (await domain().evaluate([one], lab))[0] == outcome
        assert outcome.cell == one.genome.cell
        assert outcome.score == pytest.approx(outcome.measures["reference"] - outcome.measures["target"])


async def test_all_levels_are_played_in_as_few_calls_as_there_are_references(lab: Sideline) -> None:
    engine = Arithmetic()
    await domain(engine).evaluate(candidates(40), lab)
    assert engine.played[0] == 40
    assert len(engine.played) == 1 + len(REFERENCES)
    assert sum(engine.played[1:]) == 40


async def test_another_salt_is_a_second_look(lab: Sideline) -> None:
    some = candidates(12)
    first, second = [await domain(salt=salt).evaluate(some, lab) for salt in ("", "again")]
    assert [one.cell for one in first] == [one.cell for one in second]
    assert [one.score for one in first] != [one.score for one in second]


async def test_an_action_that_is_none_is_an_error_and_no_loss(lab: Sideline) -> None:
    some = candidates(3)
    found = await domain(Arithmetic(broken=frozenset({some[1].genome.ball[0]}))).evaluate(some, lab)
    assert [one.error for one in found] == [None, FAULT, None]
    assert found[1].score is None
    assert found[1].cell is None


async def test_a_level_that_does_not_belong_to_the_run_is_refused_before_any_match(lab: Sideline) -> None:
    engine = Arithmetic()
    (one,) = candidates(1)
    with pytest.raises(ConfigError, match="a level of 3 players in a run of 5; run it with -o players=3"):
        await domain(engine, players=5).evaluate([one], lab)
    stranger = Candidate(domain="madrid", genome=one.genome.model_copy(update={"reference": "nobody"}))
    with pytest.raises(ConfigError, match="'nobody' of a level is none of this run's: weak, strong"):
        await domain(engine).evaluate([stranger], lab)
    assert engine.played == []


# ---- proposing -------------------------------------------------------------------------------------------------------

AIM = ("y +0.36", "x +0.84", "weak")


async def test_madrid_varies_elites_in_the_forms_it_was_given(lab: Sideline) -> None:
    (parent,) = candidates(1)
    lab.arm = "aimed"
    child = await domain().vary([parent], AIM, lab)
    assert child is not None
    assert child.cell == AIM
    assert child.by == "aimed"
    assert lab.offered == ("gaussian", "aimed", "carried")


async def test_the_baselines_make_levels_by_chance_for_a_cell_and_for_none(lab: Sideline) -> None:
    (parent,) = candidates(1)
    targeted = await domain(method="targeted").vary([parent], AIM, lab)
    assert targeted is not None
    assert (targeted.by, targeted.cell) == ("fresh", AIM)
    others = [await domain(method="random").vary([parent], AIM, lab) for _ in range(20)]
    assert len({one.cell for one in others if one}) > 10
    assert lab.offered == ()


async def test_random_keeps_no_archive(lab: Sideline) -> None:
    found = await domain(method="random").evaluate(candidates(3), lab)
    assert [one.cell for one in found] == [None] * 3
    assert all(one.score is not None for one in found)


def test_cma_is_an_emitter_and_the_others_are_not() -> None:
    pytest.importorskip("ribs")
    assert domain().emitter(0, 16) is None
    emitter = domain(proposer="cma").emitter(0, 16)
    assert emitter is not None
    assert len(emitter.ask(16)) == 16


def test_a_baseline_with_an_emitter_is_refused() -> None:
    with pytest.raises(ValueError, match="targeted proposes by chance"):
        MadridOptions(method="targeted", proposer="cma")
    with pytest.raises(ValueError, match="named twice"):
        MadridOptions(references=("weak", "weak"))


# ---- telling ---------------------------------------------------------------------------------------------------------


async def test_the_report_has_regret_by_reference_a_map_vulnerabilities_and_levels(lab: Sideline) -> None:
    some = candidates(60)
    outcomes = await domain().evaluate(some, lab)
    entries = [Entry(candidate=c, outcome=o, slot=at) for at, (c, o) in enumerate(zip(some, outcomes, strict=True))]
    by_reference, where, kinds, worst = domain().sections(iter(entries))
    for part in (by_reference, kinds):
        assert all(len(row) == len(part.columns) for row in part.rows)
    rows = {row[0]: row for row in by_reference.rows}
    assert sum(int(row[1] or 0) for row in rows.values()) == 60
    assert rows["strong"][4] > 0 > rows["weak"][4]  # type: ignore[operator]
    assert b"strong" in where.pictures[0].data
    assert where.pictures[0].media == "image/svg+xml"
    assert "regret +" in worst.pictures[0].caption
    assert {row[0] for row in kinds.rows} <= {"ball lost", "late shots"}
    assert [group.name for group in domain().groups(entries)] == [row[0] for row in kinds.rows]


def test_a_run_without_elites_has_nothing_to_draw() -> None:
    sections = domain().sections(iter(()))
    assert [len(part.pictures) for part in sections] == [0, 0]
