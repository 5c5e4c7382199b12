"""Reports of studies, autonomous runs and hardenings stay whole, whatever a model wrote into their ledger."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from stage.skeleton import HOSTILE, Skeleton
from stage.soil import Soil
from wunderkammer import domains
from wunderkammer.apps.autonomy.report import write_wander
from wunderkammer.apps.inquiry.report import write_study
from wunderkammer.apps.installation import ledger_address
from wunderkammer.apps.report.hardening import Example, HardeningReport, StageTime, Trained
from wunderkammer.apps.report.hardening_page import render_hardening
from wunderkammer.apps.report.story import RoleCalls
from wunderkammer.core.autonomy import Activity, AutonomousPlan, Costs
from wunderkammer.core.events import Acted, Chosen, Ended, Heard, Hypothesised, Worked
from wunderkammer.core.records import Finding
from wunderkammer.core.settings import load
from wunderkammer.core.study import Hypothesis, StudyPlan
from wunderkammer.core.wording import storable
from wunderkammer.memory import runs, studies, ventures
from wunderkammer.memory.findings import keep_finding
from wunderkammer.memory.ledger import Ledger, opened
from wunderkammer.memory.ventures import Venture, plain_plan

WORDS = [storable(word) for word in HOSTILE if len(word) < 1000]
"""As the ledger gives them back."""
FOREIGN = {"script", "iframe", "img", "image", "object", "embed", "link", "base", "form", "foreignobject"}


def study(folder: Path, word: str) -> list[str]:
    """The page and the drawing of a study in which a model wrote `word` wherever it can."""
    asked = Hypothesis(
        domain="soil",
        treatment={"depth": f"a {word}"},
        control={"depth": f"b {word}"},
        measure="yield",
        expects="higher",
        because=word,
        source="model",
    )
    figures = {"difference": 0.5, "low": 0.1, "high": 0.9, "n": 8.0}
    told = Finding(
        run="51", kind="study", claim=f"claim {word}", comment=word, statistics=figures, verdict="supported",
        domain="soil", hypothesis=asked, threshold=asked.threshold, refuted_by=word, missing=word, reproduce=word,
    )  # fmt: skip

    def write(ledger: Ledger) -> None:
        plan = StudyPlan(domain="soil")
        ventures.begin(ledger, Venture("51", "study", "soil", plain_plan(plan), plan.id, {}, None, 1.0))
        studies.hypothesise(ledger, "51", Hypothesised(round=0, hypothesis=asked, pairs=8, alpha=0.05))
        studies.work(ledger, "51", Worked(job="ab" * 12, title=f"t {word}", status="failed", reason=word))
        keep_finding(ledger, told)

    settings = kept(folder, write)
    html, _, _, picture = write_study(settings, "51")
    return [html.read_text("utf-8"), picture.read_text("utf-8")]


def wander(folder: Path, word: str) -> list[str]:
    """The page of an autonomous run in which a model wrote `word` wherever it can."""

    def write(ledger: Ledger) -> None:
        plan = AutonomousPlan(activities=(Activity(action="study", subject="soil"),))
        ventures.begin(ledger, Venture("61", "autonomous", "", plain_plan(plan), plan.id, {}, None, 1.0))
        arm = plan.activities[0].arm
        chosen = Chosen(step=0, arm=arm, by="model", reason=word, bandit=arm, model=f"m {word}", part="51")
        acted = Acted(step=0, arm=arm, part="51", gain=1.0, cost=0.1, spent=Costs(), failed=True, reason=word)
        for event in (chosen, acted, Heard(text=word, effect=word), Ended(status="stopped", reason=word)):
            runs.tell(ledger, "61", event)
        keep_finding(ledger, Finding(run="51", claim=f"claim {word}", comment=word, missing=word))

    settings = kept(folder, write)
    return [write_wander(settings, "61")[0].read_text("utf-8")]


def hardening(folder: Path, word: str) -> list[str]:
    """The page of a hardening in which a model wrote `word` wherever it can."""
    example = Example(cell=("a", word), asked=word, chosen=word, rejected=word, source="1" * 24)
    report = HardeningReport(
        hardening="71", title="Title", domain="d", status="failed", reason=word, started=1.0, plan={"domain": word},
        roles={"target": word}, learnt=("r1",), held_out=("r2",), rule=word, measure="fitness",
        trained=(Trained(round=1, adapter="a", hash="1" * 8, examples=(example,), figures={"loss": 0.1}),),
        stages=(StageTime(round=1, stage="train", words=word, seconds=1.0),),
        calls=(RoleCalls(role="target", model=word, calls=1),), command=word, environment={"model": word},
    )  # fmt: skip
    return [render_hardening(report)]


def kept(folder: Path, write: Callable[[Ledger], None]):
    """Settings of a home whose ledger holds what was written."""
    settings = load(start=folder, home=folder, embedder="hashed")
    with opened(ledger_address(settings)) as ledger:
        write(ledger)
        ledger.flush_now()
    return settings


@pytest.mark.parametrize("word", WORDS, ids=lambda word: ascii(word[:24]))
@pytest.mark.parametrize("made", [study, wander, hardening])
def test_words_of_models_make_no_element(made, word: str, tmp_path: Path, monkeypatch) -> None:
    known = domains.installed()
    monkeypatch.setattr(domains, "installed", lambda: {**known, "soil": Soil})
    pages = zip(made(tmp_path / "a", word or "empty"), made(tmp_path / "b", "harmless"), strict=True)
    for page, harmless in pages:
        seen, told = Skeleton(page), Skeleton(harmless)
        assert [tag for tag, _ in seen.elements] == [tag for tag, _ in told.elements]
        assert not FOREIGN & {tag for tag, _ in seen.elements}
        assert not [name for _, given in seen.elements for name, _ in given if name.startswith("on") or name == "href"]
        assert not seen.open
        assert seen.strays == told.strays
        assert not set(page) & set("\x00\x07\x1b\x85\u202e")
