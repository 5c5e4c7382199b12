"""`wunder findings`: what was found, with evidence, figures and the command that finds it again."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, get_args

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.apps.inquiry.checking import Check
    from wunderkammer.core.records import Finding

app = typer.Typer(invoke_without_command=True, rich_markup_mode=None)

Kind = Literal["reflection", "study"]
Word = Literal["supported", "refuted", "undecided", "none"]
RunOption = Annotated[str | None, typer.Option("--run", help="Of one run or study; beginning of its id, or latest.")]
KindOption = Annotated[str | None, typer.Option(help=f"{' or '.join(get_args(Kind))}.")]
DomainOption = Annotated[str | None, typer.Option(help="About one domain.")]
WordOption = Annotated[str | None, typer.Option(help=f"One of {', '.join(get_args(Word))}.")]
FindingId = Annotated[str, typer.Argument(help="Beginning of a finding's id; default: the latest.", metavar="ID")]


@app.callback()
def findings(
    context: typer.Context,
    run: RunOption = None,
    kind: KindOption = None,
    domain: DomainOption = None,
    verdict: WordOption = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """What was found, oldest first: by studies, against thresholds; and by looking at searches after the fact.

    \b
    wunder findings
    wunder findings --kind study --verdict refuted
    wunder findings --run 4f1c --json
    """
    if context.invoked_subcommand:
        return
    from wunderkammer.apps.inquiry.choice import Choice
    from wunderkammer.apps.installation import has_ledger, reading

    _known("--kind", kind, get_args(Kind))
    _known("--verdict", verdict, get_args(Word))
    settings = settings_of(config, home)
    found = []
    if has_ledger(settings):
        with reading(settings) as ledger:
            found = [one for _, one in Choice(run, kind, domain, verdict).of(ledger)]
    if as_json:
        screen.emit([{"id": one.id, **one.model_dump(mode="json")} for one in found])
        return
    if not found:
        typer.echo("no findings: a search looks for some when it ends, `wunder study` tests for them")
    for one in found:
        figures = "  ".join(f"{name} {value:.4g}" for name, value in one.statistics.items())
        print(f"{one.id[:8]}  {one.verdict or 'seen'}  {screen.plain(one.claim)}")
        for words in (one.comment, figures, one.missing and f"lacks {one.missing}"):
            if words:
                print(f"    {screen.line(words)}")


@app.command()
def show(name: FindingId = "latest", as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """One finding in full: what was expected, the pairs behind it, a drawing, and how to find it again.

    \b
    wunder findings show 4f1c
    """
    from wunderkammer.apps.inquiry.checking import check, trial_behind
    from wunderkammer.apps.inquiry.picture import pairs
    from wunderkammer.apps.installation import reading
    from wunderkammer.core.whole import write_whole
    from wunderkammer.memory.findings import find_finding

    settings = settings_of(config, home)
    with reading(settings) as ledger:
        finding = find_finding(ledger, name)
        trial, checked = trial_behind(ledger, finding), check(ledger, finding)
    file = None
    if trial is not None:
        whole = [
            (p.seed, p.treatment, p.control) for p in trial.pairs if p.treatment is not None and p.control is not None
        ]
        folder = settings.home / "reports" / "findings"
        folder.mkdir(parents=True, exist_ok=True)
        file = write_whole(folder / f"{finding.id}.svg", pairs(finding, whole))
    values = [] if trial is None else [(p.seed, p.treatment, p.control) for p in trial.pairs]
    if as_json:
        told = {"id": finding.id, **finding.model_dump(mode="json"), "pairs": values, "faults": checked.faults}
        screen.emit({**told, "plot": str(file) if file else None})
        return
    _print(finding, checked, file)
    if values:
        screen.show(screen.table(("seed", "treatment", "control"), values, numbers=("seed", "treatment", "control")))


def _print(finding: Finding, checked: Check, file: Path | None) -> None:
    hypothesis = finding.hypothesis
    screen.show(
        screen.pairs(
            [
                ("finding", finding.id),
                ("of", f"{finding.kind} {finding.run}" + (f" ({finding.domain})" if finding.domain else "")),
                ("claim", finding.claim),
                ("comment", finding.comment and f"{finding.comment} (a model's words)"),
                ("verdict", finding.verdict or "none: nothing was stated beforehand"),
                ("compared", hypothesis and hypothesis.contrast),
                ("expected", finding.threshold),
                ("because", hypothesis and hypothesis.because),
                ("refuted by", finding.refuted_by),
                ("lacks", finding.missing),
                ("figures", "  ".join(f"{key} {value:.4g}" for key, value in finding.statistics.items())),
                ("candidates", ", ".join(one[:8] for one in finding.evidence)),
                ("jobs", ", ".join(one[:8] for one in finding.jobs)),
                ("checked", "; ".join(checked.faults) or "every figure follows from the ledger"),
                ("drawing", file and str(file)),
                ("again by", finding.reproduce),
            ]
        )
    )


@app.command()
def check(run: RunOption = None, as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """Compute every figure again from the ledger, and hold models' words against them. Exit code 1 where one differs.

    \b
    wunder findings check
    wunder findings check --run 4f1c
    """
    from wunderkammer.apps.inquiry.checking import check as compute
    from wunderkammer.apps.inquiry.choice import Choice
    from wunderkammer.apps.installation import reading

    settings = settings_of(config, home)
    with reading(settings) as ledger:
        checks = [compute(ledger, finding) for _, finding in Choice(run).of(ledger)]
    wrong = [one for one in checks if one.faults]
    if as_json:
        screen.emit([{"id": one.finding.id, "faults": one.faults} for one in checks])
    else:
        for one in wrong:
            print(f"{one.finding.id[:8]}  {screen.line('; '.join(one.faults))}")
        print(f"{len(checks) - len(wrong)} of {len(checks)} findings follow from the ledger")
    if wrong:
        raise typer.Exit(1)


def _known(option: str, value: str | None, values: tuple[str, ...]) -> None:
    if value is not None and value not in values:
        raise ConfigError(f"{option} {value!r}: one of {', '.join(values)}")
