"""Holds words against figures: a number that a finding does not contain has no place in a comment on it."""

from __future__ import annotations

import re

from wunderkammer.core.records import Finding

_NUMBER = re.compile(r"(?<![\w.])[-+−]?\d[\d,]*(?:\.\d+)?(?:e[-+]?\d+)?(?P<percent>\s?%|\s?percent)?", re.IGNORECASE)
_QUANTITY = re.compile(
    r"\b(?:twice|thrice|doubl(?:e|es|ed|ing)|tripl(?:e|es|ed|ing)|halv(?:e|es|ed|ing)|dozens?|hundreds?|thousands?"
    r"|millions?|\w+fold|half|two-thirds|one-third|a third|a quarter|three-quarters)\b",
    re.IGNORECASE,
)


def unfounded(comment: str, finding: Finding) -> list[str]:
    """The numbers in a comment that are not among the finding's figures, and words that stand for such numbers.

    A number may be rounded, and may be written as a share or as a percentage of it. Digits inside names of settings or
    candidates (`planted=80`) count as figures, since they are part of what was asked.
    """
    allowed = list(finding.statistics.values())
    named = f"{finding.claim} {finding.threshold} {finding.refuted_by} {finding.missing}"
    allowed += [value for value, _, _ in _numbers(named)]
    found = [said for value, digits, said in _numbers(comment) if not _among(value, digits, allowed)]
    return found + _QUANTITY.findall(comment)


def _numbers(text: str) -> list[tuple[float, int, str]]:
    """Value, decimal places and wording of each number; a percentage becomes a share."""
    found = []
    for match in _NUMBER.finditer(text):
        said = match[0]
        digits = said[: match.start("percent") - match.start()] if match["percent"] else said
        plain = digits.replace(",", "").replace("−", "-").rstrip()
        mantissa, _, exponent = plain.lower().partition("e")
        places = len(mantissa.partition(".")[2]) - int(exponent or 0)
        value = float(plain)
        found.append((value / 100, places + 2, said.strip()) if match["percent"] else (value, places, said.strip()))
    return found


def _among(value: float, places: int, allowed: list[float]) -> bool:
    """Whether some figure, rounded as the number is, is that number; its sign may be in the words around it."""
    half = 0.5 * 10.0**-places + 1e-9
    return any(abs(abs(value) - abs(one)) <= half for one in allowed)
