"""`wunder video`: a video model told in words, at work outside a study."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Annotated

import typer

from wunderkammer.apps.cli.listing import Listing
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.core.errors import ConfigError

app = typer.Typer(
    name="video", cls=Listing, no_args_is_help=True, rich_markup_mode=None,
    help="A video model that is told in words what to show.",
)  # fmt: skip
STUDY = "video-study"
SUFFIXES = (".gif", ".png")


@app.command()
def plan(
    sentence: Annotated[str, typer.Argument(help='What is to become true: "the red ball is beside the blue box".')],
    out: Annotated[Path, typer.Argument(help="The film: .gif, or .png for a strip; must not be there yet.")] = Path(
        "plan.gif"
    ),
    room: Annotated[int, typer.Option(min=0, help="Which room with these toys.")] = 0,
    preset: Annotated[
        str, typer.Option(help="The study's preset: how large a model, and how long it learns.")
    ] = "toys",
    seed: Annotated[int | None, typer.Option(help="Of the model; default: the first of the preset.")] = None,
    open_it: Annotated[bool, typer.Option("--open", help="Show it.")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Foresee how a sentence comes true in a room of toys, act accordingly, and film both: the plan, and beside it what
    truly happened. The first time a model is learned for it, some minutes; a study's is taken where there is one.

    \b
    wunder video plan "the robot is at the red ball" --open
    wunder video plan "the red ball is beside the blue box" strip.png --room 3
    """
    from wunderkammer.apps.cli.jobs import see_through
    from wunderkammer.core.plan import presets
    from wunderkammer.core.settings import checked
    from wunderkammer.core.spelling import instead
    from wunderkammer.core.study import read_study
    from wunderkammer.domains.video_decisions.orders import filming_job, planned_by
    from wunderkammer.domains.video_decisions.settings import VideoSettings
    from wunderkammer.jobs.choice import dispatcher
    from wunderkammer.worlds.toys import words

    settings = settings_of(config, home)
    goal = words.read(sentence)
    known = presets(STUDY, "video_decisions")
    if preset not in known:
        raise ConfigError(f"no preset {preset!r}{instead(preset, known)}")
    if out.suffix not in SUFFIXES:
        raise ConfigError(f"{out}: a film is kept in a file that ends in {' or '.join(SUFFIXES)}")
    if out.exists():
        raise ConfigError(f"{out} is there already; name a file that is not")
    if not out.absolute().parent.is_dir():
        raise ConfigError(f"{out.parent}: no such folder")
    study = read_study(known[preset])
    given = {**study.given, "role": "plan", "seed": study.seed if seed is None else seed}
    model = checked(VideoSettings, given, "video")
    if goal.kind not in model.kinds:
        raise ConfigError(f"this preset's model is told goals of the kinds {', '.join(model.kinds)}, not {goal.kind}")
    jobs = planned_by(model, gpus=int(study.options.get("gpus", 0)))
    film = filming_job(jobs, words.sentence(goal), room)
    for job in (*jobs, film):
        see_through(settings, job, detach=False, silent=True)
    made = dispatcher(settings).artifacts(film.id)
    shutil.copyfile(made / f"plan{out.suffix}", out)
    found = json.loads((made / "result.json").read_text("utf-8"))
    told = f"true after {found['steps']} steps" if found["met"] else "not true in the end"
    print(f"{told}; {found['impossible']:.0%} of the foreseen steps are impossible")
    print(out)
    if open_it:
        typer.launch(out.resolve().as_uri())
