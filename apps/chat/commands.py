"""The commands that need no model, and which of them come nearest to some words."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import SequenceMatcher


@dataclass(frozen=True)
class Command:
    """One slash command.

    fields: what its words fill, in order; one that ends with `*` takes all that are left. Any field can also be
    written NAME=VALUE.
    """

    name: str
    tool: str
    fields: tuple[str, ...]
    usage: str
    says: str
    keywords: str = ""
    """Further words that people use for it."""
    free: bool = False
    """Whether it is understood without the slash, too: only where its words cannot be the beginning of a sentence."""

    @property
    def written(self) -> str:
        """How it is written."""
        return f"/{self.name} {self.usage}".strip()


COMMANDS = (
    Command("domains", "list_domains", (), "", "what there is to explore", "topics list explore available", True),
    Command("domain", "describe_domain", ("domain",), "NAME", "axes and options of a domain", "describe about", True),
    Command("runs", "list_runs", ("status",), "[STATUS]", "runs, studies, hardenings", "list experiments going", True),
    Command("show", "show_run", ("run",), "[RUN]", "how a run stands", "status progress state how far", True),
    Command("watch", "watch_run", ("run",), "[RUN]", "follow a run; Ctrl-C ends the looking", "events live log", True),
    Command("compare", "compare_runs", ("runs*",), "RUN RUN …", "runs side by side", "versus difference better", True),
    Command("run", "start_run", ("domain", "preset"), "DOMAIN [PRESET] [steps=5 …]", "begin a search",
            "start launch begin search attack red team", True),
    Command("explore", "start_everything", ("only*",), "[everything | DOMAIN …] minutes=… [calls=… without=…]",
            "begin an autonomous run of all domains, or some", "autonomous all by itself alone", True),
    Command("resume", "resume_run", ("run",), "[RUN] [minutes=…]", "go on with what rests", "continue again", True),
    Command("pause", "pause_run", ("run",), "[RUN]", "let a run come to rest", "rest wait hold", True),
    Command("stop", "stop_run", ("run",), "RUN", "end a run after the step in hand", "end kill abort cancel", True),
    Command("steer", "steer_run", ("message*",), "WORDS [run=…]", "focus …, avoid …, forget, or advice",
            "focus avoid aim concentrate direct"),
    Command("archive", "query_archive", ("where*",), "[AXIS=VALUE …] [text=…] [min_fitness=…] [run=…]",
            "elites of a run by filter", "elites best strongest cells attacks prompts map", True),
    Command("find", "find_texts", ("text*",), "WORDS", "stored texts nearest in meaning", "search similar like about"),
    Command("explain", "explain_candidate", ("candidate",), "CANDIDATE", "lineage, evidence and votes of a candidate",
            "why lineage ancestors parents votes where from", True),
    Command("study", "run_study", ("domain", "preset"), "DOMAIN [PRESET] [minutes=…]", "begin a study",
            "hypothesis experiment test", True),
    Command("harden", "harden_model", ("runs*",), "RUN … [preset=…] [method=…]", "repair a model against its attacks",
            "fine-tune train fix repair defend", True),
    Command("findings", "list_findings", ("run",), "[RUN]", "what the scientist found", "learned results claims", True),
    Command("finding", "show_finding", ("finding",), "FINDING", "one finding with its evidence", "claim proof", True),
    Command("jobs", "list_jobs", ("status",), "[STATUS]", "training and measurement jobs", "gpu queue training", True),
    Command("plot", "draw_plot", ("figure", "runs*"), "[coverage|qd_score|accepted|calls|tokens|archive] [RUN …]",
            "draw a figure into a file", "picture chart graph draw curve diagram", True),
    Command("spend", "spend_report", ("run",), "[RUN]", "calls, tokens and money", "cost money budget price", True),
)  # fmt: skip
DULL = frozenset(
    re.findall(
        r"\w+",
        """a an and are as at be by can do for from go have how i in is it its me my of on one or our please so that the
        their them there they this to us was we what when which who will with you your""",
    )
)
"""Words that say nothing of what is wanted."""
BY_NAME = {command.name: command for command in COMMANDS}
ALIASES = {"start": "run", "spent": "spend", "cost": "spend", "list": "runs", "continue": "resume"}


def nearest(words: str, most: int = 3) -> list[Command]:
    """The commands that share most with some words: by stems, spelling forgiven; none where nothing is shared."""
    said = _stems(words)
    scores = [(_score(said, command), -place, command) for place, command in enumerate(COMMANDS)]
    return [command for score, _, command in sorted(scores, key=lambda one: one[:2], reverse=True) if score > 0][:most]


def _score(said: list[str], command: Command) -> float:
    names = _stems(command.name)
    others = _stems(f"{command.says} {command.keywords} {command.tool.replace('_', ' ')}")
    return sum(3 * _likest(word, names) + _likest(word, others) for word in said)


def _likest(word: str, others: list[str]) -> float:
    best = max((SequenceMatcher(None, word, other).ratio() for other in others), default=0.0)
    return best if best >= 0.8 else 0.0


def _stems(words: str) -> list[str]:
    found = re.findall(r"[a-z]+", words.lower())
    return [re.sub(r"(?:ings?|ies|es|s|ed)$", "", word) or word for word in found if word not in DULL and len(word) > 1]
