"""The guide's tools: every operation with its arguments, its price, and the words that a model is told."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.agents.guide.tool import Price, Tool, Toolbox
from wunderkammer.apps.chat import arguments
from wunderkammer.apps.chat.office import Office
from wunderkammer.apps.chat.operations import archives, domains, evidence, plots, starting, working
from wunderkammer.core.contract import Frozen

Looks = Callable[[Office, Any], Awaitable[Sheet]]
Begins = Callable[[Office, Any, str], Awaitable[Sheet]]
Prices = Callable[[Office, Any], Awaitable[Price]]


def toolbox(office: Office) -> Toolbox:
    """All tools, working for one office."""

    def look(name: str, does: Looks, takes: type[Frozen], says: str, *, changes: bool = False) -> Tool:
        async def do(asked: Any, _: str) -> Sheet:
            return await does(office, asked)

        return Tool(name, says, takes, do, changes=changes)

    def begin(name: str, does: Begins, price: Prices, takes: type[Frozen], says: str) -> Tool:
        async def do(asked: Any, key: str) -> Sheet:
            return await does(office, asked, key)

        async def costs(asked: Any) -> Price:
            return await price(office, asked)

        return Tool(name, says, takes, do, costs, changes=True)

    a = arguments
    return Toolbox.of(
        (
            look("list_domains", domains.list_domains, a.Nothing, "What there is to explore or to study."),
            look("describe_domain", domains.describe_domain, a.OneDomain, "Axes with all values, and options."),
            look("list_runs", working.list_runs, a.Runs, "Runs, studies and hardenings, newest first, with status."),
            look("show_run", working.show_run, a.OneRun, "How one run stands: steps, cells, score, calls, cost."),
            look("watch_run", working.watch_run, a.Watch, "The latest events of a run."),
            look("compare_runs", working.compare_runs, a.Compare, "Two to eight runs side by side, and their plans."),
            begin("start_run", starting.start_run, starting.price_of_run, a.Start, "Begin a search of a domain."),
            begin(
                "start_everything",
                starting.start_everything,
                starting.price_of_everything,
                a.StartEverything,
                "Begin an autonomous run: it searches, studies and hardens whatever yields most, within a budget.",
            ),
            begin(
                "resume_run",
                starting.resume_run,
                starting.price_of_resuming,
                a.Resume,
                "Go on with a run, study or hardening that rests.",
            ),
            look("pause_run", working.pause_run, a.OneRun, "Let a run come to rest.", changes=True),
            look("stop_run", working.stop_run, a.NamedRun, "End a run after the step in hand.", changes=True),
            look(
                "steer_run",
                working.steer_run,
                a.Steer,
                "Tell a run what to aim at or to avoid, or give its mutator advice.",
                changes=True,
            ),
            look("query_archive", archives.query_archive, a.Query, "Elites of a run by cell, text and fitness."),
            look("find_texts", archives.find_texts, a.Find, "Stored texts nearest in meaning, over all runs."),
            look(
                "explain_candidate",
                archives.explain_candidate,
                a.Explain,
                "One candidate: text, figures, votes, lineage, what it is evidence for.",
            ),
            begin("run_study", starting.run_study, starting.price_of_study, a.Study, "Begin a study by experiments."),
            begin(
                "harden_model",
                starting.harden_model,
                starting.price_of_hardening,
                a.Harden,
                "Fine-tune the target of finished runs against what they found.",
            ),
            look("list_findings", evidence.list_findings, a.Findings, "What the scientist found."),
            look("show_finding", evidence.show_finding, a.OneFinding, "One finding with its figures and evidence."),
            look("list_jobs", evidence.list_jobs, a.Jobs, "Training and measurement jobs, and where they stand."),
            look("draw_plot", plots.draw_plot, a.Plot, "Draw a figure of runs into an SVG file."),
            look("spend_report", evidence.spend_report, a.Spend, "Calls, tokens and money spent, by role."),
        )
    )
