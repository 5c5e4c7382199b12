"""What every domain promises, held against each that is installed; the next one is tested by being there."""

from __future__ import annotations

import itertools
from random import Random

import pytest
from langgraph.runtime import RunControl
from pydantic import ValidationError

from wunderkammer import domains
from wunderkammer.apps.expedition import Expedition, new_run
from wunderkammer.apps.installation import ledger_address, make_domain
from wunderkammer.apps.report import RunReport
from wunderkammer.apps.report.files import write_report
from wunderkammer.core.abilities import Explains, Quartered, Rates
from wunderkammer.core.contract import Candidate, Duels, Evaluates, Frozen, Trains
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.events import Explored
from wunderkammer.core.plan import make_plan
from wunderkammer.core.settings import RoleSettings, ServerSettings, load
from wunderkammer.jobs.environments import python_of
from wunderkammer.memory.ledger import opened
from wunderkammer.memory.runs import find_run
from wunderkammer.memory.slots import entries
from wunderkammer.models.rehearsal import Script, rehearsal

EVERY = pytest.mark.parametrize("kind", domains.installed().values(), ids=lambda kind: kind.name)


def installed(kind):
    return kind(kind.options())


def test_there_are_domains():
    assert {"rainbow-safety", "rainbow-questions", "rainbow-cybersecurity", "rainbow-skills"} <= set(
        domains.installed()
    )


def test_an_unknown_domain_is_named_with_those_there_are():
    with pytest.raises(ConfigError, match=r"unknown domain 'quite-else'; installed are: .*rainbow-safety"):
        domains.find("quite-else")
    with pytest.raises(ConfigError, match=r"unknown domain 'rainbow': did you mean rainbow-.* or rainbow-.*\?"):
        domains.find("rainbow")


@EVERY
def test_it_says_what_it_is(kind):
    assert kind.kind in ("attack", "environment", "discovery")
    assert kind.title.strip()
    assert issubclass(kind.genome, Frozen)
    assert issubclass(kind.options, Frozen)
    assert all(len(set(values)) == len(values) > 1 for values in kind.axes.values())
    assert isinstance(installed(kind), Evaluates | Trains)


@EVERY
def test_seeds_follow_from_the_generator_and_survive_storage(kind):
    domain = installed(kind)
    first, again = (list(itertools.islice(domain.seeds(Random(7)), 12)) for _ in range(2))
    assert first == again
    for genome in first:
        assert kind.genome(**genome.model_dump(mode="json")) == genome
        assert Candidate(domain=kind.name, genome=genome).id == Candidate(domain=kind.name, genome=genome).id
        assert domain.text(genome).strip()


@EVERY
def test_options_are_closed(kind):
    with pytest.raises(ValidationError):
        kind.options(no_such_option=1)
    with pytest.raises(ConfigError, match=f"options of {kind.name}: no_such_option"):
        make_domain(make_plan({"domain": kind.name, "options": {"no_such_option": 1}}))


@EVERY
async def test_a_short_run_against_a_server_that_talks_nonsense(kind, tmp_path):
    """Random words are answered to every question: the run must end, errors must be none, a report must come of it."""
    if not isinstance(installed(kind), Evaluates):
        pytest.skip("a study, made of jobs")
    if isinstance(installed(kind), Quartered):
        try:
            python_of(load(start=tmp_path, home=tmp_path), kind.environment)
        except ConfigError as fault:
            pytest.skip(str(fault))
    async with rehearsal(Script(seed=3)) as server:
        settings = load(
            home=tmp_path,
            embedder="hashed",
            servers={"stage": ServerSettings(url=server.url, concurrency=8)},
            roles={"default": RoleSettings(server="stage", model="rehearsal")},
        )
        plan = make_plan({"domain": kind.name, "steps": 3, "batch": 6, "lag": 1, "seeds": 6})
        run = new_run(plan, settings)
        fates = []

        def tell(event) -> None:
            if isinstance(event, Explored):
                fates.append(event)

        ended = await Expedition(run, settings, tell, RunControl()).conduct()
    assert ended.status == "finished", ended.reason
    assert len(fates) == 18
    assert not [event for event in fates if event.fate == "error"]
    page, data, _ = write_report(settings, run.id)
    report = RunReport.model_validate_json(data.read_text())
    assert report.fates.total == 18
    assert report.filled == len({event.cell for event in fates if event.fate == "elite"})
    assert "<script" not in page.read_text()
    with opened(ledger_address(settings)) as ledger:
        tried = list(entries(ledger, find_run(ledger, run.id), kind.genome))
    for entry in tried:
        assert entry.outcome.cell is None or all(
            value in values for value, values in zip(entry.outcome.cell, kind.axes.values(), strict=True)
        )
    if isinstance(domain := installed(kind), Rates):
        assert domain.fitness_is
        assert report.evaluations
    if isinstance(domain, Explains):
        for part in domain.sections(iter(tried)):
            assert all(len(row) == len(part.columns) for row in part.rows)
    if isinstance(domain, Duels):
        assert all(entry.outcome.score is None for entry in tried)
