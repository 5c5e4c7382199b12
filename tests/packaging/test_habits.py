"""The commands that a newcomer is told of exist, and the tools that call into the house find it."""

from __future__ import annotations

import ast
import json
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")


def test_make_alone_lists_what_there_is() -> None:
    done = subprocess.run(["make", "--no-print-directory"], cwd=ROOT, capture_output=True, text=True, check=True)

    listed = set(re.findall(r"^  make (\w+)  ", done.stdout, re.MULTILINE))
    assert listed == set(re.search(r"^\.PHONY: (.*)$", MAKEFILE, re.MULTILINE)[1].split())
    assert {"help", "setup", "demo", "check", "test", "bench", "wheel", "lock"} <= listed


def test_ci_does_what_the_readme_says() -> None:
    script = (ROOT / ".ci" / "run").read_text("utf-8")
    commands = re.findall(r"^make \w+.*$", script, re.MULTILINE)

    assert commands[-1] == "make test"
    assert "make check" in commands
    assert "make test" in (ROOT / "README.md").read_text("utf-8")
    assert "set -euo pipefail" in script


def test_hooks_call_what_setup_installs() -> None:
    (repository,) = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text("utf-8"))["repos"]

    assert repository["repo"] == "local"
    assert all(h["language"] == "system" and h["entry"].startswith(".venv/bin/") for h in repository["hooks"])


def test_langgraph_is_told_where_the_graphs_are() -> None:
    told = json.loads((ROOT / "langgraph.json").read_text("utf-8"))

    assert told["graphs"].keys() == {"chat", "harden", "search"}
    for place in told["graphs"].values():
        file, _, name = place.partition(":")
        tree = ast.parse((ROOT / file).read_text("utf-8"))
        assert name in {node.name for node in tree.body if isinstance(node, ast.FunctionDef)}


@pytest.fixture(scope="module")
def known() -> set[str]:
    """The commands that `wunder --help` names."""
    start = "import sys; sys.argv[0] = 'wunder'; from wunderkammer.apps.cli import main; main()"
    done = subprocess.run([sys.executable, "-c", start, "--help"], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(re.findall(r"^\W*([a-z]+)\s{2,}", done.stdout, re.MULTILINE))


@pytest.mark.parametrize("page", ["README.md", *(f"docs/{p.name}" for p in sorted((ROOT / "docs").glob("*.md")))])
def test_pages_name_commands_that_exist(page: str, known: set[str]) -> None:
    text = (ROOT / page).read_text("utf-8")
    told = set(re.findall(r"(?:`|^|run --rm app )wunder ([a-z]+)", text, re.MULTILINE))

    assert told - known == set()
