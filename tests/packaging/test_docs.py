"""The pages tell the truth where a machine can check: examples run, settings parse, links lead somewhere."""

from __future__ import annotations

import re
import sys
import tomllib
from collections.abc import Iterator, Sequence
from pathlib import Path
from random import Random
from types import ModuleType
from typing import Any

import pytest

from wunderkammer import domains
from wunderkammer.core.contract import Candidate, Evaluates, Message, Role, Sampling
from wunderkammer.core.plan import presets, read_plan
from wunderkammer.core.settings import FILE_NAME, load

ROOT = Path(__file__).parents[2]
PAGES = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])
LINK = re.compile(r"\]\(([^)#\s]+)(?:#[^)]*)?\)")
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(page: str, language: str) -> list[str]:
    return [code for kind, code in BLOCK.findall((ROOT / page).read_text("utf-8")) if kind == language]


@pytest.mark.parametrize("page", PAGES, ids=lambda p: p.relative_to(ROOT).as_posix())
def test_links_lead_to_files(page: Path) -> None:
    targets = [t for t in LINK.findall(page.read_text("utf-8")) if not t.startswith(("http://", "https://"))]

    assert [t for t in targets if not (page.parent / t).exists()] == []


@pytest.mark.parametrize("page", ["README.md", "docs/models.md"])
def test_shown_settings_are_read(page: str, tmp_path: Path) -> None:
    (shown,) = blocks(page, "toml")
    (tmp_path / FILE_NAME).write_text(shown, "utf-8")

    told = load(start=tmp_path)

    assert told.role("target").server == "ours"
    assert told.role("mutator").server == "hosted"
    assert told.budget.calls == 20_000


def test_every_concept_has_a_page_that_the_readme_names() -> None:
    named = set(re.findall(r"\(docs/([a-z-]+\.md)\)", (ROOT / "README.md").read_text("utf-8")))

    assert {p.name for p in (ROOT / "docs").glob("*.md")} == named


def test_every_installed_domain_is_in_the_readme() -> None:
    shown = (ROOT / "README.md").read_text("utf-8")
    rows = {name for row in re.findall(r"^\| (`.+?) \|.*\| here \|$", shown, re.MULTILINE) for name in names(row)}

    assert rows == set(domains.installed())


def names(row: str) -> list[str]:
    return re.findall(r"`([a-z-]+)`", row)


def test_the_papers_are_ten() -> None:
    rows = re.findall(r"^\| \w+ et al\. \d{4}, .*", (ROOT / "docs" / "papers.md").read_text("utf-8"), re.MULTILINE)

    assert len(rows) == 10
    assert all(row.count(" | ") == 4 for row in rows)


class CountingLab:
    """As much of a lab as the example needs: a target that always gives the same answer."""

    def __init__(self, reply: str) -> None:
        self.rng = Random(7)
        self.reply = reply
        self.asked: list[tuple[Role, str]] = []

    async def complete(
        self, role: Role, messages: Sequence[Message], *, samples: int = 1, sampling: Sampling | None = None
    ) -> tuple[str, ...]:
        self.asked.append((role, messages[-1].content))
        return (self.reply,) * samples


@pytest.fixture
def example(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[ModuleType]:
    """The folder of docs/domain.md, put beside the others the way a reader would."""
    folder = tmp_path / "letters"
    (folder / "presets").mkdir(parents=True)
    (folder / "__init__.py").write_text(blocks("docs/domain.md", "python")[0], "utf-8")
    preset = blocks("docs/domain.md", "toml")[0]
    (folder / "presets" / "letter-counts.smoke.toml").write_text(preset, "utf-8")
    monkeypatch.setattr(domains, "__path__", [*domains.__path__, str(tmp_path)])
    assert "letter-counts" in domains.installed()
    name = f"{domains.__name__}.letters"
    yield sys.modules[name]
    del sys.modules[name]
    del domains.letters  # which importing it had set


async def test_the_example_lands_where_it_is_aimed(example: ModuleType) -> None:
    domain: Any = domains.find("letter-counts")(example.Options())
    parent = Candidate(domain="letter-counts", genome=next(domain.seeds(Random(1))))
    cells = [(word, occurs) for word in domain.axes["word"] for occurs in domain.axes["occurs"]]

    made = [await domain.vary([parent], cell, CountingLab("")) for cell in cells]

    assert isinstance(domain, Evaluates)
    assert [genome.cell for genome in made] == cells
    assert await domain.vary([], ("short", "never"), CountingLab("")) is None


@pytest.mark.parametrize(
    ("reply", "score"),
    [("3", 0.0), ("There are 3.", 0.0), ("2", 1.0), ("Between 2 and 3", 1.0), ("Many", 1.0)],
)
async def test_the_example_tells_right_from_wrong(example: ModuleType, reply: str, score: float) -> None:
    domain: Any = domains.find("letter-counts")(example.Options(samples=2))
    candidate = Candidate(domain="letter-counts", genome=example.Count(word="strawberry", letter="r"))
    lab = CountingLab(reply)

    (outcome,) = await domain.evaluate([candidate], lab)

    assert (outcome.score, outcome.cell) == (score, ("long", "more"))
    assert outcome.notes == {"response": reply, "right": "3"}
    assert lab.asked == [("target", 'How often does the letter "r" occur in "strawberry"? Answer with a number.')]


def test_the_example_s_preset_is_found_and_fits_it(example: ModuleType) -> None:
    plan = read_plan(presets("letter-counts", "letters")["smoke"])

    assert example.Options(**plan.options).samples == 1
    assert plan.seeds <= plan.steps * plan.batch


def test_the_example_s_entry_point_names_its_class(example: ModuleType) -> None:
    shown = tomllib.loads(blocks("docs/domain.md", "toml")[1])["project"]["entry-points"]["wunderkammer.domains"]

    assert shown == {example.LetterCounts.name: f"letters:{example.LetterCounts.__name__}"}
