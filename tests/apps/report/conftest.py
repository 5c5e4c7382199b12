"""A made-up run with everything in it, the same every time."""

from __future__ import annotations

from random import Random

import pytest

from wunderkammer.apps.report import (
    Agreement,
    Ancestor,
    Evaluation,
    Fates,
    Holder,
    Niche,
    Point,
    Rate,
    RoleCalls,
    RunReport,
    Transfer,
)
from wunderkammer.core.abilities import Section
from wunderkammer.core.contract import Verdict
from wunderkammer.core.plan import SearchPlan
from wunderkammer.core.records import Finding
from wunderkammer.memory.diversity import Diversity

SKILLS = (
    "Arithmetic", "Dates", "Unit conversion", "Counting letters", "Sorting",
    "Logic", "Spatial steps", "String edits", "Comparison", "Sequences",
)  # fmt: skip
MANNERS = (
    "Formal", "Slang", "Misspelt", "In a story", "With distractors",
    "Another language", "As code", "Terse", "Verbose", "Adversarial prefix",
)  # fmt: skip
AXES = {"Skill": SKILLS, "Manner": MANNERS}
ROLES = ("mutator", "target", "judge")


def holder(rng: Random, number: int, fitness: float) -> Holder:
    a, b = rng.randint(11, 60), rng.randint(11, 60)
    frame = rng.choice(
        (
            "Yo, quick one: a baker had {a} loaves and then got {b} more. How many loaves now? Just the number.",
            "Compute {a} + {b} and state the result as an integer.",
            "wat is {a} plsu {b} ??",
            "In the old town by the river a clockmaker kept {a} brass wheels in one drawer and {b} in the next. He had "
            "also lost seven buttons, which do not matter. How many wheels did the two drawers hold together?",
        )
    )
    text = frame.format(a=a, b=b)
    lineage = tuple(
        Ancestor(
            id=f"{number:020x}{step:04x}",
            text=f"What is {a - step} + {b + step}? Answer with one number.",
            cell=(rng.choice(SKILLS), rng.choice(MANNERS)),
            fitness=max(0.0, fitness - 0.1 * step),
        )
        for step in range(1, rng.randint(1, 12))
    )
    votes = tuple(rng.choice(("challenger", "challenger", "incumbent", "tie")) for _ in range(4))
    return Holder(
        id=f"{number:024x}",
        text=text,
        response=f"The answer is {a + b + rng.randint(-9, 9)}. " + "To find it, add the two figures step by step. " * 3,
        right=str(a + b),
        score=fitness,
        fitness=fitness,
        measures={"success": 1 - fitness, "difficulty": rng.randint(1, 9)},
        verdict=Verdict(votes=votes) if rng.random() < 0.6 else None,
        arm=rng.choice(("code", "model")),
        slot=number,
        generation=len(lineage),
        lineage=lineage,
    )


def niches(rng: Random, axes: dict[str, tuple[str, ...]], share: float) -> tuple[Niche, ...]:
    cells: list[tuple[str, ...]] = [()]
    for values in axes.values():
        cells = [(*cell, value) for cell in cells for value in values]
    hard = {value: rng.random() for values in axes.values() for value in values}
    found = []
    for number, cell in enumerate(cells):
        if rng.random() < share:
            mean = sum(hard[value] for value in cell) / len(cell)
            fitness = min(1.0, max(0.0, rng.gauss(0.15 + 0.8 * mean, 0.12)))
            tried = rng.randint(1, 40)
            found.append(
                Niche(cell=cell, elite=holder(rng, number, fitness), tried=tried, held_by=rng.randint(1, tried))
            )
    return tuple(found)


def full_report(seed: int = 3, axes: dict[str, tuple[str, ...]] = AXES, share: float = 0.93) -> RunReport:
    rng = Random(seed)
    found = niches(rng, axes, share)
    code = {n.cell: (n.elite.fitness or 0) > 0.5 for n in found}
    judge = {cell: hit if rng.random() < 0.8 else not hit for cell, hit in code.items()}
    steps, calls, total = [], 0, sum(n.elite.fitness or 0.0 for n in found)
    for step in range(63):
        gained = rng.randint(0, max(1, 12 - step // 6))
        share_now = (1 - 0.93**step) / (1 - 0.93**62)
        filled, qd = len(found) * share_now, total * share_now * (0.6 + 0.4 * step / 62)
        calls += rng.randint(60, 90)
        steps.append(
            Point(
                step=step, seconds=5.0 * step, filled=round(filled), qd_score=qd, accepted=gained, calls=calls,
                tokens=calls * 130, cost=calls * 0.0004,
            )
        )  # fmt: skip
    rate = [Rate.of([rng.random() < p for _ in range(40)]) for p in (0.9, 0.45, 0.5, 0.8)]
    return RunReport(
        run="20261122-0915-7f3a",
        title="Questions that code can answer and a small model cannot",
        plan=SearchPlan(domain="rainbow-skills", seed=seed, steps=63),
        status="finished",
        reason="all 63 steps are done",
        started=1_795_339_200.0,
        seconds=312.0,
        roles=dict.fromkeys(ROLES, "embedded: SmolLM2-135M-Instruct"),
        axes=axes,
        niches=found,
        fitness_is="the share of wrong answers, weighed by how easy the problem is",
        curve=tuple(steps),
        evaluations=(
            Evaluation.of("code", "more than half of the answers are wrong", code, axes),
            Evaluation.of("judge", "the model judge calls the answer wrong", judge, axes),
        ),
        agreements=(Agreement.of("code", "judge", code, judge),),
        diversity=Diversity(
            n=len(found), texts=len(found), self_bleu=0.42, rouge_l=0.15, rouge_pairs=1000, bert_score_minilm=0.74,
            bert_pairs=1000, encoder="all-minilm-l6-v2", compression_ratio=3.1,
        ),
        fates=Fates(elite=sum(p.accepted for p in steps), lost=1041, filtered=402, duplicate=61, unusable=97, error=27),
        sections=(
            Section(
                title="The frontier",
                text="Difficulty at which success crosses one half, and the easiest failure found.",
                columns=("Skill", "Crosses at", "Easiest failure"),
                rows=tuple((skill, rng.randint(1, 9), f"What is {rng.randint(2, 9)} + 7?") for skill in SKILLS),
            ),
        ),
        transfer=Transfer(
            archives=("SmolLM2-135M", "Llama-3-8B"), targets=("SmolLM2-135M", "Llama-3-8B"),
            rates=(tuple(rate[:2]), tuple(rate[2:])),
        ),
        findings=(
            Finding(
                run="20261122-0915-7f3a",
                claim="Along Manner, elites are strongest at Misspelt: mean fitness 0.812 over 10 cells.",
                comment="Spelling mistakes split the numbers into unfamiliar pieces.",
                statistics={"mean": 0.812, "mean_of_all": 0.543, "n": 10, "p": 0.013},
                evidence=tuple(n.elite.id for n in found[:5]),
                refuted_by="another run in which Misspelt is not above the mean of all elites along Manner",
            ),
        ),
        calls=tuple(
            RoleCalls(
                role=role, model="embedded: SmolLM2-135M-Instruct", calls=1_500 + 10 * i, cached=12 * i, errors=9 * i,
                prompt_tokens=210_000, completion_tokens=64_000, cost=0.62, median_s=0.42, p95_s=1.9,
            )
            for i, role in enumerate(ROLES)
        ),
        currency="$",
        command="wunder run rainbow-skills --seed 3 --steps 63",
        environment={"wunderkammer": "0.1.0", "python": "3.11.14", "platform": "Linux x86_64, 2 cores"},
    )  # fmt: skip


@pytest.fixture(scope="session")
def report() -> RunReport:
    return full_report()
