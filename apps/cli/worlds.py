"""`wunder worlds`: mazes by name, shown, drawn, played, brought in and taken out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.worlds.maze.text import Plan

app = typer.Typer(
    help="Mazes by name: suites, list, show, import, export.", no_args_is_help=True, rich_markup_mode=None
)
DRAWN = (".svg", ".png", ".gif", ".txt")
FOLDER = "worlds"
"""Of the home folder: where imported suites are kept."""


@app.command()
def suites(as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """The suites there are: those that students are judged by, and imported ones.

    \b
    wunder worlds suites
    """
    from wunderkammer.worlds.maze import catalogue
    from wunderkammer.worlds.maze.trail import complexity

    found = catalogue.suites(_own(settings_of(config, home)))
    rows = [
        {"suite": name, "mazes": len(mazes), "unsolvable": sum(complexity(one).path is None for one in mazes.values())}
        for name, mazes in found.items()
    ]
    if as_json:
        return screen.emit(rows)
    return screen.show(screen.table(("suite", "mazes", "unsolvable"), [tuple(row.values()) for row in rows]))


@app.command("list")
def list_mazes(
    suite: Annotated[str | None, typer.Argument(help="One suite; default: all.")] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """The mazes of a suite with their figures.

    \b
    wunder worlds list
    wunder worlds list held-out --json | jq '.[].path'
    """
    from wunderkammer.worlds.maze import catalogue

    own = _own(settings_of(config, home))
    chosen = {suite: catalogue.suite(suite, own)} if suite else catalogue.suites(own)
    rows = [{"suite": name, **_figures(maze, plan)} for name, mazes in chosen.items() for maze, plan in mazes.items()]
    if as_json:
        return screen.emit(rows)
    columns = ("suite", "maze", "size", "walls", "density", "path")
    return screen.show(screen.table(columns, [[_said(row[name]) for name in columns] for row in rows]))


@app.command()
def show(
    level: Annotated[str, typer.Argument(help="A maze by name, PerfectMaze-51x51-7, or a file with one map.")],
    out: Annotated[
        list[Path] | None, typer.Option("--out", "-o", help="Write it to FILE.svg, .png, .gif (an episode) or .txt.")
    ] = None,
    student: Annotated[str, typer.Option(help="Who plays the episode: walker, or a student.safetensors.")] = "walker",
    noise: Annotated[float, typer.Option(min=0, max=1, help="Share of random actions of the walker.")] = 0.1,
    horizon: Annotated[int, typer.Option(min=1, help="Steps after which the episode is cut off.")] = 250,
    seed: Annotated[int, typer.Option(min=0, help="Of the episode.")] = 0,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """A maze as text with its figures; as a picture; as an episode of a student.

    \b
    wunder worlds show Labyrinth
    wunder worlds show Labyrinth -o labyrinth.svg -o walker.gif
    wunder worlds show PerfectMaze-51x51-7 -o maze.png
    """
    from wunderkammer.worlds.maze import text

    plan = _plan(level, settings_of(config, home))
    wrong = [str(file) for file in out or () if file.suffix not in DRAWN]
    if wrong:
        raise ConfigError(f"cannot write {wrong[0]}: a maze is written as {', '.join(DRAWN)}")
    figures = _figures(level, plan)
    said = {}
    for file in out or ():
        data, words = _drawn(plan, file.suffix, student, noise, horizon, seed)
        file.write_bytes(data)
        said[str(file)] = words
    if as_json:
        screen.emit({**figures, "map": text.write(plan), "files": said})
        return
    print(text.write(plan))
    screen.show(screen.pairs([*((name, _said(figures[name])) for name in ("size", "walls", "density", "path"))]))
    for file_, words in said.items():
        print(f"{file_}: {words}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Maps in the common text form, each under its [Name]; or one map.")],
    name: Annotated[str | None, typer.Option("--as", help="Name of the suite; default: that of the file.")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Check the mazes of a file and keep them as a suite.

    \b
    wunder worlds import mine.txt
    wunder worlds import mine.txt --as corners
    """
    from wunderkammer.worlds.maze import catalogue
    from wunderkammer.worlds.maze.trail import complexity

    own = _own(settings_of(config, home))
    mazes = catalogue.parse(_text(file), str(file))
    target = own / f"{catalogue.suite_name(name or file.stem)}.txt"
    if target.stem in catalogue.suites():
        raise ConfigError(f"{target.stem} is a suite that comes with the world; give another name with --as")
    own.mkdir(parents=True, exist_ok=True)
    target.write_text(catalogue.compose(mazes), "utf-8")
    shut = [one for one, plan in mazes.items() if complexity(plan).path is None]
    tail = f"; no way to the goal in {len(shut)}: {', '.join(shut)}" if shut else ""
    print(screen.line(f"{target.stem}: {len(mazes)} mazes{tail}"))


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="A suite, a maze, or the beginning of a run's id: its elites.")],
    file: Annotated[Path, typer.Argument(help="Where to; `import` reads it.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """Write mazes to a file in the common text form.

    \b
    wunder worlds export held-out held-out.txt
    wunder worlds export 4f1c found.txt
    """
    from wunderkammer.apps.mazes import elites
    from wunderkammer.worlds.maze import catalogue

    settings = settings_of(config, home)
    known = catalogue.suites(_own(settings))
    if name in known:
        mazes = known[name]
    elif any(name in one for one in known.values()):
        mazes = {name: catalogue.find(name, _own(settings))}
    else:
        mazes = elites(name, settings)
    file.write_text(catalogue.compose(mazes), "utf-8")
    print(f"{file}: {len(mazes)} mazes")


def _own(settings: Settings) -> Path:
    return settings.home / FOLDER


def _plan(level: str, settings: Settings) -> Plan:
    """A maze by name, or the one in a file."""
    from wunderkammer.worlds.maze import catalogue

    file = Path(level)
    if not file.is_file():
        return catalogue.find(level, _own(settings))
    mazes = catalogue.parse(_text(file), level)
    if len(mazes) != 1:
        raise ConfigError(f"{level} holds {len(mazes)} mazes; import it, then show one by name")
    return next(iter(mazes.values()))


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"cannot read {file}: {fault}") from fault


def _figures(name: str, plan: Plan) -> dict[str, Any]:
    from wunderkammer.worlds.maze.trail import complexity

    found = complexity(plan)
    size = f"{plan.height} x {plan.width}"
    return {"maze": name, "size": size, "walls": found.walls, "density": found.density, "path": found.path}


def _said(value: Any) -> Any:
    return "no way to the goal" if value is None else value


def _drawn(plan: Plan, kind: str, student: str, noise: float, horizon: int, seed: int) -> tuple[bytes, str]:
    """The bytes of a file, and what it shows."""
    from wunderkammer.worlds.maze import text
    from wunderkammer.worlds.maze.drawing import svg
    from wunderkammer.worlds.maze.trail import trail

    if kind == ".txt":
        return (text.write(plan) + "\n").encode(), "the map"
    if kind == ".svg":
        return svg(plan, trail(plan)).encode(), "the maze and the shortest way"
    from wunderkammer.domains.paired.maze_levels import with_jax

    clip = with_jax("wunderkammer.worlds.maze.clip")
    if kind == ".png":
        return clip.png(plan), "the beginning of an episode"
    play = with_jax("wunderkammer.domains.paired.maze_play")
    track, solved = play.episode(plan, student, noise, horizon, seed)
    return clip.gif(plan, track), f"an episode of {len(track.places)} steps, {'solved' if solved else 'not solved'}"
