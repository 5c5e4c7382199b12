"""`maze-levels`: what mazes are worth, how they are varied and shown."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import jax
import numpy as np
import pytest

from stage.draughts import DrawingLab
from wunderkammer.core.abilities import Explains, Rates, Views
from wunderkammer.core.contract import Candidate, Entry, Evaluates
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired import adversary, extra
from wunderkammer.domains.paired.kept import keep
from wunderkammer.domains.paired.maze_layout import MazeLayout, MazeOptions, cell_of
from wunderkammer.domains.paired.maze_levels import MazeSearch
from wunderkammer.domains.paired.methods.design import building_of, network_of
from wunderkammer.domains.paired.settings import TrainingSettings
from wunderkammer.worlds.maze.trail import complexity

SMALL = MazeOptions(size=5, walls=8, horizon=30, episodes=4, forms=("edits",))
DOMAIN = MazeSearch(SMALL)
OPEN = MazeLayout(map=">....\n.....\n.....\n.....\n....G")
SHUT = MazeLayout(map=">#...\n##...\n.....\n.....\n....G")


@pytest.fixture
def lab(tmp_path: Path) -> DrawingLab:
    return DrawingLab(tmp_path)


def candidate(genome: MazeLayout) -> Candidate[MazeLayout]:
    return Candidate(domain="maze-levels", genome=genome)


def test_it_evaluates_explains_rates_and_shows() -> None:
    for part in (Evaluates, Explains, Rates, Views):
        assert isinstance(DOMAIN, part)


def test_a_map_is_kept_in_its_canonical_form() -> None:
    assert MazeLayout(map="\nA.#  \n..G\n").map == ">.#\n..G"
    with pytest.raises(ValueError, match="row 1, column 2 of the map is 'x'"):
        MazeLayout(map=">xG")


def test_seeds_are_mazes_of_the_size_asked_for() -> None:
    seeds = list(islice(DOMAIN.seeds(Random(3)), 12))
    assert {(one.plan.height, one.plan.width) for one in seeds} == {(5, 5)}
    assert all(complexity(seeds[at].plan).path for at in (3, 7, 11))  # perfect ones


async def test_outcomes_measure_the_student_against_the_shortest_way(lab: DrawingLab) -> None:
    solvable, shut = await DOMAIN.evaluate([candidate(OPEN), candidate(SHUT)], lab)
    assert solvable.cell == ("0%-10%", "5-8")
    assert solvable.measures["path"] == 8
    assert solvable.measures["actions"] == 9  # eight cells and one turn
    assert solvable.measures["best"] == pytest.approx(1 - 0.9 * 9 / 30)
    assert solvable.measures["regret"] == pytest.approx(
        solvable.measures["best"] - solvable.measures["returned"], abs=1e-5
    )
    assert solvable.measures["solved"] in (0, 0.25, 0.5, 0.75, 1)
    assert solvable.score == solvable.measures["learnability"]
    assert (shut.score, shut.cell, shut.artifacts) == (None, None, ())
    assert "no way" in shut.notes["episode"]


async def test_what_a_maze_is_worth_does_not_hang_on_its_company(lab: DrawingLab) -> None:
    some = [candidate(one) for one in islice(DOMAIN.seeds(Random(5)), 6)]
    together = await DOMAIN.evaluate(some, lab)
    alone = [(await DOMAIN.evaluate([one], lab))[0] for one in some]
    assert list(together) == alone


async def test_an_episode_is_kept_and_shown_as_a_moving_picture(lab: DrawingLab) -> None:
    (outcome,) = await DOMAIN.evaluate([candidate(OPEN)], lab)
    shown = DOMAIN.rollout(Entry(candidate=candidate(OPEN), outcome=outcome), lab.files)
    assert shown is not None
    assert shown.media == "image/gif"
    assert shown.data.startswith(b"GIF89a")
    assert shown.caption
    (without,) = await DOMAIN.evaluate([candidate(SHUT)], lab)
    assert DOMAIN.rollout(Entry(candidate=candidate(SHUT), outcome=without), lab.files) is None


def test_a_picture_says_how_far_it_is() -> None:
    shown = DOMAIN.picture(OPEN)
    assert shown.media == "image/svg+xml"
    assert b"<polyline" in shown.data
    assert "8 steps" in shown.caption
    assert "without a way" in DOMAIN.picture(SHUT).caption


@pytest.mark.parametrize("aim", [("50%+", "1-4"), ("0%-10%", "5-8"), ("30%-40%", "9-12")])
async def test_edits_go_towards_the_aim(lab: DrawingLab, aim: tuple[str, str]) -> None:
    children = [await DOMAIN.vary([candidate(OPEN)], aim, lab) for _ in range(20)]
    densities = [complexity(child.plan).density for child in children if child]
    low, high = {"50%+": (0.3, 1), "0%-10%": (0, 0.3), "30%-40%": (0.2, 0.5)}[aim[0]]
    assert all(low <= density <= high for density in densities)
    assert len({child.map for child in children if child}) > 10
    assert {child.by for child in children if child} == {"edits"}


async def test_without_parents_something_is_made_of_nothing(lab: DrawingLab) -> None:
    child = await DOMAIN.vary([], None, lab)
    assert child is not None
    assert (child.plan.height, child.plan.width) == (5, 5)


async def test_a_model_draws_what_it_is_asked_for(tmp_path: Path) -> None:
    domain = MazeSearch(SMALL.model_copy(update={"forms": ("model",)}))
    lab = DrawingLab(tmp_path, arm="model", reply="Sure:\n```\n>....\n####.\n.....\n.####\n....G\n```")
    child = await domain.vary([candidate(OPEN)], ("30%-40%", "13-17"), lab)
    assert child == MazeLayout(map=">....\n####.\n.....\n.####\n....G", by="model")
    ((role, prompt, values),) = lab.asked
    assert (role, prompt) == ("mutator", "mazes/edit")
    assert values["map"] == OPEN.map
    assert "13-17 steps" in values["wanted"]
    lab.reply = "I cannot draw."
    assert await domain.vary([candidate(OPEN)], None, lab) is None


async def test_a_maze_of_another_size_is_refused_with_what_to_do(lab: DrawingLab) -> None:
    with pytest.raises(ConfigError, match="3 x 3 in a run of 5 x 5; run it with -o size=3"):
        await DOMAIN.evaluate([candidate(MazeLayout(map=">..\n...\n..G"))], lab)


async def test_without_jax_it_says_what_to_install(lab: DrawingLab, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError("No module named 'jax'", name="jax")

    monkeypatch.setattr(extra, "import_module", missing)
    with pytest.raises(ConfigError, match=r'pip install "wunderkammer\[worlds\]"'):
        await MazeSearch(SMALL).evaluate([candidate(OPEN)], lab)


async def test_the_report_says_who_proposed_what(lab: DrawingLab) -> None:
    some = [candidate(OPEN), candidate(SHUT)]
    outcomes = await DOMAIN.evaluate(some, lab)
    (part,) = DOMAIN.sections(Entry(candidate=c, outcome=o) for c, o in zip(some, outcomes, strict=True))
    (row,) = part.rows
    assert row[:5] == ("seed", 2, 1, 0, 1)
    assert len(row) == len(part.columns)


def test_a_learned_adversary_must_be_given() -> None:
    with pytest.raises(ValueError, match="say teacher=FILE"):
        MazeOptions(forms=("teacher",))


@pytest.fixture(scope="module")
def teacher(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What a training left that had taught nothing yet."""
    settings = TrainingSettings(method="paired", size=5, walls=4, built=4)
    building, network = building_of(settings), network_of(settings)
    sketch = building.observe(building.reset_to_level(jax.random.key(0), building.ground())[0])
    shapes = jax.eval_shape(lambda: network.init(jax.random.key(0), sketch))
    file = tmp_path_factory.mktemp("taught") / adversary.FILE
    keep(settings, jax.tree.map(lambda leaf: np.zeros(leaf.shape, np.float32), shapes), file)
    return file


async def test_a_learned_adversary_changes_mazes_of_its_size(teacher: Path, tmp_path: Path) -> None:
    options = {"forms": ("teacher",), "teacher": str(teacher)}
    lab = DrawingLab(tmp_path, arm="teacher")
    child = await MazeSearch(SMALL.model_copy(update=options)).vary([candidate(OPEN)], None, lab)
    assert child is not None
    assert child.by == "teacher"
    assert (child.plan.agent, child.plan.goal) == (OPEN.plan.agent, OPEN.plan.goal)
    larger = MazeSearch(SMALL.model_copy(update={**options, "size": 3, "walls": 3}))
    with pytest.raises(ConfigError, match="builds mazes of 5 x 5, and this one is of 3 x 3"):
        await larger.vary([candidate(MazeLayout(map=">..\n...\n..G"))], None, lab)


def test_cells_cover_every_solvable_maze() -> None:
    for density in (0.0, 0.0999, 0.1, 0.55, 0.9):
        for path in (1, 4, 5, 49, 50, 4000):
            cell = cell_of(complexity(OPEN.plan)._replace(density=density, path=path))
            assert cell is not None
            assert all(value in values for value, values in zip(cell, DOMAIN.axes.values(), strict=True))
