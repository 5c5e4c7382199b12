"""`wunder vlm`: rewards from pictures: what a model gives a frame, and how well its rewards tell true from false."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.learners.vlm.curves import Curve

app = typer.Typer(
    help="Rewards from vision-language models: score frames, measure a reward on labelled ones.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
Model = Annotated[
    str,
    typer.Option(
        help="A folder with a CLIP or SigLIP; OWNER/NAME on the hub; open_clip:MODEL/WEIGHTS; a chat model that sees: "
        "http://host:8000/v1#MODEL, SERVER#MODEL.",
        metavar="MODEL",
    ),
]
Negatives = Annotated[
    list[str] | None,
    typer.Option("--negative", help="What a frame might show instead; may be repeated. A chat model needs none."),
]
Template = Annotated[str, typer.Option(help="What goals and negatives are put into, at {}.")]
Tau = Annotated[float, typer.Option(min=0, help="Temperature of the softmax; 0: the model's own.")]


@app.command()
def score(
    frames: Annotated[list[Path], typer.Argument(help="Pictures of one size.", metavar="FRAME...")],
    model: Model,
    goal: Annotated[str, typer.Option(help="What a frame is to show, in words.")],
    negative: Negatives = None,
    template: Template = "{}",
    tau: Tau = 0.0,
    beta: Annotated[float, typer.Option(min=0, max=1, help="A frame earns 1 where its probability is above.")] = 0.5,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """How likely each frame shows the goal, and what it would earn.

    \b
    wunder vlm score --model clip --goal "the robot is at the red ball" --negative "the robot is at nothing" a.png b.png
    wunder vlm score --model http://localhost:8000/v1#qwen-vl --goal "the drawer is open" *.png
    """
    from wunderkammer.apps.appraising import scorer
    from wunderkammer.domains.vlm_rewards.labels import frames as pictures

    found = pictures(frames)
    asked = scorer(settings_of(config, home), model, negative or [], template, tau)
    chances = asked.chances(found, [goal] * len(frames))
    rows = [(str(file), round(float(p), 4), int(p > beta)) for file, p in zip(frames, chances, strict=True)]
    names = ("frame", "p", "reward")
    if as_json:
        screen.emit([dict(zip(names, row, strict=True)) for row in rows])
    else:
        screen.show(screen.table(names, rows))


@app.command()
def measure(
    labels: Annotated[Path, typer.Argument(help="A CSV file with columns frame, goal, label, or its folder.")],
    model: Model,
    negative: Negatives = None,
    template: Annotated[
        list[str] | None, typer.Option(help="Prompts to try, each with {} in it; may be repeated.")
    ] = None,
    tau: Annotated[list[float] | None, typer.Option(help="Temperatures to try; 0: the model's own.")] = None,
    keep: Annotated[Path | None, typer.Option(help="A file for the curves, ending in .svg.")] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Precision and recall of a reward on your own labelled frames, and the best threshold for each way to ask.

    Without --negative, each goal is set against all others of the table. Choose the way to ask here, and measure it on
    other frames: what is best on these is too good to be true of the next.

    \b
    wunder vlm measure labels.csv --model org/clip-model --template "{}" --template "a render in which {}" --keep pr.svg
    """
    from wunderkammer.apps.appraising import scorer
    from wunderkammer.domains.vlm_rewards.labels import read
    from wunderkammer.learners.vlm.curves import area, average_precision, choose, curve

    if keep is not None and keep.suffix != ".svg":
        raise ConfigError(f"{keep}: curves are kept in a file that ends in .svg")
    pictures, goals, truths = read(labels)
    against, settings = negative or list(dict.fromkeys(goals)), settings_of(config, home)
    found = []
    for words, warmth in _ways(model, template or ["{}"], tau or [0.0]):
        told = curve(scorer(settings, model, against, words, warmth).chances(pictures, goals), truths)
        best = choose(told)
        found.append(
            Way(words, warmth, average_precision(told), area(told), best.beta, best.precision, best.recall, told)
        )
    found.sort(key=lambda way: -way.average_precision)
    if keep is not None:
        keep.write_text(_drawn(found), "utf-8")
    if as_json:
        screen.emit([dict(zip(Way._fields, way[:7], strict=False)) for way in found])
    else:  # a threshold of .99998 is not 1, above which nothing is
        rows = [(way.template, way.tau, *(f"{value:.5f}" for value in way[2:7])) for way in found]
        screen.show(screen.table([name.replace("_", " ") for name in Way._fields[:7]], rows))


@app.command()
def rooms(
    out: Annotated[Path, typer.Argument(help="A folder that is not there yet.")],
    count: Annotated[int, typer.Option(min=2, help="Frames.")] = 64,
    held: Annotated[bool, typer.Option(help="About combinations that the study's models never saw.")] = True,
    seed: Annotated[int, typer.Option(min=0, help="Of the rooms that are drawn.")] = 0,
) -> None:
    """Labelled frames of rooms of toys, to try `wunder vlm measure` on.

    \b
    wunder vlm rooms rooms --count 200
    wunder vlm measure rooms --model HOME/jobs/JOB/out/clip --negative "the robot is at nothing"
    """
    from wunderkammer.domains.vlm_rewards.captions import labelled
    from wunderkammer.domains.vlm_rewards.captions import rooms as levels
    from wunderkammer.domains.vlm_rewards.labels import write

    if out.exists():
        raise ConfigError(f"{out} is there already; name a folder that is not")
    found = labelled(levels(6, 3, 24, held=held), seed, count)
    print(write(out, found.frames, found.goals, found.labels))


class Way(NamedTuple):
    """A way to ask, and what it comes to."""

    template: str
    tau: float
    average_precision: float
    area: float
    best_beta: float
    precision: float
    recall: float
    curve: Curve


def _ways(model: str, templates: list[str], taus: list[float]) -> list[tuple[str, float]]:
    """All that are to be tried; a chat model is asked in one way, by its prompt."""
    from wunderkammer.apps.appraising import is_address

    return [("{}", 0.0)] if is_address(model) else [(words, warmth) for words in templates for warmth in taus]


def _drawn(ways: list[Way]) -> str:
    from wunderkammer.domains.vlm_rewards.charts import curves_of

    return curves_of([(f"{way.template} τ={way.tau:g}", way.curve) for way in ways])
