"""The words that models are given: one Markdown file per prompt, `FOLDER/NAME.md`.

A file opens with YAML front matter (`role`, `variables`, `reply`) and has one `# system`, `# user` or `# assistant`
heading per turn. Each turn is a Jinja2 template, rendered in a sandbox after the turns were split, so that text from
a model can neither add a turn nor run code. A variable that is missing or not declared raises.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, cast

import yaml
from jinja2 import StrictUndefined, Template, meta
from jinja2.sandbox import ImmutableSandboxedEnvironment

from wunderkammer.core.contract import Message
from wunderkammer.core.errors import ConfigError

_TURN = re.compile(r"^# (system|user|assistant)[ \t]*$", re.MULTILINE)
_SANDBOX = ImmutableSandboxedEnvironment(
    undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True, autoescape=False
)  # autoescape off: the words go to a model, not into a page


@dataclass(frozen=True)
class Prompt:
    """A prompt file, read and checked."""

    name: str
    role: str
    variables: frozenset[str]
    reply: str
    turns: tuple[Turn, ...]

    def render(self, values: Mapping[str, object]) -> tuple[Message, ...]:
        """The messages to send. Values must be exactly the declared variables."""
        if values.keys() != self.variables:
            wrong = {"missing": self.variables - values.keys(), "not declared": values.keys() - self.variables}
            said = "; ".join(f"{why}: {', '.join(sorted(names))}" for why, names in wrong.items() if names)
            raise ConfigError(f"prompt {self.name}: {said}")
        return tuple(turn.said(values) for turn in self.turns)


@dataclass(frozen=True)
class Turn:
    """One turn of a prompt."""

    who: Literal["system", "user", "assistant"]
    words: Template
    fixed: Message | None
    """The message of a turn without variables, made once: most turns of a few-shot prompt are examples."""

    @classmethod
    def parse(cls, who: str, words: str) -> Turn:
        speaker, template = cast(Literal["system", "user", "assistant"], who), _SANDBOX.from_string(words)
        varies = bool(meta.find_undeclared_variables(_SANDBOX.parse(words)))
        return cls(speaker, template, None if varies else Message(role=speaker, content=template.render().strip()))

    def said(self, values: Mapping[str, object]) -> Message:
        """The turn as a message."""
        return self.fixed or Message(role=self.who, content=self.words.render(values).strip())


@cache
def load(name: str) -> Prompt:
    """The prompt `folder/name`; a `ConfigError` says what is wrong with the file."""
    if not re.fullmatch(r"[a-z0-9_-]+(/[a-z0-9_-]+)*", name):
        raise ConfigError(f"{name!r} is no name of a prompt")
    file = files(__name__).joinpath(*f"{name}.md".split("/"))
    if not file.is_file():
        raise ConfigError(f"no prompt {name}: prompts/{name}.md does not exist")
    return parse(name, file.read_text("utf-8"))


def parse(name: str, text: str) -> Prompt:
    """A prompt from the text of its file."""
    _, front, body = text.split("---\n", 2) if text.startswith("---\n") and text.count("---\n") > 1 else ("", "", "")
    head = yaml.safe_load(front) if front else None
    if not isinstance(head, dict) or not {"role", "variables"} <= head.keys():
        raise ConfigError(f"prompt {name}: it must open with front matter that names role and variables")
    parts = _TURN.split(body)
    if len(parts) < 3 or parts[0].strip():
        raise ConfigError(f"prompt {name}: write `# system` or `# user` on a line before the words")
    turns = tuple(Turn.parse(who, words.strip()) for who, words in zip(parts[1::2], parts[2::2], strict=True))
    variables = frozenset(head["variables"] or ())
    return Prompt(name, str(head["role"]), variables, str(head.get("reply", "text")), turns)
