"""The report as a value: convenient to make, whole in JSON, and strict about its grid."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from wunderkammer.apps.report import Ancestor, Fates, Holder, Niche, Rate, RunReport, Transfer
from wunderkammer.core.contract import Candidate, Entry, Frozen, Outcome
from wunderkammer.core.plan import SearchPlan


class Prompt(Frozen):
    text: str


def entry() -> Entry[Prompt]:
    notes = {"response": "R", "right": "W", "tag": "T"}
    outcome = Outcome(score=None, cell=("a",), measures={"fitness": 0.7, "refused": 0.0}, notes=notes)
    return Entry(candidate=Candidate(domain="d", genome=Prompt(text="p")), outcome=outcome, slot=4)


def small(**more: object) -> RunReport:
    values = {"run": "r", "title": "t", "plan": SearchPlan(domain="d"), "status": "finished", **more}
    return RunReport.model_validate(values)


def test_a_holder_is_made_from_an_entry() -> None:
    back = (Ancestor(id="1", text="parent"), Ancestor(id="2", text="seed"))
    holder = Holder.of(entry(), "shown", lineage=back)
    assert (holder.text, holder.response, holder.right, holder.notes) == ("shown", "R", "W", {"tag": "T"})
    assert (holder.fitness, holder.score, holder.slot, holder.generation) == (0.7, None, 4, 2)
    assert Holder.of(entry(), "shown", lineage=back[:1], generation=9).generation == 9


def test_figures_follow_from_the_cells() -> None:
    niches = [Niche(cell=(v,), elite=Holder(id=v, text=v, fitness=f)) for v, f in (("a", 0.5), ("b", None))]
    report = small(axes={"x": ("a", "b", "c")}, niches=niches)
    assert (report.cells, report.filled, report.coverage, report.qd_score) == (3, 2, 2 / 3, 0.5)
    written = json.loads(report.model_dump_json())
    assert (written["coverage"], written["plan_id"]) == (2 / 3, report.plan.id)


def test_json_reads_back_whole(report: RunReport) -> None:
    assert RunReport.model_validate_json(report.model_dump_json()) == report


def test_odd_figures_and_half_characters_survive_json() -> None:
    holder = Holder(id="1", text="\ud83d half", measures={"loss": float("inf")}, fitness=0.5)
    report = small(axes={"x": ("a",)}, niches=[Niche(cell=("a",), elite=holder)])
    again = RunReport.model_validate_json(report.model_dump_json())
    assert again.niches[0].elite.text == "? half"
    assert again.niches[0].elite.measures == {"loss": float("inf")}


@pytest.mark.parametrize("cells", [[("z",)], [("a", "a")], [("a",), ("a",)]])
def test_cells_off_the_grid_or_held_twice_are_refused(cells: list[tuple[str, ...]]) -> None:
    niches = [Niche(cell=cell, elite=Holder(id="1", text="t")) for cell in cells]
    with pytest.raises(ValidationError, match="not on the grid|two elites"):
        small(axes={"x": ("a",)}, niches=niches)


def test_fates_add_up() -> None:
    assert Fates(elite=3, lost=4, off_grid=1, error=2).total == 10


def test_a_transfer_is_a_matrix() -> None:
    rate = Rate.of([True, False])
    with pytest.raises(ValidationError, match="1 rows of 2"):
        Transfer(archives=("a",), targets=("a", "b"), rates=((rate,),))
