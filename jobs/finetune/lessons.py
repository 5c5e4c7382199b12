"""Lessons as a trainer reads them: JSON lines, checked for doubles between what is learned and what is held out."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Literal

from pydantic import ValidationError

from wunderkammer.core.abilities import Lesson
from wunderkammer.jobs.desk import Unable


class Example(Lesson):
    """A lesson and where it comes from."""

    group: str
    """The archive it came from: the split into training and held-out never cuts through one."""
    kind: Literal["repair", "chat"] = "repair"
    """`repair`: something the target got wrong. `chat`: ordinary talk, so that it stays useful."""

    @property
    def prompt(self) -> str:
        """What was asked: the words of the users' turns. A system turn is the setting, not the question."""
        return "\n".join(message.content for message in self.messages if message.role == "user")


def read(file: Path, name: str) -> list[Example]:
    """All examples of a JSONL file; `Unable` names the first line that is none, or the file that has none."""
    examples = list(_lines(file, name))
    if not examples:
        raise Unable(f"the data set {name!r} is empty: there is nothing to learn from; widen the archive or the split")
    return examples


def _lines(file: Path, name: str) -> Iterator[Example]:
    with file.open(encoding="utf-8") as lines:
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            try:
                example = Example.model_validate_json(line)
            except ValidationError as fault:
                first = fault.errors()[0]
                where = ".".join(str(part) for part in first["loc"]) or "the line"
                raise Unable(f"{name} line {number}: {where}: {first['msg']}") from None
            if not example.messages or example.messages[-1].role != "user":
                raise Unable(f"{name} line {number}: the conversation must end with the user's turn")
            yield example


def check_apart(train: Sequence[Example], held_out: Sequence[Example]) -> None:
    """`Unable` with the first held-out example that is also learned from: the same candidate, or the same question."""
    sources = {example.source for example in train}
    prompts = {normalised(example.prompt): example.source for example in train}
    for example in held_out:
        if example.source in sources:
            raise Unable(f"held-out example {example.source} is also in the training data; split by archive again")
        twin = prompts.get(normalised(example.prompt))
        if twin is not None:
            raise Unable(
                f"held-out example {example.source} asks the same as {twin} in the training data: "
                f"{example.prompt[:60]!r}; remove one of them"
            )


def check_pairs(examples: Iterable[Example], name: str) -> None:
    """What DPO needs: a rejected answer beside every chosen one, and another than that."""
    for number, example in enumerate(examples, 1):
        if not example.rejected:
            raise Unable(f"{name} example {number} ({example.source}) has no rejected answer, which dpo needs; use sft")
        if example.rejected == example.chosen:
            raise Unable(f"{name} example {number} ({example.source}): chosen and rejected are the same answer")


def normalised(text: str) -> str:
    """What is left of a text when case, accents' encoding, punctuation and spacing are not looked at."""
    return " ".join(re.findall(r"\w+", unicodedata.normalize("NFKC", text).casefold()))
