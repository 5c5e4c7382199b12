"""Every command explains itself with an example, quickly, and refuses what it does not know."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import pytest
from typer.main import get_command

from wunderkammer.apps.cli.app import app
from wunderkammer.apps.cli.listing import PURPOSES


def commands(node, path=()) -> Iterator[tuple[tuple[str, ...], object]]:
    """Every command with its path; of groups, those that do something when called alone."""
    children = getattr(node, "commands", {})
    if path and (not children or node.invoke_without_command):
        yield path, node
    for name, child in children.items():
        yield from commands(child, (*path, name))


EVERY = list(commands(get_command(app)))


@pytest.mark.parametrize(("path", "command"), EVERY, ids=[" ".join(path) for path, _ in EVERY])
def test_help_has_an_example_and_words_for_every_option(path, command) -> None:
    if path not in (("resume",), ("fork",)):  # a run is all that they take
        assert f"wunder {' '.join(path)}" in command.help
    assert [p.name for p in command.params if not getattr(p, "help", None)] == []


def test_help_is_shown_and_unknown_words_are_refused(wunder) -> None:
    assert "Usage" in wunder("archive", "show", "--help").out
    assert wunder("no-such-command").code == 2
    assert wunder("runs", "--no-such-option").code == 2
    assert wunder("replay").code == 2


def test_asking_for_help_loads_nothing_heavy() -> None:
    heavy = ["chromadb", "langgraph", "matplotlib", "openai", "numpy", "sqlalchemy", "jinja2", "scipy", "aiohttp"]
    code = f"import sys, wunderkammer.apps.cli; print([name for name in {heavy} if name in sys.modules])"

    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_every_command_is_listed_once_under_what_it_is_for() -> None:
    told = [name for names in PURPOSES.values() for name in names]

    assert sorted(told) == sorted(get_command(app).commands)


def test_a_list_of_commands_cuts_no_sentence(wunder) -> None:
    said = wunder("--help").out

    assert "...\n" not in said.partition("[ARGS]...")[2]
    assert [heading for heading in PURPOSES if f"{heading}:\n" not in said] == []
    assert "...\n" not in wunder("genie", "--help").out.partition("[ARGS]...")[2]
