"""What a job is known by."""

from __future__ import annotations

import pytest
from pydantic import ValidationError

from wunderkammer.core.work import Job, Resources


def test_a_job_is_known_by_what_is_computed_and_not_by_where() -> None:
    job = Job(module="some.training", args={"rate": 0.1, "mark": "abc"}, seed=1)
    elsewhere = Job(**{**job.model_dump(), "places": {"base": "/there"}, "title": "t", "needs": Resources(cores=2)})

    assert elsewhere.id == job.id
    assert Job(**{**job.model_dump(), "args": {"rate": 0.1, "mark": "abd"}}).id != job.id


def test_a_name_is_an_argument_or_a_place() -> None:
    with pytest.raises(ValidationError, match="base is an argument and a place"):
        Job(module="some.training", args={"base": "owner/model"}, places={"base": "/there"})
