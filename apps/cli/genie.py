"""`wunder genie`: worlds learned from video: train one, measure it, learn to play by watching with it or within it."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, named, settings_of
from wunderkammer.apps.cli.playing import CHECKPOINT, play
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.core.work import Job
    from wunderkammer.domains.genie.evaluation import Evaluation
    from wunderkammer.domains.genie.settings import GenieSettings
    from wunderkammer.worlds.film.film import Film

app = typer.Typer(
    help="Worlds learned from unlabelled video: train, play, evaluate, imitate, dream.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Videos = Annotated[
    str,
    typer.Option(
        help="A folder of videos, a folder of film, coinrun, ninja, pitfall, grid, maze; or squares, without any data.",
        metavar="DIR|GAME",
    ),
]
SQUARES = "squares"


@app.command()
def train(
    out: Annotated[Path, typer.Option(help="Where the world is put when it is done.")],
    videos: Videos = "coinrun",
    preset: Annotated[
        str, typer.Option(help="smoke (seconds), cpu (minutes), grid (for that game), gpu, or a TOML file.")
    ] = "cpu",
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is drawn.")] = 0,
    option: Annotated[
        list[str] | None, typer.Option("--option", "-o", help="NAME=VALUE of the training.", metavar="NAME=VALUE")
    ] = None,
    frames: Annotated[int | None, typer.Option(min=1024, help="Of a game that is filmed; default: 65,536.")] = None,
    cores: Annotated[
        int | None, typer.Option(min=1, help="Threads of the training; default: two, or all that jobs may have.")
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Submit the training, and do not wait for it.")
    ] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Learn a world from video: its tokens, eight latent actions, and what follows from them.

    The training is a job: Ctrl-C leaves it running, the same command watches it again, `wunder jobs` lists it, and one
    that was killed goes on from its checkpoint. Its checkpoint folder holds a world to play with while it learns.

    \b
    wunder genie train --videos squares --preset smoke --out worlds/squares
    wunder genie train --videos coinrun --out worlds/coinrun
    wunder genie train --videos grid --preset grid --out worlds/grid
    wunder genie train --videos ~/videos --out worlds/mine -o dynamics_steps=4000
    """
    settings = settings_of(config, home)
    wanted = _training(preset, seed, option or [])
    film = _film(settings, videos, wanted.side, frames)
    made = _see_through(settings, wanted, film, cores, detach)
    if made is None:
        print("when it is done, the same command puts the world there")
        return
    world = made / "world"
    _put(world, out)
    result = json.loads((made / "result.json").read_text("utf-8"))
    figures = {name: value for name, value in result.items() if name not in ("preset", "device")}
    screen.show(screen.pairs([("world", out), *figures.items()]))


app.command()(play)


@app.command()
def data(
    videos: Annotated[
        str,
        typer.Argument(help="A folder of videos, or coinrun, ninja, pitfall, grid, maze.", metavar="DIR|GAME"),
    ],
    out: Annotated[Path, typer.Option(help="A folder for the film; what was begun there is finished.")],
    size: Annotated[int, typer.Option(min=4, help="Pixels of a frame's side.")] = 32,
    frames: Annotated[int | None, typer.Option(min=1024, help="Of a game; default: 65,536.")] = None,
    workers: Annotated[int, typer.Option(min=1, help="Processes that decode or play.")] = 2,
    config: Config = None,
    home: Home = None,
) -> None:
    """Film a game or a folder of videos, to learn from: frames in shards, each with its hash.

    `wunder genie train` does the same under the home folder where it is given a game or videos.

    \b
    wunder genie data grid --out film/grid
    wunder genie data ~/videos --out film/mine --size 64
    """
    from wunderkammer.apps.filming import film_to
    from wunderkammer.worlds.film.sources import FRAMES

    settings = settings_of(config, home)
    told = _told("parts of the film")
    made = film_to(settings, videos, out, size, frames=frames or FRAMES, workers=workers, tell=told).manifest
    skipped = made.skipped
    rows: list[tuple[str, object]] = [("film", out), ("frames", made.frames), ("size", made.side)]
    rows += [("true actions", made.actions if made.actions is not None else "unknown")]
    rows += [("broken", skipped.broken), ("cut", skipped.cut), ("short", skipped.short)]
    screen.show(screen.pairs(rows))


@app.command()
def evaluate(
    world: Annotated[Path, typer.Argument(help=CHECKPOINT, metavar="CHECKPOINT")],
    videos: Videos = "coinrun",
    clips: Annotated[int, typer.Option(min=8, help="Of levels that were never learned from.")] = 256,
    frames: Annotated[int | None, typer.Option(min=1024, help="As it was trained with.")] = None,
    keep: Annotated[Path | None, typer.Option(help="A folder for the figures, a picture, and a moving one.")] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Measure a world on unseen clips: what it shows, whether it obeys, what its actions mean, with 95 % intervals.

    \b
    wunder genie evaluate worlds/coinrun --videos coinrun
    wunder genie evaluate worlds/mine --videos ~/videos --keep figures --json
    """
    need_torch()
    from wunderkammer.domains.genie.evaluation import EvaluationOptions
    from wunderkammer.domains.genie.evaluation import evaluate as measure
    from wunderkammer.domains.genie.shipped import located
    from wunderkammer.learners.video.world_model import WorldModel

    settings = settings_of(config, home)
    learned = WorldModel.load(located(world))
    film = _film(settings, videos, learned.settings.side, frames)
    if film is None:
        raise ConfigError(f"--videos {SQUARES}: an evaluation needs levels; take a folder or a game")
    found = measure(learned, film, EvaluationOptions(clips=clips), keep, _told("clips"))
    if as_json:
        screen.emit(found.model_dump(mode="json") | {"playable": found.playable})
    else:
        _show(found)


@app.command()
def imitate(
    world: Annotated[Path, typer.Argument(help=CHECKPOINT, metavar="CHECKPOINT")],
    game: Annotated[str, typer.Option(help="Of which the world was learned: grid or coinrun.")] = "grid",
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="NAME=VALUE of the experiment: labelled, seeds, …", metavar="NAME=VALUE"),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Submit it, and do not wait.")] = False,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Learn to play by watching: an expert's actions are guessed by the world, and at most 200 known ones translate
    the guesses. Beside it: cloning true actions, latent actions drawn by chance, the few known ones alone.

    \b
    wunder genie imitate worlds/grid
    wunder genie imitate worlds/coinrun --game coinrun -o seeds=5
    """
    from wunderkammer.core.settings import checked
    from wunderkammer.domains.genie.imitating import ImitationOptions, imitation_job
    from wunderkammer.domains.genie.shipped import located
    from wunderkammer.jobs.environments import python_of
    from wunderkammer.worlds.film.console import ENVIRONMENT
    from wunderkammer.worlds.film.sources import foreign

    settings = settings_of(config, home)
    wanted = checked(ImitationOptions, named(option or [], "-o"), "--option")
    python = python_of(settings, ENVIRONMENT) if foreign(game) else None
    job = imitation_job(located(world).resolve(), game, wanted, python)
    _finish(settings, job, detach, as_json)


@app.command()
def dream(
    world: Annotated[Path, typer.Argument(help=CHECKPOINT, metavar="CHECKPOINT")],
    videos: Annotated[
        str, typer.Option(help="The game it was learned from, or a film of it: grid or coinrun.", metavar="GAME|DIR")
    ] = "grid",
    frames: Annotated[int | None, typer.Option(min=1024, help="As it was trained with.")] = None,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="NAME=VALUE of the experiment: updates, horizon, …", metavar="NAME=VALUE"),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Submit it, and do not wait.")] = False,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Learn to play inside a world, by PPO, and then play the true game: what of it holds outside?

    Rewards are learned from frames of known reward, latent actions are translated by 200 labelled frames. Beside it:
    who learned in the true game for as long, and who acts by chance.

    \b
    wunder genie dream worlds/grid
    wunder genie dream worlds/coinrun --videos coinrun -o horizon=300
    """
    from wunderkammer.core.settings import checked
    from wunderkammer.domains.genie.dreaming import DreamOptions, dreaming_job
    from wunderkammer.domains.genie.origin import side_of
    from wunderkammer.domains.genie.shipped import located
    from wunderkammer.jobs.environments import python_of
    from wunderkammer.worlds.film.console import ENVIRONMENT
    from wunderkammer.worlds.film.sources import foreign

    need_torch()
    _need_jax()
    settings = settings_of(config, home)
    wanted = checked(DreamOptions, named(option or [], "-o"), "--option")
    film = _film(settings, videos, side_of(located(world)), frames)
    if film is None or film.manifest.actions is None:
        raise ConfigError(f"--videos {videos}: true actions and rewards must be known; take grid or coinrun")
    python = python_of(settings, ENVIRONMENT) if foreign(film.manifest.source) else None
    job = dreaming_job(located(world).resolve(), film.folder.resolve(), film.manifest.recipe, wanted, python)
    _finish(settings, job, detach, as_json)


def _need_jax() -> None:
    """`ConfigError` where our own Python cannot learn by PPO."""
    from importlib.util import find_spec

    if find_spec("jax") is None:
        raise ConfigError("JAX is not installed beside the command: pip install 'wunderkammer[worlds]'")


def _finish(settings: Settings, job: Job, detach: bool, as_json: bool) -> None:
    """See a job through, and show its figures."""
    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.jobs.choice import dispatcher

    standing = see_through(settings, job, detach, silent=as_json)
    if standing.over:
        made = dispatcher(settings).artifacts(job.id)
        found = json.loads((made / "result.json").read_text("utf-8"))
        screen.emit(found) if as_json else screen.show(screen.pairs([*found.items()]))
    elif as_json:
        screen.emit({"job": job.id, "status": standing.status})


def need_torch() -> None:
    """`ConfigError` where our own Python could not hold a world; trainings have an environment of theirs."""
    from importlib.util import find_spec

    if find_spec("torch") is None:
        raise ConfigError("torch is not installed beside the command: pip install 'wunderkammer[video]'")


def _training(preset: str, seed: int, options: Sequence[str]) -> GenieSettings:
    """What a preset of `genie-study` gives to all trainings, with changes on top."""
    from wunderkammer import domains
    from wunderkammer.core.plan import presets
    from wunderkammer.core.settings import checked
    from wunderkammer.core.study import read_study
    from wunderkammer.domains.genie.settings import GenieSettings
    from wunderkammer.domains.genie.study import GenieStudy

    shipped = presets(GenieStudy.name, domains.folder_of(domains.find(GenieStudy.name)))
    if preset not in shipped and not preset.endswith(".toml"):
        raise ConfigError(f"no preset {preset!r}{instead(preset, [*shipped, 'FILE.toml'])}")
    given: Mapping[str, Any] = read_study(shipped.get(preset, Path(preset))).given
    return checked(GenieSettings, {**given, **named(options, "-o"), "seed": seed}, "training")


def _film(settings: Settings, videos: str, side: int, frames: int | None) -> Film | None:
    """None: `squares`, which need none."""
    if videos == SQUARES:
        return None
    from wunderkammer.apps.filming import film_of
    from wunderkammer.worlds.film.sources import FRAMES

    return film_of(settings, videos, side, frames=frames or FRAMES, tell=_told("parts of the film"))


def _see_through(
    settings: Settings, wanted: GenieSettings, film: Film | None, cores: int | None, detach: bool
) -> Path | None:
    """The job's artifacts, where it is done."""
    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.domains.genie.study import training_job
    from wunderkammer.jobs.admission import machine
    from wunderkammer.jobs.choice import dispatcher

    cores = cores or min(2, settings.jobs.cores or machine().cores)
    gpus = int(wanted.bf16 or wanted.compiled)
    videos, recipe = (SQUARES, "") if film is None else (str(film.folder.resolve()), film.manifest.recipe)
    job = training_job(wanted, videos, recipe=recipe, gpus=gpus, cores=cores)
    standing = see_through(settings, job, detach)
    return dispatcher(settings).artifacts(job.id) if standing.over else None


def _put(world: Path, out: Path) -> None:
    try:
        shutil.copytree(world, out, dirs_exist_ok=True)
    except (OSError, shutil.Error) as fault:
        raise ConfigError(f"{out}: the world cannot be put there: {fault}; it lies in {world}") from None


def _told(what: str) -> Any:
    """Says on standard error how far it is, a line at a time."""

    def tell(done: int, of: int) -> None:
        print(f"{done}/{of} {what}", file=sys.stderr, flush=True)

    return tell


def _show(found: Evaluation) -> None:
    now = found.moment
    rows = [
        ("PSNR of the tokenizer", found.tokenizer),
        (f"PSNR {now.t} frames on, as told", now.inferred),
        ("the same, random actions", now.random),
        ("the same, last known frame repeated", now.copied),
        (f"Δ{now.t} PSNR: how much it obeys", now.delta),
        ("as told - repeated: how much it foresees", now.ahead),
        ("Fréchet distance of plain features", found.distances.inferred),
        ("the same, true clips from true clips", found.distances.floor),
    ]
    if found.codes is not None:
        rows += [
            ("bits that a latent action tells of the true one", found.codes.information),
            ("how often it tells the true one", found.codes.accuracy),
            ("how often the most frequent one would", found.codes.majority),
        ]
    columns = ("figure", "value", "95 % from", "to")
    table = [(words, one.value, one.low, one.high) for words, one in rows]
    screen.show(screen.table(columns, table, numbers=columns[1:]))
    gate = (
        "controllable and ahead of standing still" if found.playable else "not shown to be both controllable and ahead"
    )
    print(f"{found.clips} clips of {found.levels} levels, {found.in_use:.1f} latent actions in use: {gate}")
