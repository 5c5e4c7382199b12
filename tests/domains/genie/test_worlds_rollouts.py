"""What a world makes of a frame: what the action explains, what chance does, and a world in a process of its own."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from wunderkammer.core.errors import ConfigError  # noqa: E402
from wunderkammer.domains.genie.worlds_booth import Booth, Opening, Showing  # noqa: E402
from wunderkammer.domains.genie.worlds_projector import Projector  # noqa: E402
from wunderkammer.domains.genie.worlds_prompt import packed  # noqa: E402
from wunderkammer.domains.genie.worlds_rollouts import spread  # noqa: E402
from wunderkammer.learners.video.settings import WorldSettings  # noqa: E402
from wunderkammer.learners.video.world_model import WorldModel  # noqa: E402

SIDE = 16
DICE = np.random.default_rng(0)
FRAMES = DICE.integers(0, 256, (3, SIDE, SIDE, 3), np.uint8)


@pytest.fixture(scope="module")
def world(tmp_path_factory) -> Path:
    """Untrained: what it shows means nothing, and follows from the frame all the same."""
    folder: Path = tmp_path_factory.mktemp("out") / "world"
    torch.manual_seed(0)
    WorldModel(WorldSettings(side=SIDE, width=16, heads=2, layers=1, frames=4, codes=16, maskgit_steps=2)).save(folder)
    return folder


def opening(world: Path, **changes) -> Opening:
    given = {"world": str(world), "horizon": 2, "draws": 2, "threads": 1, "device": "cpu", "salt": ""}
    return Opening.model_validate(given | changes)


def rollouts(by_action: float, by_chance: float, draws: int = 3) -> np.ndarray:
    """(8, draws, 2, 12, 12, 3) around a mid grey, with these standard deviations."""
    dice = np.random.default_rng(1)
    action = dice.normal(0, by_action, (8, 1, 1, 12, 12, 3))
    return 128 + action + dice.normal(0, by_chance, (8, draws, 2, 12, 12, 3))


@pytest.mark.parametrize(("by_action", "by_chance"), [(6.0, 2.0), (2.0, 12.0)])
def test_action_and_chance_are_told_apart(by_action, by_chance) -> None:
    control, noise = spread(rollouts(by_action, by_chance))

    assert control == pytest.approx(by_action, rel=0.25)
    assert noise == pytest.approx(by_chance, rel=0.1)


def test_a_world_that_heeds_nothing_has_no_control_however_much_it_differs() -> None:
    assert spread(rollouts(0, 20, draws=2))[0] < 3
    assert spread(rollouts(5, 0))[1] < 1e-9


def test_what_is_shown_of_a_frame_does_not_depend_on_the_others(world) -> None:
    booth = Booth(opening(world))
    frames = [packed(one) for one in FRAMES]
    together = booth.show(Showing(frames=tuple(frames))).takes
    alone = booth.show(Showing(frames=(frames[2],))).takes

    assert together[2] == alone[0]
    assert set(alone[0].figures) == {"control", "noise", "decay", "obeyed"}
    assert alone[0].clip.startswith(b"GIF8")
    assert Booth(opening(world, salt="other")).show(Showing(frames=(frames[2],))).takes != alone


def test_a_frame_of_another_size_is_refused(world) -> None:
    with pytest.raises(ConfigError, match="a frame of 8 pixels for a world of 16"):
        Booth(opening(world)).show(Showing(frames=(packed(FRAMES[0, :8, :8]),)))


def test_a_process_shows_and_says_what_is_wrong(world, tmp_path) -> None:
    frame = packed(FRAMES[0])
    projector = Projector(opening(world))
    (take,) = projector.show([frame])

    assert take == Booth(opening(world)).show(Showing(frames=(frame,))).takes[0]
    assert projector.weights
    with pytest.raises(ConfigError, match="a frame of 8 pixels"):
        projector.show([packed(FRAMES[0, :8, :8])])
    assert projector.show([frame]) == (take,)  # a fault ends nothing
    with pytest.raises(ConfigError, match="holds no world"):
        Projector(opening(tmp_path)).show([frame])
