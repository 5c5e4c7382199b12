"""A second look at an archive: other draws, less of what was luck, and kept for the report."""

from __future__ import annotations

from pathlib import Path
from random import Random
from statistics import fmean
from typing import ClassVar

import pytest
from langgraph.runtime import RunControl

from stage.garden import Garden, Plant, Weather
from wunderkammer import domains
from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.reevaluation import latest, place_of, reevaluate, section_of
from wunderkammer.core.contract import Candidate, Frozen, Outcome
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import Settings, load

LUCK = 0.3


class Windy(Frozen):
    """How the wind blows."""

    wind: str = ""
    looks: int = 1


class Lawn(Garden):
    """A garden whose plants are measured in the wind; all are one metre tall."""

    name: ClassVar[str] = "meadow"
    options: ClassVar[type[Frozen]] = Windy

    def __init__(self, options: Frozen) -> None:
        super().__init__(Weather())
        self.settings = Windy.model_validate(options.model_dump())

    def outcome(self, candidate: Candidate[Plant]) -> Outcome:
        rng = Random(f"{candidate.id} {self.settings.wind}")
        height = fmean(rng.gauss(1.0, LUCK) for _ in range(self.settings.looks))
        plant = candidate.genome
        return Outcome(score=height, cell=(str(plant.bed), str(plant.row)))


class Meadow(Lawn):
    """The same, where the wind can be called anew."""

    def redrawn(self, salt: str, times: int) -> Meadow:
        return Meadow(Windy(wind=salt, looks=times))


@pytest.fixture
async def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Settings, str]:
    known = domains.installed()
    monkeypatch.setattr(domains, "installed", lambda: {**known, "meadow": Meadow})
    settings = load(home=tmp_path, embedder="hashed")
    plan = SearchPlan(domain="meadow", steps=6, batch=32, lag=0, seeds=32)
    made = new_run(plan, settings)
    ended = await Expedition(made, settings, lambda _: None, RunControl()).conduct()
    assert ended.status == "finished", ended.reason
    return settings, made.id


async def test_what_was_luck_is_gone_and_the_report_is_told(run: tuple[Settings, str]) -> None:
    settings, name = run
    ticks: list[int] = []
    found = await reevaluate(settings, name, 64, lambda: ticks.append(1))
    assert len(found.elites) == len(ticks) > 20
    assert found.stored.mean > 1 + LUCK
    assert found.again.mean == pytest.approx(1.0, abs=0.05)
    assert found.gap.low > 0
    assert latest(settings.home, name) == found
    rows = {row[0]: row[1] for row in section_of(found).rows}
    assert rows["again"] == pytest.approx(found.again.mean, abs=1e-4)


async def test_every_look_has_draws_of_its_own(run: tuple[Settings, str]) -> None:
    settings, name = run
    first, second = [await reevaluate(settings, name, 4, lambda: None) for _ in range(2)]
    assert [one.again for one in first.elites] != [one.again for one in second.elites]
    assert latest(settings.home, name) == second
    place_of(settings.home, second).write_text("something else", "utf-8")
    assert latest(settings.home, name) == first


async def test_a_domain_that_draws_nothing_says_where_to_go(
    run: tuple[Settings, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(domains, "installed", lambda: {"meadow": Lawn})
    with pytest.raises(ConfigError, match="see `wunder replay` and `wunder transfer`"):
        await reevaluate(*run, 4, lambda: None)
