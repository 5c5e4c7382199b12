"""What a model still can do once it was tuned: perplexity on ordinary text, and plain facts.

Arguments: `passages` (how many), `tokens` (of each, at most), `questions` (how many; 0: all). After: a weights job, and
any number of training jobs on it. Artifacts: `passages.jsonl` and `questions.jsonl`, with a figure for each model.
"""

from __future__ import annotations

import json
import math
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from wunderkammer.core.ids import rng_for
from wunderkammer.jobs.desk import Desk
from wunderkammer.jobs.finetune import passages, resampling
from wunderkammer.jobs.finetune.encoding import Encoded
from wunderkammer.jobs.finetune.faults import named
from wunderkammer.jobs.finetune.kept import once
from wunderkammer.jobs.finetune.questions import QUESTIONS, Question
from wunderkammer.jobs.finetune.upstream import Base, Tuned, base_of, tuned

BASE = "base"
"""The name of the untuned model among the figures; adapters go by the ids of their jobs."""


@dataclass(frozen=True)
class Found:
    """What one model made of it all."""

    losses: list[float]
    """Summed negative log-likelihood of each passage."""
    right: list[bool]
    """Whether it found the right ending likeliest, by question."""


@dataclass(frozen=True)
class Exam:
    """What every model is asked."""

    texts: Sequence[str]
    passages: Sequence[Encoded]
    questions: Sequence[Question]
    endings: Sequence[Encoded]
    """Four to a question, in its order."""

    @classmethod
    def of(cls, desk: Desk, tokenizer: Any) -> Exam:
        count, tokens, asked = (int(desk.args[name]) for name in ("passages", "tokens", "questions"))
        texts = passages.choose(passages.paragraphs(), count, rng_for("passages", desk.seed))
        questions = QUESTIONS[: asked or None]
        whole = [_ids(tokenizer, text)[:tokens] for text in texts]
        return cls(
            texts,
            [Encoded(ids, 1) for ids in whole],  # the first token is given: there is nothing before it
            questions,
            [ended(tokenizer, question.beginning, ending) for question in questions for ending in question.endings],
        )

    @property
    def tokens(self) -> list[int]:
        return [passage.learned for passage in self.passages]


def main(desk: Desk) -> dict[str, object]:
    """Ask the base, then each adapter on it."""
    base = base_of(desk)
    adapters = tuned(desk, base)
    with named("passages and tokens"):
        exam, found = _ask(desk, base, adapters)
    plain = found.pop(BASE)
    _write(desk.out, exam, {BASE: plain, **found})
    return {
        "base": base.hash,
        "passages": {
            "count": len(exam.texts),
            "tokens": sum(exam.tokens),
            "hash": passages.digest(exam.texts),
            "python": platform.python_version(),
        },
        "questions": len(exam.questions),
        "before": _figures(exam, plain, desk.seed),
        "after": {
            adapter.job: {
                "adapter": adapter.said["adapter"],
                **_figures(exam, found[adapter.job], desk.seed),
                **_changes(exam, plain, found[adapter.job], desk.seed),
            }
            for adapter in adapters
        },
    }


def _ask(desk: Desk, base: Base, adapters: Sequence[Tuned]) -> tuple[Exam, dict[str, Found]]:
    from wunderkammer.jobs.finetune import loading

    place = loading.device()
    tokenizer = loading.load_tokenizer(base.model)
    exam = Exam.of(desk, tokenizer)
    model = loading.load_model(base, loading.precision("auto", place), place)
    names = [BASE, *(adapter.job for adapter in adapters)]
    found: dict[str, Found] = {}
    for at, (name, asked) in enumerate(zip(names, _models(model, adapters), strict=True)):
        desk.tell(at, len(names), f"asking {name}")
        found[name] = Found(**once(desk, f"found-{name}", partial(_answers, asked, exam, tokenizer)))
    return exam, found


def _models(model: Any, adapters: Sequence[Tuned]) -> Iterator[Any]:
    """The base, then the base with each adapter in turn."""
    from wunderkammer.jobs.finetune import loading

    yield model
    for adapter in adapters:
        adapted = loading.adapted(model, adapter.adapter, trainable=False)
        yield adapted
        model = adapted.unload()


def _answers(model: Any, exam: Exam, tokenizer: Any) -> dict[str, list[Any]]:
    from wunderkammer.jobs.finetune.likelihood import answer_losses

    losses = answer_losses(model, exam.passages, tokenizer.pad_token_id)
    endings = answer_losses(model, exam.endings, tokenizer.pad_token_id)
    return {
        "losses": losses,
        "right": [right(question, endings[4 * at : 4 * at + 4]) for at, question in enumerate(exam.questions)],
    }


def right(question: Question, losses: Sequence[float]) -> bool:
    """Whether the right ending is the likeliest, by character: endings differ in length."""
    by_character = [loss / len(ending) for loss, ending in zip(losses, question.endings, strict=True)]
    return by_character[0] < min(by_character[1:])


def _figures(exam: Exam, found: Found, seed: int) -> dict[str, object]:
    return {
        "perplexity": round(math.exp(sum(found.losses) / sum(exam.tokens)), 4),
        "accuracy": resampling.mean(found.right, seed).said(),
    }


def _changes(exam: Exam, before: Found, after: Found, seed: int) -> dict[str, object]:
    """Of an adapter against the base, question by question and passage by passage."""
    change = [int(b) - int(a) for a, b in zip(before.right, after.right, strict=True)]
    return {
        "perplexity_ratio": resampling.perplexity_ratio(before.losses, after.losses, exam.tokens, seed).said(),
        "accuracy_change": resampling.mean(change, seed).said(),
    }


def _write(out: Path, exam: Exam, found: Mapping[str, Found]) -> None:
    with (out / "passages.jsonl").open("w", encoding="utf-8") as lines:
        for at, text in enumerate(exam.texts):
            losses = {name: one.losses[at] for name, one in found.items()}
            lines.write(json.dumps({"text": text, "tokens": exam.tokens[at], "losses": losses}) + "\n")
    with (out / "questions.jsonl").open("w", encoding="utf-8") as lines:
        for at, question in enumerate(exam.questions):
            answers = {name: one.right[at] for name, one in found.items()}
            lines.write(json.dumps({"question": question.beginning, "right": answers}) + "\n")


def _ids(tokenizer: Any, text: str) -> tuple[int, ...]:
    return tuple(tokenizer(text, add_special_tokens=False)["input_ids"])


def ended(tokenizer: Any, beginning: str, ending: str) -> Encoded:
    """A sentence of which the ending counts. The blank belongs to the ending, as most tokenizers have it."""
    start = len(_ids(tokenizer, beginning))
    return Encoded(_ids(tokenizer, f"{beginning} {ending}"), start)
