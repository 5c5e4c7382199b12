"""`car-tracks`: what tracks are worth, how they are varied and shown."""

from __future__ import annotations

from itertools import islice
from pathlib import Path
from random import Random

import pytest

from stage.draughts import DrawingLab
from wunderkammer.core.abilities import Explains, Rates, Views
from wunderkammer.core.contract import Candidate, Entry, Evaluates
from wunderkammer.core.errors import ConfigError
from wunderkammer.domains.paired.car_layout import TrackLayout, TrackOptions, bins_away, cell_of, complexity
from wunderkammer.domains.paired.car_proposal import mended
from wunderkammer.domains.paired.car_tracks import TrackSearch
from wunderkammer.worlds.car import catalogue, text

DOMAIN = TrackSearch(TrackOptions(frames=60, episodes=2, forms=("edits",), tries=4))
MONZA = TrackLayout(track=text.write(catalogue.TRACKS.find("Monza")))
FLAT = TrackLayout(track="\n".join(f"{20 * place} {150 - place % 2}" for place in range(12)))


def candidate(genome: TrackLayout) -> Candidate[TrackLayout]:
    return Candidate(domain="car-tracks", genome=genome)


def test_it_evaluates_explains_rates_and_shows() -> None:
    for part in (Evaluates, Explains, Rates, Views):
        assert isinstance(DOMAIN, part)


def test_a_track_is_kept_in_its_canonical_form() -> None:
    assert TrackLayout(track=MONZA.track.replace(" ", ", ")) == MONZA
    with pytest.raises(ValueError, match="line 1 of the track"):
        TrackLayout(track="a track")


async def test_tracks_are_driven_together_as_they_are_alone_and_shown(tmp_path: Path) -> None:
    lab = DrawingLab(tmp_path)
    monza, flat, again = await DOMAIN.evaluate([candidate(MONZA), candidate(FLAT), candidate(MONZA)], lab)
    (alone,) = await DOMAIN.evaluate([candidate(MONZA)], lab)
    assert monza == again == alone
    assert monza.cell == cell_of(complexity(MONZA.plan)) == ("700-799 m", "0")
    assert monza.score == monza.measures["learnability"]
    share = monza.measures["share"]
    assert 0 < share < 0.3, "sixty frames are little more than a second"
    assert monza.measures["learnability"] == pytest.approx(share * (1 - share), abs=1e-5)
    assert monza.measures["best"] >= monza.measures["returned"]
    assert (flat.score, flat.cell, flat.artifacts) == (None, None, ())
    shown = DOMAIN.rollout(Entry(candidate=candidate(MONZA), outcome=monza), lab.files)
    assert shown is not None
    assert shown.data.startswith(b"GIF89a")
    assert DOMAIN.rollout(Entry(candidate=candidate(FLAT), outcome=flat), lab.files) is None
    entries = [Entry(candidate=candidate(g), outcome=o) for g, o in ((MONZA, monza), (FLAT, flat))]
    (part,) = DOMAIN.sections(iter(entries))
    assert part.rows[0][:5] == ("seed", 2, 1, 0, 1)


def test_a_picture_says_how_long_it_is_and_what_is_wrong() -> None:
    assert DOMAIN.picture(MONZA).data.startswith(b"<svg")
    assert "m with 0 sharp turns" in DOMAIN.picture(MONZA).caption
    assert "is not driven" in DOMAIN.picture(FLAT).caption


def test_seeds_are_tracks_most_of_which_can_be_driven() -> None:
    seeds = list(islice(DOMAIN.seeds(Random(3)), 12))
    assert len({one.track for one in seeds}) == 12
    assert sum(complexity(one.plan).solvable for one in seeds) > 6


async def test_edits_go_towards_the_aim(tmp_path: Path) -> None:
    lab, aim = DrawingLab(tmp_path), ("600-699 m", "1")
    children = [await DOMAIN.vary([candidate(MONZA)], aim, lab) for _ in range(6)]
    far = [bins_away(complexity(child.plan), aim) for child in children if child]
    assert min(far) < bins_away(complexity(MONZA.plan), aim)
    assert {child.by for child in children if child} == {"edits"}


async def test_a_model_writes_what_it_is_asked_for(tmp_path: Path) -> None:
    domain = TrackSearch(TrackOptions(forms=("model",)))
    moved = MONZA.track.replace("230 40", "240 35")
    lab = DrawingLab(tmp_path, arm="model", reply=f"Sure:\n```\n{moved}\n```")
    child = await domain.vary([candidate(MONZA)], ("900-999 m", "2"), lab)
    assert child == TrackLayout(track=moved, by="model")
    ((role, prompt, values),) = lab.asked
    assert (role, prompt) == ("mutator", "tracks/edit")
    assert values["track"] == MONZA.track
    assert "make it longer, 900-999 m" in values["wanted"]
    lab.reply = "I cannot draw."
    assert await domain.vary([candidate(MONZA)], None, lab) is None


ROWS = MONZA.track.replace("230 40", "240 35").splitlines()


@pytest.mark.parametrize(
    ("reply", "faults", "reason"),
    [
        ("\n".join(ROWS), 0, ""),
        ("\n".join(f"{at}. ({row})" for at, row in enumerate(ROWS, 1)), 0, ""),
        ("\n".join(ROWS[:-1]), 1, ""),
        ("\n".join([*ROWS, "1 1"]), 1, ""),
        ("\n".join(["310 35", *ROWS[1:]]), 1, ""),
        ("\n".join([ROWS[0], ROWS[0], *ROWS[2:]]), 1, ""),
        ("\n".join(ROWS[:6]), 0, "6 points instead of 12"),
        ("\n".join(["400 35", "400 36", "400 37", *ROWS[3:]]), 3, "3 faults"),
        (MONZA.track, 0, "nothing was changed"),
        ("nothing", 0, "no track"),
    ],
)
def test_replies_are_mended_by_stated_rules_or_refused(reply: str, faults: int, reason: str) -> None:
    found = mended(reply, MONZA.plan)
    assert found.faults == faults
    assert (found.plan is None) == bool(reason)
    assert reason in found.reason


def test_a_driver_who_is_nobody_is_refused(tmp_path: Path) -> None:
    from wunderkammer.domains.paired.car_driver import driver

    with pytest.raises(ConfigError, match="neither 'pursuit' nor a file"):
        driver(TrackOptions(driver="nobody"))
    (tmp_path / "x.safetensors").write_bytes(b"no weights")
    with pytest.raises(ConfigError, match="holds no weights"):
        driver(TrackOptions(driver=str(tmp_path / "x.safetensors")))
