"""What an autonomous run did, by which budget, what it found, and how its two planners compare."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from wunderkammer.apps.autonomy.accounts import Purse
from wunderkammer.apps.autonomy.conduct import plan_of
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.openended import Judged, in_one_sentence, so_far
from wunderkammer.apps.report.page import dress, environment
from wunderkammer.apps.venturing import seconds
from wunderkammer.core.autonomy import AutonomousPlan, Costs
from wunderkammer.core.events import Acted, Chosen, Ended, Heard
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.records import Finding
from wunderkammer.core.settings import Settings
from wunderkammer.core.whole import write_whole
from wunderkammer.memory import runs
from wunderkammer.memory.findings import findings_of
from wunderkammer.memory.ledger import Ledger, opened
from wunderkammer.memory.runs import Run
from wunderkammer.memory.ventures import Venture, find_venture

HERE = str(__package__)


class Line(Frozen):
    """One activity over the whole run."""

    arm: str
    chosen: int
    failed: int
    gain: float
    cost: float
    """Share of the budget."""
    spent: Costs
    parts: tuple[str, ...]

    @property
    def rate(self) -> float:
        """Discoveries for the whole budget at this rate."""
        return self.gain / self.cost if self.cost else 0.0


class Opinions(Frozen):
    """The planner's model beside the bandit, as far as what was done can tell."""

    asked: int
    """Choices for which the model had something usable to say."""
    agreed: int
    followed: int
    """Choices that the model made against the bandit."""
    overruled: int
    """Choices that the bandit made against the model."""
    rate_followed: float | None
    """Discoveries per budget of the former."""
    rate_overruled: float | None
    rate_agreed: float | None


class WanderReport(Frozen):
    """Everything that the page shows."""

    run: str
    status: str
    reason: str
    plan: AutonomousPlan
    spent: Costs
    lines: tuple[Line, ...]
    choices: tuple[Chosen, ...]
    acts: tuple[Acted, ...]
    heard: tuple[Heard, ...]
    opinions: Opinions
    findings: tuple[Finding, ...]
    judged: tuple[Judged, ...] = ()
    """What is said of each search that there was."""
    open_ended: str = ""
    """Whether it was, as a whole, in one sentence."""

    @property
    def waiting(self) -> dict[str, str]:
        """What could not be chosen at the last choice, each with the reason."""
        return self.choices[-1].waiting if self.choices else {}

    def act(self, chosen: Chosen) -> Acted | None:
        """What a choice came to; None while it is open."""
        return next((event for event in self.acts if event.step == chosen.step), None)


def read_wander(ledger: Ledger, venture: Venture) -> WanderReport:
    """The report as the ledger has it now."""
    told = [event for _, event in runs.told(ledger, venture.id)]
    choices = tuple(event for event in told if isinstance(event, Chosen))
    acts = tuple(event for event in told if isinstance(event, Acted))
    ends = [event for event in told if isinstance(event, Ended)]
    parts = dict.fromkeys(event.part for event in choices)
    plan = plan_of(venture)
    spent = Purse(ledger, venture.id, lambda: seconds(ledger, venture.id)).spent(parts)
    judged = judged_of(ledger, venture)
    return WanderReport(
        run=venture.id,
        status=runs.status(ledger, venture.id),
        reason=ends[-1].reason if ends else "",
        plan=plan,
        spent=spent,
        lines=tuple(_line(activity.arm, choices, acts) for activity in plan.activities),
        choices=choices,
        acts=acts,
        heard=tuple(event for event in told if isinstance(event, Heard)),
        opinions=_opinions(choices, acts),
        findings=tuple(finding for part in parts for finding in findings_of(ledger, part)),
        judged=judged,
        open_ended=in_one_sentence(judged),
    )


def judged_of(ledger: Ledger, venture: Venture) -> tuple[Judged, ...]:
    """What the compressor says of each search of an autonomous run so far."""
    return tuple(Judged.of(run.domain, run.id, so_far(ledger, run)) for run in searches_of(ledger, venture))


def searches_of(ledger: Ledger, venture: Venture) -> list[Run]:
    """The searches of an autonomous run that were begun, one for each domain."""
    searches = [activity.subject for activity in plan_of(venture).activities if activity.action == "search"]
    found = [runs.run_called(ledger, f"{venture.id}-{subject}") for subject in searches]
    return [run for run in found if run is not None]


def _line(arm: str, choices: Sequence[Chosen], acts: Sequence[Acted]) -> Line:
    mine = [event for event in acts if event.arm == arm]
    spent = Costs()
    for event in mine:
        spent = spent.plus(event.spent)
    return Line(
        arm=arm,
        chosen=sum(event.arm == arm for event in choices),
        failed=sum(event.failed for event in mine),
        gain=sum(event.gain for event in mine),
        cost=sum(event.cost for event in mine),
        spent=spent,
        parts=tuple(dict.fromkeys(event.part for event in choices if event.arm == arm)),
    )


def _opinions(choices: Sequence[Chosen], acts: Sequence[Acted]) -> Opinions:
    by_step = {event.step: event for event in acts}
    asked = [event for event in choices if event.model]
    agreed = [event for event in asked if event.model == event.bandit]
    followed = [event for event in asked if event.by == "model" and event.model != event.bandit]
    overruled = [event for event in asked if event.by == "bandit" and event.model != event.bandit]

    def rate(some: Sequence[Chosen]) -> float | None:
        done = [by_step[event.step] for event in some if event.step in by_step]
        cost = sum(event.cost for event in done)
        return sum(event.gain for event in done) / cost if cost else None

    return Opinions(
        asked=len(asked),
        agreed=len(agreed),
        followed=len(followed),
        overruled=len(overruled),
        rate_followed=rate(followed),
        rate_overruled=rate(overruled),
        rate_agreed=rate(agreed),
    )


def write_wander(settings: Settings, run: str, folder: Path | None = None) -> list[Path]:
    """`report.html` and `report.json`, by default in HOME/reports/RUN."""
    with opened(ledger_address(settings)) as ledger:
        report = read_wander(ledger, find_venture(ledger, run, "autonomous"))
    place = folder or settings.home / "reports" / report.run
    place.mkdir(parents=True, exist_ok=True)
    page = environment(HERE).get_template("wander.html.j2")
    return [
        write_whole(place / "report.html", page.render(r=report, **dress())),
        write_whole(place / "report.json", report.model_dump_json(indent=1)),
    ]


def said_of(settings: Settings, run: str) -> str:
    """Whether an autonomous run was open-ended, in one sentence."""
    with opened(ledger_address(settings)) as ledger:
        return read_wander(ledger, find_venture(ledger, run, "autonomous")).open_ended
