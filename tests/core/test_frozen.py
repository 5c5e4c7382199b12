"""A changed copy of a value is another value, whatever was worked out of the first."""

from __future__ import annotations

from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.work import Job


def test_a_changed_copy_has_an_id_of_its_own() -> None:
    plan = SearchPlan(domain="rainbow-skills")
    first = plan.id

    assert plan.model_copy(update={"seed": 7}).id == SearchPlan(domain="rainbow-skills", seed=7).id != first
    assert plan.model_copy().id == first


def test_what_is_no_part_of_an_id_may_change() -> None:
    job = Job(module="stage.errands")

    assert job.model_copy(update={"title": "another", "limit_s": 3.0}).id == job.id
