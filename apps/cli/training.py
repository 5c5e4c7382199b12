"""`wunder study paired --method … --levels RUN`: one training of a study as a job, and levels that a search found."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from wunderkammer.core.contract import Candidate
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import checked

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.core.study import StudyPlan

LEVELS = "levels"
"""The setting that names such an artifact."""


def given_levels(plan: StudyPlan, run: str, given: Mapping[str, Any], settings: Settings) -> str:
    """The levels that a search found, as an artifact that jobs of this study can read; its name.

    given: settings of what trains on them, beside the plan's.

    Raises:
        ConfigError: the domain takes no levels, the run found none, or they do not fit those settings.
    """
    from wunderkammer.apps.inquiry.conduct import studied
    from wunderkammer.apps.mazes import elites, kept
    from wunderkammer.domains.paired.settings import TrainingSettings

    genome = studied(plan).genome
    if not issubclass(genome, TrainingSettings):
        raise ConfigError(f"{plan.domain} trains on no levels; leave --levels out")
    mazes = elites(run, settings)
    name = kept(mazes, settings)
    checked(genome, {**plan.given, **given, LEVELS: name}, f"settings of {plan.domain}").must_fit(mazes)
    return name


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
