"""A training: what it leaves, and that being killed does not change it."""

from __future__ import annotations

import itertools
import json
import tomllib
from pathlib import Path

import pytest

torch = pytest.importorskip("torch")

import numpy as np  # noqa: E402

from wunderkammer.apps.studies import genie_training  # noqa: E402
from wunderkammer.core.errors import ConfigError  # noqa: E402
from wunderkammer.domains.genie import training  # noqa: E402
from wunderkammer.domains.genie.settings import GenieSettings  # noqa: E402
from wunderkammer.jobs.desk import Desk, Unable  # noqa: E402
from wunderkammer.learners.video.course import Machine, Schedule  # noqa: E402
from wunderkammer.learners.video.squares import Squares  # noqa: E402
from wunderkammer.learners.video.world_model import WorldModel  # noqa: E402

SMOKE = Path(training.__file__).parent / "presets/genie-study.smoke.toml"
GIVEN = tomllib.loads(SMOKE.read_text("utf-8"))["given"]
SETTINGS = GenieSettings(**GIVEN, seed=3)


@pytest.fixture(autouse=True)
def small_numbers():
    """A training lets numbers vanish that are nearly nothing, in the whole process: others here want to see them."""
    yield
    torch.set_flush_denormal(False)


class Killed(Exception):
    """As by a signal: nothing is tidied up."""


def conduct(
    folder: Path, after: int | None = None, settings: GenieSettings = SETTINGS, machine: Machine = Machine()
) -> dict:
    """Train; `after` so many rows of the curve it is killed."""
    told = itertools.count(1)

    def tell(step: int, of: int | None = None, words: str = "", **figures: float) -> None:
        if next(told) == after:
            raise Killed

    clips = (Squares(settings.side), Squares(settings.side, salt=1))
    return training.train(settings, *clips, folder / "kept", folder / "out", tell, lambda: 0.0, machine)


@pytest.fixture(scope="module")
def whole(tmp_path_factory) -> Path:
    folder = tmp_path_factory.mktemp("whole")
    conduct(folder)
    return folder


@pytest.fixture
def saves_always(monkeypatch) -> None:
    monkeypatch.setattr(training, "SAVED_EVERY_S", 0.0)


def curve(folder: Path) -> list[dict]:
    return json.loads((folder / "out/curve.json").read_text())


def test_it_leaves_a_world_a_curve_and_pictures(whole) -> None:
    world = WorldModel.load(whole / "out/world")
    assert world.settings == SETTINGS.world
    assert world.notes["training"]["seed"] == 3
    parts = [row["part"] for row in curve(whole)]
    assert parts == ["tokenizer"] * 2 + ["action_model"] * 2 + ["dynamics"] * 2
    names = sorted(path.name for path in (whole / "out/pictures").iterdir())
    assert names == [f"{n}-{part}-0000004.png" for n, part in enumerate(("tokenizer", "action_model", "dynamics"), 1)]
    frame = next(Squares(SETTINGS.side).batches(0, 1, 1))[0, 0]
    assert world.start(frame).step(2).shape == (SETTINGS.side, SETTINGS.side, 3)


@pytest.mark.parametrize("after", [1, 3, 4, 6])
def test_killed_and_started_again_it_ends_the_same(whole, tmp_path, saves_always, after) -> None:
    """In the middle of a part, and at its end: the same losses, and the same weights bit for bit."""
    with pytest.raises(Killed):
        conduct(tmp_path, after)
    conduct(tmp_path)
    assert curve(tmp_path) == curve(whole)
    mine, other = (WorldModel.load(folder / "out/world").state_dict() for folder in (tmp_path, whole))
    assert all(torch.equal(mine[name], other[name]) for name in other)


def test_clips_are_cut_into_pieces_counted_from_their_end():
    clips = np.arange(14).reshape(2, 7)[..., None]
    assert training.in_pieces(clips, 3)[..., 0].tolist() == [[1, 2, 3], [4, 5, 6], [8, 9, 10], [11, 12, 13]]
    assert training.in_pieces(clips, 7).tolist() == clips.tolist()


def test_a_training_on_pieces_ends_the_same_when_it_was_killed(tmp_path, saves_always) -> None:
    cut = SETTINGS.model_copy(update={"pieces": 0.5})
    conduct(tmp_path / "whole", settings=cut)
    with pytest.raises(Killed):
        conduct(tmp_path / "killed", 3, settings=cut)
    conduct(tmp_path / "killed", settings=cut)
    assert curve(tmp_path / "killed") == curve(tmp_path / "whole")


def test_killed_before_anything_was_kept_it_begins_anew(whole, tmp_path) -> None:
    with pytest.raises(Killed):
        conduct(tmp_path, 2)
    conduct(tmp_path)
    assert curve(tmp_path) == curve(whole)


def test_a_checkpoint_of_other_settings_is_refused(tmp_path, saves_always) -> None:
    with pytest.raises(Killed):
        conduct(tmp_path, 3)
    with pytest.raises(ConfigError, match="is of preset .*, and this training is of preset"):
        conduct(tmp_path, settings=SETTINGS.model_copy(update={"seed": 4}))


def test_there_is_a_world_to_play_with_before_the_end(tmp_path) -> None:
    longer = SETTINGS.model_copy(update={"dynamics_steps": 8})
    with pytest.raises(Killed):
        conduct(tmp_path, 6, longer)
    assert WorldModel.load(tmp_path / "kept/world").settings == SETTINGS.world


def test_a_loss_that_is_no_number_ends_it(tmp_path) -> None:
    with pytest.raises(FloatingPointError, match="tokenizer at step 2"):
        conduct(tmp_path, settings=SETTINGS.model_copy(update={"tokenizer_rate": float("inf")}))


def test_in_bf16_the_losses_are_nearly_the_same(whole, tmp_path) -> None:
    conduct(tmp_path, machine=Machine(bf16=True))
    exact, rough = curve(whole)[0], curve(tmp_path)[0]
    assert rough["loss"] == pytest.approx(exact["loss"], rel=0.1)
    assert rough["loss"] != exact["loss"]


def test_it_learns_what_squares_do(tmp_path) -> None:
    """A hundred steps: the tokenizer comes to paint them."""
    steps = {"tokenizer_steps": 60, "report": 20, "picture": 60, "action_steps": 20, "dynamics_steps": 20}
    conduct(tmp_path, settings=SETTINGS.model_copy(update={**steps, "tokenizer_rate": 3e-3, "codes": 64}))
    painted = [row["psnr"] for row in curve(tmp_path) if row["part"] == "tokenizer"]
    assert painted[-1] > painted[0] + 1


def test_the_rate_rises_then_falls_to_a_tenth() -> None:
    schedule = Schedule(steps=100, batch=1, rate=1.0, warmup=10)
    rates = [schedule.rate_at(turn) for turn in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert max(rates) == pytest.approx(1.0)
    assert rates[100] == pytest.approx(0.1)
    assert all(np.diff(rates[10:]) < 0)


# ---- the job ---------------------------------------------------------------------------------------------------------


def desk(folder: Path, **args) -> Desk:
    for name in ("out", "kept"):
        (folder / name).mkdir(exist_ok=True)
    return Desk("j", {**GIVEN, **args}, 3, {}, {}, folder / "out", folder / "kept", folder / "progress.jsonl")


def test_the_job_does_the_same(whole, tmp_path) -> None:
    result = genie_training.main(desk(tmp_path, videos="squares"))
    assert curve(tmp_path) == curve(whole)
    assert {"delta_psnr", "ahead_of_copy", "psnr", "rollout_psnr"} <= result.keys()
    lines = [json.loads(line) for line in (tmp_path / "progress.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [2, 4, 6, 8, 10, 12]
    assert all("loss" in line["figures"] for line in lines)


@pytest.mark.parametrize(
    ("args", "words"),
    [
        ({"videos": "/nowhere"}, "holds no film"),
        ({"videos": "squares", "side": 30}, "does not divide 30 pixels"),
        ({"videos": "squares", "speed": 1}, "speed"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tmp_path, args, words) -> None:
    with pytest.raises(Unable, match=words) as fault:
        genie_training.main(desk(tmp_path, **args))
    assert "\n" not in str(fault.value)


@pytest.mark.gpu
@pytest.mark.parametrize("compiled", [False, True])
def test_a_gpu_learns_the_same_in_bf16_and_compiled(whole, tmp_path, compiled) -> None:
    """Not to the last digit: the beginning is the same, and what comes out can be played on a processor."""
    if not torch.cuda.is_available():
        pytest.skip("no GPU")
    conduct(tmp_path, machine=Machine("cuda", bf16=True, compiled=compiled))
    first, other = curve(tmp_path)[0], curve(whole)[0]
    assert first["loss"] == pytest.approx(other["loss"], rel=0.1)
    world = WorldModel.load(tmp_path / "out/world")
    frame = next(Squares(SETTINGS.side).batches(0, 1, 1))[0, 0]
    assert world.start(frame).step(2).shape == (SETTINGS.side, SETTINGS.side, 3)
