"""The report of a study: what was asked, what came out, and how to find it again; as a page, as Markdown, as JSON."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from markupsafe import Markup

from wunderkammer import domains
from wunderkammer.apps.inquiry.conduct import plan_of
from wunderkammer.apps.inquiry.picture import forest
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.report.page import dress, environment
from wunderkammer.apps.venturing import seconds
from wunderkammer.core.abilities import Explains, Illustrates, Picture, Section
from wunderkammer.core.contract import Domain
from wunderkammer.core.events import Hypothesised, Worked
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.records import Finding
from wunderkammer.core.settings import Settings, checked
from wunderkammer.core.study import StudyPlan
from wunderkammer.core.whole import write_whole
from wunderkammer.jobs.folder import Folder
from wunderkammer.memory import runs, studies
from wunderkammer.memory.findings import findings_of
from wunderkammer.memory.ledger import Ledger, opened
from wunderkammer.memory.ventures import Venture, find_venture

HERE = str(__package__)


class StudyReport(Frozen):
    """Everything that the page shows."""

    study: str
    domain: str
    status: str
    plan: StudyPlan
    asked: tuple[Hypothesised, ...]
    """In the order in which they were written down."""
    findings: tuple[Finding, ...]
    failed: tuple[Worked, ...]
    """Jobs that gave no result."""
    jobs: int
    """Designed, over or not."""
    over: int
    job_seconds: float
    gpu_seconds: float
    sections: tuple[Section, ...] = ()
    """What only the domain can say of it."""
    seconds: float
    """Wall-clock time of the study's own processes."""

    def finding(self, asked: Hypothesised) -> Finding | None:
        """What came of a question; None while it is open."""
        same = [f for f in self.findings if f.hypothesis and f.hypothesis.id == asked.hypothesis.id]
        number = sum(one.round < asked.round and one.hypothesis.id == asked.hypothesis.id for one in self.asked)
        return same[number] if number < len(same) else None


def read_study_report(ledger: Ledger, venture: Venture) -> StudyReport:
    """The report as the ledger has it now."""
    over = studies.worked(ledger, venture.id)
    designed = studies.designed(ledger, venture.id)
    return StudyReport(
        study=venture.id,
        domain=venture.domain,
        status=runs.status(ledger, venture.id),
        plan=plan_of(venture),
        asked=tuple(studies.hypothesised(ledger, venture.id)),
        findings=tuple(findings_of(ledger, venture.id)),
        failed=tuple(event for event in over.values() if event.status != "done"),
        jobs=len({job for event in designed.values() for job in event.jobs}),
        over=len(over),
        job_seconds=sum(event.seconds for event in over.values()),
        gpu_seconds=sum(event.seconds * event.gpus for event in over.values()),
        sections=_sections(ledger, venture),
        seconds=seconds(ledger, venture.id),
    )


def _sections(ledger: Ledger, venture: Venture) -> tuple[Section, ...]:
    """Of a domain that is installed and has more to say."""
    domain = _domain(venture)
    if not isinstance(domain, Explains):
        return ()
    return tuple(domain.sections(studies.entries(ledger, venture.id, domain.genome)))


def _pictures(ledger: Ledger, venture: Venture, home: Path) -> tuple[Picture, ...]:
    """SVG drawings of a domain that is installed and draws what its jobs made."""
    domain = _domain(venture)
    if not isinstance(domain, Illustrates):
        return ()
    designed = studies.designed(ledger, venture.id).values()
    folders = {job: Folder(home / "jobs" / job).out for event in designed for job in event.jobs}
    there = {job: str(folder) for job, folder in folders.items() if folder.is_dir()}
    found = domain.pictures(studies.entries(ledger, venture.id, domain.genome), there)
    return tuple(one for one in found if one.media == "image/svg+xml")


def _domain(venture: Venture) -> Domain[Any] | None:
    kind = domains.installed().get(venture.domain)
    return (
        None if kind is None else kind(checked(kind.options, plan_of(venture).options, f"options of {venture.domain}"))
    )


def write_study(settings: Settings, study: str, folder: Path | None = None) -> list[Path]:
    """`report.html`, `report.md`, `report.json` and `findings.svg`, by default in HOME/reports/STUDY."""
    with opened(ledger_address(settings)) as ledger:
        venture = find_venture(ledger, study, "study")
        report = read_study_report(ledger, venture)
        drawn = _pictures(ledger, venture, settings.home.expanduser().resolve())
    place = folder or settings.home / "reports" / venture.id
    place.mkdir(parents=True, exist_ok=True)
    picture = forest(report.findings)
    pictures = {f"picture-{number}.svg": one for number, one in enumerate(drawn, 1)}
    words = environment(HERE, escape=False).get_template("study.md.j2").render(r=report, pictures=pictures)
    return [
        write_whole(place / "report.html", _page(report, picture, drawn)),
        write_whole(place / "report.md", words),
        write_whole(place / "report.json", report.model_dump_json(indent=1)),
        write_whole(place / "findings.svg", picture),
        *(write_whole(place / name, one.data.decode("utf-8")) for name, one in pictures.items()),
    ]


def _page(report: StudyReport, picture: str, drawn: Sequence[Picture]) -> str:
    page = environment(HERE).get_template("study.html.j2")
    pictures = [(Markup(one.data.decode("utf-8")), one.caption) for one in drawn]
    # Drawings of our own and of installed domains, which escape what they quote.
    return page.render(r=report, **dress(), picture=Markup(picture), pictures=pictures)
