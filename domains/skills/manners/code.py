"""The question inside a piece of program text."""

from __future__ import annotations

import re
from collections.abc import Sequence
from random import Random

from wunderkammer.domains.skills.lexicon import Language
from wunderkammer.domains.skills.manners.manner import Manner
from wunderkammer.domains.skills.problem import Problem

_FRAMES = (
    "# {q}\nprint(answer)",
    "# TODO: {q}\nanswer = ...",
    "def {f}():\n    # {q}\n    return answer",
    "def {f}():\n    '''{q}'''\n    return ...",
    "// {q}\nconsole.log(answer);",
    "/* {q} */\nint {f}(void) {{ return answer; }}",
    "-- {q}\nSELECT answer;",
    "'''\n{q}\n'''\nassert {f}() == ...",
    "$ cat question.txt\n{q}\n$ ./{f} question.txt",
    "class Quiz:\n    # {q}\n    def {f}(self):\n        return ...",
    ">>> # {q}\n>>> {f}()",
    "<!-- {q} -->\n<output id='answer'></output>",
)
_NAMES = ("solve", "answer", "compute", "get_answer", "main", "task", "quiz")
_TRACES = re.compile(
    r"def \w+\(|print\(|return\b.*[;.]|^\s*#\s|//|/\*|\bSELECT\b|assert |console\.log|"
    r"^\$ |>>>|<!--|class \w+:|^--\s|=\s*\.\.\.|\w\(\)",
    re.MULTILINE,
)


class Code(Manner):
    """In a comment of a program."""

    name = "code"
    about = "as a comment in a short Python snippet that should print the answer"

    def grammar(self, problem: Problem, rng: Random, languages: Sequence[Language]) -> str:
        core = rng.choice((*problem.phrasings("en"), *problem.terse()))
        return rng.choice(_FRAMES).format(q=core, f=rng.choice(_NAMES))

    def shows(self, text: str, problem: Problem) -> bool:
        return _TRACES.search(text) is not None
