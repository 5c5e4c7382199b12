"""What the settings of an installation come to: where its ledger is, and the domain that a plan means.

Light enough for a command that only looks: nothing here imports models or graphs.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import make_url

from wunderkammer import domains
from wunderkammer.core.abilities import Quartered, Quarters
from wunderkammer.core.contract import Domain
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.settings import Settings, checked
from wunderkammer.jobs.dispatching import library
from wunderkammer.jobs.environments import python_of
from wunderkammer.memory.ledger import Ledger, address_of, opened


def ledger_address(settings: Settings) -> str:
    """Where the ledger is."""
    return settings.database.get_secret_value() if settings.database else address_of(settings.home)


@contextmanager
def reading(settings: Settings) -> Iterator[Ledger]:
    """The ledger, for whoever only looks; a `ConfigError` where nothing was ever written, so that none is made."""
    if not has_ledger(settings):
        raise ConfigError(f"nothing was run in {settings.home} yet; `wunder run` begins, --home names another folder")
    with opened(ledger_address(settings)) as ledger:
        yield ledger


def has_ledger(settings: Settings) -> bool:
    """Whether there may be a ledger: a file that is there, or a database server that only trying can tell of."""
    if settings.database is None:
        return (settings.home / "ledger.db").is_file()
    address = settings.database.get_secret_value()
    if not address.startswith("sqlite"):
        return True
    file = make_url(address).database
    return bool(file) and Path(str(file)).is_file()


def make_domain(plan: SearchPlan) -> Domain[Any]:
    """The plan's domain with its options; a `ConfigError` names what does not fit."""
    kind = domains.find(plan.domain)
    return kind(checked(kind.options, plan.options, f"options of {plan.domain}"))


def quartered(domain: Domain[Any], settings: Settings) -> Domain[Any]:
    """A domain that is to evaluate, told where its own program runs where it has one.

    Raises:
        ConfigError: there is no such environment, and how it is made; or the domain's options name what is not there.
    """
    if not isinstance(domain, Quartered):
        return domain
    python = python_of(settings, domain.environment)
    return domain.quartered(Quarters(python=python, path=library(settings.home.expanduser().resolve() / "jobs")))
