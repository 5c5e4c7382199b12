"""`wunder groove`: optimisers that are learned: train one, and see how agents fare that it teaches."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, named, settings_of
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.domains.groove.settings import GrooveSettings

STUDY = "groove-study"
app = typer.Typer(
    help="Optimisers that are learned over many lives (LPG, GROOVE): train, examine.",
    no_args_is_help=True,
    rich_markup_mode=None,
)


@app.command()
def train(
    out: Annotated[Path, typer.Argument(help="Where the optimiser goes: a .safetensors file; must not be there yet.")],
    preset: Annotated[
        Literal["smoke", "cpu", "gpu"], typer.Option(help="How large an optimiser, and how long it learns.")
    ] = "cpu",
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is drawn.")] = 0,
    option: Annotated[
        list[str] | None,
        typer.Option("--option", "-o", help="Further settings: score=uniform, windows=1000.", metavar="NAME=VALUE"),
    ] = None,
    detach: Annotated[
        bool, typer.Option("--detach", "-d", help="Submit the training, and do not wait for it.")
    ] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Learn how agents should learn, over many lives in grid worlds that a curriculum chooses.

    The training is a job: Ctrl-C leaves it running, the same command watches it again, and one that was killed goes on
    from its checkpoint.

    \b
    wunder groove train optimiser.safetensors
    wunder groove train random.safetensors --seed 3 -o score=uniform
    """
    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.domains.groove.settings import CURVE, OPTIMISER
    from wunderkammer.domains.groove.study import training_job
    from wunderkammer.jobs.choice import dispatcher

    settings = settings_of(config, home)
    _fresh(out)
    if out.suffix != ".safetensors":
        raise ConfigError(f"{out}: an optimiser is kept in a file that ends in .safetensors")
    job = training_job(how(preset, seed, option or []), gpus=int(preset == "gpu"))
    if not see_through(settings, job, detach, silent=True).over:
        print("when it is done, the same command puts the optimiser there")
        return
    made = dispatcher(settings).artifacts(job.id)
    shutil.copyfile(made / OPTIMISER, out)
    figures = json.loads((made / "result.json").read_text("utf-8"))
    screen.show(screen.pairs([("optimiser", out), ("curve", made / CURVE), *figures.items()]))


@app.command()
def examine(
    optimiser: Annotated[Path, typer.Argument(help="What `wunder groove train` made.")],
    worlds: Annotated[
        Path | None, typer.Option(help="A file of grid worlds; default: the hand-made ones that nobody is trained on.")
    ] = None,
    schooling: Annotated[
        int, typer.Option(min=0, help="Updates of each agent; 0: as many as it was trained with.")
    ] = 0,
    seed: Annotated[int, typer.Option(min=0, help="Of everything that is drawn.")] = 0,
    json_: Annotated[bool, typer.Option("--json", help="As one JSON document, for scripts.")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Let agents be born in worlds, and learn: taught by the optimiser, by one that learned nothing, and by A2C.

    Scores are 0 for uniform actions and 100 for the best policy there is, both computed and not played.

    \b
    wunder groove examine optimiser.safetensors
    wunder groove examine optimiser.safetensors --worlds mine.txt --schooling 300
    """
    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.domains.groove.comparison import COMPARED, CURVES, comparing_job
    from wunderkammer.domains.groove.study import ENVIRONMENT
    from wunderkammer.jobs.choice import dispatcher

    settings = settings_of(config, home)
    for file in filter(None, (optimiser, worlds)):
        if not file.is_file():
            raise ConfigError(f"{file}: no such file")
    job = comparing_job(optimiser, worlds, seed, schooling, ENVIRONMENT)
    see_through(settings, job, detach=False, silent=True)
    made = dispatcher(settings).artifacts(job.id)
    scores: dict[str, dict[str, float]] = json.loads((made / COMPARED).read_text("utf-8"))
    if json_:
        print(json.dumps(scores | {"curves": str(made / CURVES)}, indent=1))
        return
    rows = [(world, *(f"{found[world]:.0f}" for found in scores.values())) for world in next(iter(scores.values()))]
    means = ("mean", *(f"{sum(found.values()) / len(found):.1f}" for found in scores.values()))
    screen.show(screen.table(("world", *scores), [*rows, means], numbers=set(scores)))
    print(made / CURVES)


def how(preset: str, seed: int, options: list[str]) -> GrooveSettings:
    """The training settings of the study's preset, with what was asked for on top."""
    from wunderkammer.core.plan import presets
    from wunderkammer.core.settings import checked
    from wunderkammer.core.study import read_study
    from wunderkammer.domains.groove.settings import GrooveSettings

    given = read_study(presets(STUDY, "groove")[preset]).given
    return checked(GrooveSettings, {**given, **named(options, "-o"), "seed": seed}, "training")


def _fresh(out: Path) -> None:
    if out.exists():
        raise ConfigError(f"{out} is there already; name a file that is not")
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"{out.parent}: no such folder")
