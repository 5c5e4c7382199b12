"""What a job found, read from its artifacts."""

from __future__ import annotations

import pytest

from wunderkammer.core.errors import JobFailed
from wunderkammer.core.results import figures_of
from wunderkammer.core.work import Job

JOB = Job(module="some.training")


def test_finite_numbers_are_figures_and_nothing_else_is(tmp_path) -> None:
    (tmp_path / "result.json").write_text('{"solved": 1, "walls": 7.5, "kl": NaN, "loss": Infinity, "method": "dr"}')
    assert figures_of(JOB, {JOB.id: str(tmp_path)}, "solved") == {"solved": 1.0, "walls": 7.5}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (None, "No such file"),
        ("{", "Expecting property name"),
        ("[1]", "'list' object"),
        ('{"solved": "much"}', "it lacks solved"),
        ('{"solved": NaN}', "it lacks solved"),
    ],
)
def test_a_job_that_did_not_do_what_it_promised_has_failed(tmp_path, text, words) -> None:
    if text is not None:
        (tmp_path / "result.json").write_text(text)
    with pytest.raises(JobFailed, match=f"result.json of job {JOB.id} holds no figures: .*{words}"):
        figures_of(JOB, {JOB.id: str(tmp_path)}, "solved")
    with pytest.raises(JobFailed, match="holds no figures"):
        figures_of(JOB, {})
