"""`genie-worlds`: frames are changed, sorted by look, and worth what the world makes of them."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import numpy as np
import pytest

from wunderkammer.core.abilities import Explains, Quartered, Quarters, Redraws, Views
from wunderkammer.core.contract import Candidate, Entry, Evaluates
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import bytes_id
from wunderkammer.domains.genie import prompts, worlds_edits
from wunderkammer.domains.genie.worlds import GenieWorlds
from wunderkammer.domains.genie.worlds_booth import Take, clip
from wunderkammer.domains.genie.worlds_edits import Edit
from wunderkammer.domains.genie.worlds_looks import Looks
from wunderkammer.domains.genie.worlds_prompt import Prompt, WorldsOptions, bin_of, described, packed, png

SMALL = WorldsOptions(frames=16, clusters=4, forms=("edits",))
DICE = np.random.default_rng(0)
FRAME = DICE.integers(0, 256, (16, 16, 3), np.uint8)
OTHERS = DICE.integers(0, 256, (5, 16, 16, 3), np.uint8)
NOWHERE = Quarters(python=Path("/nowhere/python"), path=Path("/nowhere"))


class WorldsLab:
    """Implements as much of Lab as this domain may use."""

    hint = ""

    def __init__(self, arm: str = "edits", reply: str = "") -> None:
        self.rng, self.arm, self.reply = Random(0), arm, reply
        self.kept: dict[str, bytes] = {}

    def pick(self, arms) -> str:
        return self.arm

    async def say(self, role, prompt, values, *, sampling=None) -> str:
        assert (role, prompt) == ("mutator", "genie/edit")
        return self.reply

    def keep(self, data: bytes, suffix: str = ".bin") -> str:
        name = bytes_id(data) + suffix
        self.kept[name] = data
        return name


class Stub:
    """A projector whose world shows what it is told to."""

    weights = "w"

    def __init__(self, **figures: float) -> None:
        self.figures = {"control": 5.0, "noise": 1.0, "decay": 0.5, "obeyed": 0.25} | figures

    def show(self, frames):
        moving = np.broadcast_to(FRAME, (8, 3, 16, 16, 3))
        return [Take(figures=self.figures, painted=one, clip=clip(moving)) for one in frames]


def candidate(genome: Prompt) -> Candidate[Prompt]:
    return Candidate(domain="genie-worlds", genome=genome)


def test_it_evaluates_explains_redraws_shows_and_has_quarters() -> None:
    for part in (Evaluates, Explains, Quartered, Redraws, Views):
        assert isinstance(GenieWorlds(SMALL), part)


# ---- frames and their changes ----------------------------------------------------------------------------------------


def test_equal_pixels_are_one_genome_however_they_were_packed() -> None:
    genome = Prompt(frame=packed(FRAME))

    np.testing.assert_array_equal(genome.pixels, FRAME)
    assert Prompt(frame=genome.frame) == genome
    for wrong, said in (("zzz", "cannot be read"), (packed(FRAME[:8]), "no square")):
        with pytest.raises(ValueError, match=said):
            Prompt(frame=wrong)


@pytest.mark.parametrize("verb", sorted(worlds_edits.VERBS))
def test_every_change_is_read_as_it_is_written_and_leaves_a_frame(verb) -> None:
    rng, seen = Random(1), []
    while len(seen) < 12:
        edit = worlds_edits.drawn(rng)
        if edit.verb == verb:
            seen.append(edit)
            changed = edit.of(FRAME, OTHERS)
            assert worlds_edits.read(str(edit)) == edit
            assert (changed.shape, changed.dtype) == (FRAME.shape, np.uint8)
    assert any(not np.array_equal(one.of(FRAME, OTHERS), FRAME) for one in seen)


def test_changes_do_what_they_say() -> None:
    np.testing.assert_array_equal(Edit("mirror", (1,)).of(FRAME, OTHERS), FRAME[:, ::-1])
    np.testing.assert_array_equal(Edit("shift", (2, 0)).of(FRAME, OTHERS)[2:], FRAME[:-2])
    swapped = Edit("swap", (0, 0, 8, 8, 2, 3)).of(FRAME, OTHERS)
    np.testing.assert_array_equal(swapped[8:10, 8:11], FRAME[:2, :3])
    np.testing.assert_array_equal(swapped[:2, :3], FRAME[8:10, 8:11])
    boxed = Edit("box", (14, 14, 8, 8), "red").of(FRAME, OTHERS)
    assert (boxed != FRAME).any(-1).sum() == 4  # the rest lies beyond the edge
    half = Edit("blend", (7, 50)).of(FRAME, OTHERS)
    assert np.abs(half - (FRAME.astype(float) + OTHERS[2]) / 2).max() <= 0.5


@pytest.mark.parametrize(
    "line", ["", "explode 3", "box pink 1 1 2 2", "mirror", "shift 1", "shift one 2", "disc 1 2 3"]
)
def test_what_is_no_change_is_none(line) -> None:
    assert worlds_edits.read(line) is None


def test_numbers_beyond_the_grid_are_brought_back() -> None:
    assert worlds_edits.read("- box Red 99 3 4 4") == Edit("box", (15, 3, 4, 4), "red")


def test_colours_are_told_in_words() -> None:
    frame = np.zeros((16, 16, 3), np.uint8)
    frame[:, 8:] = (208, 48, 48)

    assert described(frame).splitlines() == ["4 black, 4 red"] * 8


# ---- looks -----------------------------------------------------------------------------------------------------------


def test_frames_of_a_colour_look_alike_and_another_colour_is_new() -> None:
    shades = [20, 90, 160, 230]
    frames = np.stack([
        np.full((16, 16, 3), shade + wobble, np.uint8) for shade in shades for wobble in (0, 2, 4)
    ])  # fmt: skip
    looks, again = Looks.fitted(frames, 4, 0), Looks.fitted(frames, 4, 0)

    assert looks.of(frames).tolist() == [at for at in range(4) for _ in range(3)]  # in the order of their brightness
    assert looks.dump() == again.dump()
    assert looks.newness(frames).max() < 1e-3
    assert looks.newness(np.full((1, 16, 16, 3), 55, np.uint8))[0] > 5


def test_bins_of_control_begin_where_they_say() -> None:
    assert [bin_of(value) for value in (0.0, 0.99, 1.0, 7.9, 16.0, 99.0)] == ["0-1", "0-1", "1-2", "4-8", "16+", "16+"]


# ---- the domain ------------------------------------------------------------------------------------------------------


def test_seeds_are_frames_and_then_changed_ones() -> None:
    found = list(islice(GenieWorlds(SMALL).seeds(Random(0)), 20))

    assert len({one.frame for one in found[:16]}) == 16
    assert all(";" in one.way for one in found[16:])


async def test_a_child_differs_and_remembers_its_way() -> None:
    domain = GenieWorlds(SMALL)
    parent = candidate(next(domain.seeds(Random(0))))
    child = await domain.vary([parent], None, WorldsLab())

    assert child is not None
    assert child.frame != parent.genome.frame
    assert child.by == "edits"
    assert child.way.startswith(parent.genome.way + "; ")


async def test_the_model_names_changes_and_nonsense_is_none() -> None:
    domain = GenieWorlds(SMALL)
    parent = candidate(Prompt(frame=packed(FRAME)))
    child = await domain.vary([parent], None, WorldsLab("model", "Sure!\nmirror 1\nbox red 0 0 2 2\n"))

    assert child is not None
    assert (child.by, child.way) == ("model", "given; mirror 1; box red 0 0 2 2")
    assert await domain.vary([parent], None, WorldsLab("model", "I cannot")) is None


async def test_a_frame_is_worth_its_control_less_what_is_not() -> None:
    domain, lab = GenieWorlds(SMALL), WorldsLab()
    domain.__dict__["_projector"] = Stub()
    one = candidate(next(domain.seeds(Random(0))))
    (outcome,) = await domain.evaluate([one], lab)
    files = {name: f"/nowhere/{name}" for name in outcome.artifacts}

    assert outcome.score == 3.5
    assert outcome.cell is not None
    assert outcome.cell[0] == "4-8"
    assert outcome.cell[1] in domain.axes["look"]
    assert [Path(name).suffix for name in files] == [".gif", ".json"]
    (section,) = domain.sections([Entry(candidate=one, outcome=outcome)])
    assert section.rows[0][:4] == ("seed", 1, 1, 5.0)


async def test_what_is_kept_can_be_looked_at(tmp_path) -> None:
    domain, lab = GenieWorlds(SMALL), WorldsLab()
    domain.__dict__["_projector"] = Stub()
    one = candidate(next(domain.seeds(Random(0))))
    (outcome,) = await domain.evaluate([one], lab)
    for name, data in lab.kept.items():
        (tmp_path / name).write_bytes(data)
    seen = domain.rollout(Entry(candidate=one, outcome=outcome), {name: str(tmp_path / name) for name in lab.kept})

    assert seen is not None
    assert seen.media == "image/gif"
    assert domain.picture(one.genome).data.startswith(b"\x89PNG")
    assert domain.rollout(Entry(candidate=one, outcome=outcome), {}) is None


def test_a_second_look_draws_otherwise_and_as_often_as_asked() -> None:
    again = GenieWorlds(SMALL).redrawn("other", 9)

    assert (again.settings.salt, again.settings.draws) == ("other", 9)


def test_what_is_not_there_is_said_before_a_run(tmp_path) -> None:
    def at(**options) -> GenieWorlds:
        return GenieWorlds(WorldsOptions.model_validate(options)).quartered(NOWHERE)

    with pytest.raises(ConfigError, match="holds no world"):
        at(world=str(tmp_path))
    (tmp_path / "settings.json").write_text('{"format": 1}', "utf-8")
    with pytest.raises(ConfigError, match="of another version"):
        at(world=str(tmp_path))
    (tmp_path / "settings.json").write_text('{"settings": {"side": 16}}', "utf-8")
    with pytest.raises(ConfigError, match="no manifest"):
        at(world=str(tmp_path), film=str(tmp_path))
    with pytest.raises(ConfigError, match="needs none"):
        at(film=str(tmp_path))
    with pytest.raises(ConfigError, match="name a film"):
        at(world=str(tmp_path))
    prompts.write(tmp_path, OTHERS)
    assert at(world=str(tmp_path))._beginnings.shape == (5, 16, 16, 3)


async def test_a_python_that_is_not_there_is_said(tmp_path) -> None:
    domain = GenieWorlds(SMALL).quartered(NOWHERE)

    with pytest.raises(ConfigError, match="wunder setup video"):
        await domain.evaluate([candidate(next(domain.seeds(Random(0))))], WorldsLab())


def test_a_picture_is_enlarged_by_whole_multiples() -> None:
    assert png(FRAME, 3).startswith(b"\x89PNG")
