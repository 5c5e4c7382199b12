"""Verdicts so far: found once a step, whoever asks; and many of them in one sentence."""

from __future__ import annotations

import pytest

from wunderkammer.apps import openended
from wunderkammer.apps.openended import Judged, in_one_sentence, so_far
from wunderkammer.core.events import Remembered
from wunderkammer.memory import runs
from wunderkammer.memory.ledger import address_of, opened
from wunderkammer.memory.openendedness.verdict import Trend, Verdict
from wunderkammer.memory.runs import find_run


def said(label: str, needed: int | None = None) -> Verdict:
    trends = [
        Trend(name=name, p=1.0, effect=0.0, low=0.0, high=0.0, nats=0.0, tau=0.0, rows=0.0, word="no")
        for name in ("novelty", "learnability")
    ]
    ends = {"observer": "deflate", "horizon": "the last 32 KiB", "start": 0, "end": 90, "needed": needed}
    return Verdict(label=label, novelty=trends[0], learnability=trends[1], **ends)


def one(subject: str, whole: str | None, lately: str | None = None, needed: int | None = None) -> Judged:
    verdicts = {"whole": None, "lately": None}
    if whole is not None:
        verdicts = {"whole": said(whole, needed), "lately": said(lately or whole)}
    return Judged(subject=subject, run=f"w-{subject}", **verdicts)


@pytest.mark.parametrize(
    ("judged", "words"),
    [
        ((), "Whether it was open-ended cannot be said: no search made as many as 16 artifacts."),
        ((one("a", None),), "Whether it was open-ended cannot be said: no search made as many as 16 artifacts."),
        (
            (one("a", "open-ended"), one("b", "novel only"), one("c", None)),
            "It was open-ended in a, and still was in the second half in a, for observer deflate; b was novel only.",
        ),
        (
            (one("a", "open-ended", "neither"), one("b", "open-ended", "undecided")),
            "It was open-ended in a and b, but not in its second half alone, for observer deflate.",
        ),
        (
            (one("a", "undecided", needed=96), one("b", "neither")),
            "Whether it was open-ended is undecided, for observer deflate; "
            "a was undecided (about 96 artifacts would tell); b was neither.",
        ),
        (
            (one("a", "learnable only"), one("b", "neither")),
            "It was not open-ended, for observer deflate; a was learnable only; b was neither.",
        ),
    ],
)
def test_many_verdicts_are_one_sentence(judged, words) -> None:
    assert in_one_sentence(judged) == words


def test_a_verdict_so_far_is_found_once_a_step(home, monkeypatch) -> None:
    looked = []
    watch = openended.watch
    monkeypatch.setattr(openended, "watch", lambda *given: looked.append(1) or watch(*given))
    with opened(address_of(home)) as ledger:
        run = find_run(ledger, "latest")
        first = so_far(ledger, run)
        assert so_far(ledger, run) is first
        assert len(looked) == 1
        more = Remembered(step=6, filled=1, cells=100, qd_score=1.0, accepted=0, seconds=1.0)
        runs.tell(ledger, run.id, more)
        ledger.flush_now()
        assert so_far(ledger, run) == first  # nothing was made
        assert len(looked) == 2
