"""A model that plays the guide: it follows a plan of steps for each thing that a user may say, by whichever way."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from random import Random

from wunderkammer.agents.guide.examination import TASKS
from wunderkammer.agents.guide.tool import SAY
from wunderkammer.models.rehearsal import Said
from wunderkammer.models.rehearsal.ask import Ask

Step = str | tuple[str, object]
"""Words, or a tool with its arguments; arguments that are a text stand in the reply as they are."""

EXAMINED: dict[str, Sequence[Step]] = {
    words: ["Good morning!"] if wanted == SAY else [(wanted, {})] for words, wanted in TASKS
}
_RESULT = re.compile(r"^(?:Result of |This was not done|This failed|The user said no)", re.MULTILINE)


@dataclass(frozen=True)
class Guided:
    """plan: what the user says, and the model's replies to it in turn, one after each result."""

    plan: Mapping[str, Sequence[Step]] = field(default_factory=dict)
    passes: bool = True
    """Whether it passes the guide's examination."""

    def __call__(self, ask: Ask, rng: Random) -> Said | None:
        plan = {**(EXAMINED if self.passes else {}), **self.plan}
        heard = ask.words
        at, key = max(((heard.rfind(words), words) for words in plan), default=(-1, ""))
        if at < 0:
            return None if ask.must_call else self._said(ask, "I am at a loss.")
        done = len(_RESULT.findall(heard[at:]))
        steps = plan[key]
        return self._said(ask, steps[min(done, len(steps) - 1)])

    @staticmethod
    def _said(ask: Ask, step: Step) -> Said:
        native = bool(ask.tools)
        if isinstance(step, str):
            return Said(step if native else json.dumps({"tool": SAY, "words": step}))
        name, arguments = step
        if native:
            return Said("", calls=((name, arguments if isinstance(arguments, str) else json.dumps(arguments)),))
        return Said(json.dumps({"tool": name, "arguments": arguments}))
