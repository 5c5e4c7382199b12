"""`wunder upsample`: more transitions like those of a replay file, for any offline learner."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from wunderkammer.apps.cli.options import Config, Home, named, settings_of
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.domains.synther.settings import Upsampling

STUDY = "synther-study"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(upsample)


def upsample(
    data: Annotated[
        Path, typer.Argument(help="A replay: .npz or .hdf5 as D4RL has it, or a Minari data set's folder.")
    ],
    out: Annotated[Path, typer.Argument(help="Where the made rows go: .npz or .hdf5; must not be there yet.")],
    rows: Annotated[int, typer.Option(help="How many are made.")] = 100_000,
    preset: Annotated[
        Literal["smoke", "cpu", "gpu"], typer.Option(help="How large a generator, and how long it learns.")
    ] = "cpu",
    world: Annotated[
        str,
        typer.Option(help="The world they come from, where it is one of ours (pendulum): made rows are tried in it."),
    ] = "",
    seed: Annotated[int, typer.Option(help="Of everything that is drawn.")] = 0,
    given: Annotated[list[str] | None, typer.Option(help="Further settings.", metavar="NAME=VALUE")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Learn what transitions look like, by diffusion, and make more of them (SynthER). The figures say how good they
    are; train on them beside your own.

    \b
    wunder upsample replay.npz more.npz
    wunder upsample hopper-medium.hdf5 more.hdf5 --rows 1000000 --preset gpu
    wunder upsample ~/.minari/datasets/pen/human-v2 more.npz --given heun=32 --given steps=30000
    """
    import shutil

    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.domains.synther.settings import CLOUDS, MADE
    from wunderkammer.domains.synther.upsampling import upsampling_job

    settings = settings_of(config, home)
    if out.exists():
        raise ConfigError(f"{out} is there already; name a file that is not")
    file = replay(data.expanduser())
    suffix(out)
    asked = {"made": rows, "seed": seed, "world": world, **named(given or [], "--given")}
    job = upsampling_job(file, how(preset, asked), gpus=int(preset == "gpu"))
    see_through(settings, job, detach=False, silent=True)
    made = _artifacts(settings, job.id)
    rows_file = made / MADE
    if out.suffix == ".npz":
        shutil.copyfile(rows_file, out)
    else:
        from wunderkammer.learners import replay_file

        replay_file.write(replay_file.read(rows_file), out)
    for name, figure in json.loads((made / "result.json").read_text("utf-8")).items():
        print(f"{name:>14} {figure:.4g}" if isinstance(figure, float) else f"{name:>14} {figure}")
    print(made / CLOUDS)
    print(out)


def how(preset: str, asked: dict[str, Any]) -> Upsampling:
    """Settings of the study's preset as far as they say how rows are made, with what was asked for on top."""
    from wunderkammer.core.plan import presets
    from wunderkammer.core.settings import checked
    from wunderkammer.core.study import read_study
    from wunderkammer.domains.synther.settings import Generating, Upsampling

    given = read_study(presets(STUDY, "synther")[preset]).given
    own = {name: value for name, value in given.items() if name in Generating.model_fields}
    return checked(Upsampling, {**own, **asked}, "upsample")


def replay(data: Path) -> Path:
    """The file that holds the transitions; `ConfigError` where there is none."""
    from wunderkammer.learners.replay_file import MINARI, SUFFIXES

    file = data / MINARI if data.is_dir() else data
    if not file.is_file():
        raise ConfigError(f"{data}: no such file, and no Minari data set's folder (which has {MINARI})")
    if file.suffix.lower() not in SUFFIXES:
        raise ConfigError(f"{file}: a replay ends in {', '.join(SUFFIXES)}")
    return file


def suffix(out: Path) -> None:
    """`ConfigError` where made rows cannot be kept under that name."""
    from wunderkammer.learners.replay_file import HDF5, SUFFIXES, library

    if out.suffix not in SUFFIXES:
        raise ConfigError(f"{out}: made rows are kept in files that end in {', '.join(SUFFIXES)}")
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"{out.parent}: no such folder")
    if out.suffix in HDF5:
        library()


def _artifacts(settings: Any, job: str) -> Path:
    from wunderkammer.jobs.choice import dispatcher

    return dispatcher(settings).artifacts(job)
