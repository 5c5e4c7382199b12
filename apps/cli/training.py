"""`wunder study paired --method …`: one training of a study, seen through as a job."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wunderkammer.core.contract import Candidate
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.core.study import StudyPlan


def train_once(plan: StudyPlan, method: str, given: Mapping[str, Any], settings: Settings) -> None:
    """Submit the job that trains `method` with the plan's settings and first seed, and watch it.

    The same again is not run twice, and one that was killed goes on from its checkpoint.

    Raises:
        ConfigError: the domain has no methods, or a setting is wrong.
    """
    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.apps.inquiry.conduct import studied

    domain = studied(plan)
    if "method" not in domain.genome.model_fields:
        raise ConfigError(f"{plan.domain} has no methods; leave --method out, or set its own with --given NAME=VALUE")
    values = {**plan.given, **given, "method": method, "seed": plan.seed}
    genome = checked(domain.genome, values, f"--method {method}")
    for job in domain.jobs(Candidate(domain=plan.domain, genome=genome)):
        see_through(settings, job, detach=False)
