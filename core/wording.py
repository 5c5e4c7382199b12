"""Words as they come from a model, made fit to be stored, or to be a prompt of their own."""

from __future__ import annotations

import re

from wunderkammer.core.errors import BadReply

LONGEST = 4000
"""Characters of a prompt; a longer one is a model that ran away."""

_UNPRINTABLE = re.compile(r"[\x00-\x08\x0b-\x1f\x7f\ud800-\udfff]")
_FENCE = re.compile(r"```[\w-]*[ \t]*\n(?P<inside>.*?)\n?```", re.DOTALL)
_LABEL = re.compile(
    r"(?:the\s+)?(?:(?:new|rewritten|revised|modified|mutated|final|test|adversarial|user|output)\s+)*"
    r"(?:prompt|question|text|version|rewrite|output|answer|reply|result)\s*:\s*",
    re.IGNORECASE,
)
_COURTESY = re.compile(
    r"(?:sure|certainly|of course|okay|ok|here(?:'s|’s| is| are))\b[^\n:]{0,80}"
    r"\b(?:prompt|question|version|rewrite|text|one)s?\b[^\n:]{0,60}:\s*",
    re.IGNORECASE,
)
_AFTERWORD = re.compile(
    r"\n[ \t]*\(?(?:note|explanation|rationale|reasoning|comment)s?\s*:.*\Z", re.IGNORECASE | re.DOTALL
)
_QUOTES = (('"', '"'), ("'", "'"), ("“", "”"), ("‘", "’"), ("«", "»"), ("`", "`"), ("**", "**"))


def legible(text: str) -> str:
    """The text with LF line ends and without control characters and lone surrogates, which no ledger can store."""
    return _UNPRINTABLE.sub("", text.replace("\r\n", "\n").replace("\r", "\n"))


def storable(text: str) -> str:
    """The text as every database takes it, all else kept: no NUL, no lone surrogate."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode("utf-8")


def clean(reply: str) -> str:
    """The prompt inside a mutator's reply.

    The rule, repeated until nothing changes: a code fence around all of it, a courtesy that announces a prompt
    ("Sure, here is the rewritten prompt:"), a label ("Rewritten prompt:"), an afterword ("Note: …") and one pair of
    quotes around all of it are taken off. Nothing inside the prompt is touched.

    Raises:
        BadReply: nothing is left, or more than `LONGEST` characters.
    """
    text, before = legible(reply).strip(), None
    if len(text) > 2 * LONGEST:  # before any pattern walks over it
        raise BadReply(f"the mutator's reply has {len(text)} characters, more than {LONGEST}")
    while text != before:
        before = text
        text = _peel(text).strip()
    if not text:
        raise BadReply("the mutator's reply holds no prompt")
    if len(text) > LONGEST:
        raise BadReply(f"the mutator's reply has {len(text)} characters, more than {LONGEST}")
    return text


def _peel(text: str) -> str:
    """One layer less, of each kind."""
    fenced = _FENCE.fullmatch(text)
    if fenced:
        text = fenced["inside"].strip()
    for layer in (_COURTESY, _LABEL):
        found = layer.match(text)
        if found:
            text = text[found.end() :]
    text = _AFTERWORD.sub("", text).strip()
    for left, right in _QUOTES:
        inside = text[len(left) : len(text) - len(right)]
        whole = len(text) >= len(left) + len(right) and text.startswith(left) and text.endswith(right)
        if whole and left not in inside and right not in inside:
            return inside
    return text
