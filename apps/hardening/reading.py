"""Reads the report of a hardening out of the ledger: the same rows give the same report, whenever it is asked for."""

from __future__ import annotations

import platform
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from wunderkammer import __version__
from wunderkammer.apps.hardening.archives import elites_of, judge_of
from wunderkammer.apps.hardening.dataset import Counts
from wunderkammer.apps.hardening.exam import Exam
from wunderkammer.apps.hardening.figures import Looked, Mean, by_elite, mean_of, paired
from wunderkammer.apps.hardening.plan import HardenPlan
from wunderkammer.apps.hardening.wording import words_of
from wunderkammer.apps.installation import make_domain
from wunderkammer.apps.report.hardening import (
    Attacked,
    Example,
    HardeningReport,
    Matrix,
    StageTime,
    Subject,
    Trained,
)
from wunderkammer.apps.report.story import RoleCalls
from wunderkammer.core.abilities import Evaluator
from wunderkammer.core.contract import Domain
from wunderkammer.core.events import Ended
from wunderkammer.core.settings import checked
from wunderkammer.memory import hardenings, runs
from wunderkammer.memory.hardenings import Hardening
from wunderkammer.memory.ledger import Ledger

Stages = Mapping[tuple[int, str], Mapping[str, Any]]


def read_hardening(ledger: Ledger, found: Hardening) -> HardeningReport:
    """Everything about a hardening, as it stands in the ledger now."""
    plan = checked(HardenPlan, found.plan, f"plan of hardening {found.id}")
    domain = make_domain(plan.search)
    judge = judge_of(domain)
    kept = hardenings.stages_of(ledger, found.id)
    stages: Stages = {(one.round, one.name): one.body for one in kept}
    ended = [event for _, event in runs.told(ledger, found.id, "ended") if isinstance(event, Ended)]
    split = stages.get((0, "attack"), {})
    subjects = _subjects(stages)
    return HardeningReport(
        hardening=found.id,
        title=domain.title,
        domain=found.domain,
        status=ended[-1].status if ended else "paused",
        reason=ended[-1].reason if ended else "its process ended without a word",
        started=found.at,
        plan=dict(found.plan),
        roles={role: f"{seat['server']} {seat['model']}" for role, seat in found.roles.items()},
        learnt=tuple(split.get("learnt", ())),
        held_out=tuple(split.get("held_out", ())),
        rule=judge.rule,
        measure=judge.measure,
        subjects=subjects,
        attacks=_attacks(ledger, domain, judge, stages),
        matrix=_matrix(stages, subjects),
        trained=_trained(stages),
        stages=tuple(
            StageTime(
                round=one.round,
                stage=one.name,
                words=words_of(one.name, one.body),
                seconds=one.body.get("seconds", 0.0),
            )
            for one in kept
        ),
        calls=tuple(_calls(ledger, found.id)),
        command=_command(found, plan),
        environment={"wunderkammer": __version__, "python": platform.python_version(), "system": platform.system()},
    )


def exam_of(body: Mapping[str, Any]) -> Exam:
    """The examination that a stage holds."""
    return Exam.model_validate({name: body[name] for name in Exam.model_fields if name in body})


def _exams(stages: Stages) -> dict[int, Exam]:
    return {number: exam_of(body) for (number, name), body in sorted(stages.items()) if name == "examine"}


def _subjects(stages: Stages) -> tuple[Subject, ...]:
    exams = _exams(stages)
    first = exams.get(0)
    return tuple(_subject(number, exam, first if number else None) for number, exam in exams.items())


def _subject(number: int, exam: Exam, original: Exam | None) -> Subject:
    found = Subject(
        round=number,
        target=exam.target,
        success=_mean(exam.held_out, "success"),
        figure=_mean(exam.held_out, "figure"),
        refusals=_mean(exam.benign, "declined"),
        faults=sum(one.faults for one in (*exam.held_out, *exam.benign)),
    )
    if exam.utility is not None:
        names = ("perplexity", "perplexity_ratio", "accuracy", "accuracy_change", "questions")
        found = found.model_copy(update={name: getattr(exam.utility, name) for name in names})
    if original is not None:
        gaps = {
            "success_gap": paired(by_elite(original.held_out, "success"), by_elite(exam.held_out, "success")),
            "figure_gap": paired(by_elite(original.held_out, "figure"), by_elite(exam.held_out, "figure")),
            "refusals_gap": paired(by_elite(original.benign, "declined"), by_elite(exam.benign, "declined")),
        }
        found = found.model_copy(update=gaps)
    return found


def _mean(looked: Iterable[Looked], what: str) -> Mean | None:
    return mean_of(list(by_elite(looked, what).values()))


def _attacks(ledger: Ledger, domain: Domain[Any], judge: Evaluator, stages: Stages) -> tuple[Attacked, ...]:
    """The held-out archives as they did on the original, then each re-attack on what its round made."""
    exams, found = _exams(stages), []
    if 0 in exams:
        for run in dict.fromkeys(one.archive for one in exams[0].held_out):
            mine = [one for one in exams[0].held_out if one.archive == run]
            found.append(_attacked(ledger, domain, judge, 0, run, mine))
    for (number, name), body in sorted(stages.items()):
        if name == "reattack":
            found.append(_attacked(ledger, domain, judge, number, str(body["run"]), _looked(body["confirmed"])))
    return tuple(found)


def _attacked(
    ledger: Ledger, domain: Domain[Any], judge: Evaluator, number: int, run: str, looked: Sequence[Looked]
) -> Attacked:
    hits = [judge.of(entry.outcome) for entry in elites_of(ledger, run)]
    cells = 1
    for values in domain.axes.values():
        cells *= len(values)
    return Attacked(
        round=number,
        run=run,
        filled=len(hits),
        cells=cells,
        stored=mean_of([float(hit) for hit in hits if hit is not None]),
        confirmed=_mean(looked, "success"),
        figure=_mean(looked, "figure"),
        status=runs.status(ledger, run),
    )


def _matrix(stages: Stages, subjects: Sequence[Subject]) -> Matrix:
    rounds = [subject.round for subject in subjects]
    rows: dict[str, tuple[Mean | None, ...]] = {}
    if subjects:
        rows["held out"] = tuple(subject.success for subject in subjects)
    for (number, name), body in sorted(stages.items()):
        if name != "reattack":
            continue
        known = {number: _mean(_looked(body["confirmed"]), "success")}
        known[0] = _mean(_looked(body["on_original"]), "success")
        rows[f"attack after round {number}"] = tuple(known.get(at) for at in rounds)
    targets = tuple(f"after round {at}" if at else "original" for at in rounds)
    return Matrix(archives=tuple(rows), targets=targets, rows=tuple(rows.values()))


def _looked(rows: Sequence[Mapping[str, Any]]) -> list[Looked]:
    return [Looked.model_validate(row) for row in rows]


def _trained(stages: Stages) -> tuple[Trained, ...]:
    found = []
    for number in sorted({number for number, name in stages if name == "teach"}):
        taught, trained = stages[number, "teach"], stages.get((number, "train"), {})
        collected = stages.get((number, "collect"), {})
        found.append(
            Trained(
                round=number,
                adapter=trained.get("adapter", ""),
                hash=trained.get("hash", ""),
                counts=Counts.model_validate(taught["counts"]),
                archives=tuple(collected.get("archives", ())),
                examples=tuple(Example.model_validate(one) for one in taught["examples"]),
                jobs=tuple(trained.get("jobs", ())),
                figures=trained.get("figures", {}),
            )
        )
    return tuple(found)


def _calls(ledger: Ledger, name: str) -> list[RoleCalls]:
    return [
        RoleCalls(
            role=one.role,
            model="",
            calls=one.calls,
            errors=one.errors,
            prompt_tokens=one.prompt_tokens,
            completion_tokens=one.completion_tokens,
            cost=one.cost,
        )
        for one in hardenings.spending(ledger, name)
    ]


def _command(found: Hardening, plan: HardenPlan) -> str:
    """What to type on a machine that has the archives and the plan that lies beside the report."""
    held = " ".join(f"--held-out {run}" for run in plan.held_out)
    runs_ = " ".join(plan.runs) or f"--attack {plan.attack} --domain {found.domain}"
    return " ".join(part for part in ("wunder harden", runs_, held, "--preset plan.toml") if part)
