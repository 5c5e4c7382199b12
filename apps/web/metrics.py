"""What Prometheus is told: read from the ledger when it asks, in a registry of its own."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4 as CONTENT_TYPE
from prometheus_client.registry import Collector
from sqlalchemy import true

from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.summary import summaries
from wunderkammer.apps.web.stream import Hub
from wunderkammer.memory.accounts import Spending, spending_where
from wunderkammer.memory.runs import runs_called

__all__ = ["CONTENT_TYPE", "exposition"]

_SUMS: Mapping[str, str] = {
    "calls": "Model calls, answers from the cache left out.",
    "errors": "Model calls that ended in an error.",
    "prompt_tokens": "Tokens that models were sent.",
    "completion_tokens": "Tokens that models wrote.",
    "cost": "Money, in the currency of [prices].",
    "seconds": "Seconds that model calls took, summed up.",
}


def exposition(office: Office, hub: Hub, jobs: Iterable[str]) -> bytes:
    """All figures in the text format. jobs: the status of each."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_House(office, hub, Counter(jobs)))
    return generate_latest(registry)


@dataclass(frozen=True, eq=False)  # registries keep collectors by identity
class _House(Collector):
    office: Office
    hub: Hub
    jobs: Mapping[str, int]

    def collect(self) -> Iterator[Metric]:
        works = self.office.everything()
        begun: dict[tuple[str, ...], float] = dict(Counter((one.kind, one.status) for one in works))
        yield _gauge("runs", "Runs, studies and hardenings.", ("kind", "status"), begun)
        yield _gauge("jobs", "Training and measurement jobs.", ("status",), {(s,): n for s, n in self.jobs.items()})
        yield from self._running([one.id for one in works if one.kind == "run" and one.status == "running"])
        by_role = spending_where(self.office.ledger, true())
        yield from (_sum(name, says, by_role) for name, says in _SUMS.items())
        yield GaugeMetricFamily("wunder_listeners", "Who follows the live stream.", value=len(self.hub))
        yield CounterMetricFamily("wunder_gaps", "Times that somebody listened too slowly.", value=self.hub.gaps)

    def _running(self, ids: Iterable[str]) -> Iterator[Metric]:
        """How full the archives of running searches are: of finished ones there may be thousands."""
        known = list(runs_called(self.office.ledger, ids).values())
        outlines = summaries(self.office.ledger, self.office.home, known)
        labels = ("run", "domain")
        filled: dict[tuple[str, ...], float] = {(one.id, one.domain): one.filled for one in outlines}
        cells: dict[tuple[str, ...], float] = {(one.id, one.domain): one.cells for one in outlines}
        yield _gauge("cells_filled", "Cells that have an elite, of running searches.", labels, filled)
        yield _gauge("cells", "Cells of the archive, of running searches.", labels, cells)


def _gauge(name: str, says: str, labels: tuple[str, ...], values: Mapping[tuple[str, ...], float]) -> Metric:
    family = GaugeMetricFamily(f"wunder_{name}", says, labels=labels)
    for key, value in values.items():
        family.add_metric(key, value)
    return family


def _sum(name: str, says: str, by_role: Iterable[Spending]) -> Metric:
    family = CounterMetricFamily(f"wunder_model_{name}", says, labels=("role",))
    for one in by_role:
        family.add_metric((one.role,), getattr(one, name))
    return family
