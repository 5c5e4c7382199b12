"""`wunder worlds`: levels by name, of every world that has some: shown, drawn, played, brought in and taken out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, NamedTuple

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.domains.paired.showroom import Showroom

app = typer.Typer(
    help="Mazes and race tracks by name: suites, list, show, import, export.",
    no_args_is_help=True,
    rich_markup_mode=None,
)
DRAWN = (".svg", ".png", ".gif", ".txt")


class Suite(NamedTuple):
    """A suite, and the world that it is of."""

    world: str
    room: Showroom
    name: str
    levels: dict[str, Any]


class Found(NamedTuple):
    """A level, and the world that it is of."""

    world: str
    room: Showroom
    level: Any


@app.command()
def suites(as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """The suites there are: those that students are judged by, and imported ones.

    \b
    wunder worlds suites
    """
    rows = [
        {
            "world": one.world,
            "suite": one.name,
            "levels": len(one.levels),
            "unsolvable": sum(not one.room.figures(level)["solvable"] for level in one.levels.values()),
        }
        for one in _suites(settings_of(config, home))
    ]
    if as_json:
        return screen.emit(rows)
    return screen.show(screen.table(("world", "suite", "levels", "unsolvable"), [tuple(row.values()) for row in rows]))


@app.command("list")
def list_levels(
    suite: Annotated[str | None, typer.Argument(help="One suite; default: all.")] = None,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """The levels of a suite with their figures.

    \b
    wunder worlds list
    wunder worlds list circuits
    wunder worlds list held-out --json | jq '.[].path'
    """
    there = list(_suites(settings_of(config, home)))
    chosen = [one for one in there if suite in (None, one.name)]
    if not chosen:
        raise ConfigError(f"unknown suite {suite!r}{instead(str(suite), (one.name for one in there))}")
    if as_json:
        rows = [
            {"world": one.world, "suite": one.name, one.room.catalogue.one: name, **one.room.figures(level)}
            for one in chosen
            for name, level in one.levels.items()
        ]
        return screen.emit(rows)
    for world in dict.fromkeys(one.world for one in chosen):
        _table([one for one in chosen if one.world == world])
    return None


@app.command()
def show(
    level: Annotated[str, typer.Argument(help="A level by name, PerfectMaze-51x51-7, or a file with one.")],
    out: Annotated[
        list[Path] | None, typer.Option("--out", "-o", help="Write it to FILE.svg, .png, .gif (an episode) or .txt.")
    ] = None,
    student: Annotated[
        str | None, typer.Option(help="Who plays the episode: walker, pursuit (cars), or a student.safetensors.")
    ] = None,
    noise: Annotated[float | None, typer.Option(min=0, max=1, help="Share of its actions that are random.")] = None,
    horizon: Annotated[int | None, typer.Option(min=1, help="Steps or frames after which it is cut off.")] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of the episode.")] = 0,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """A level as text with its figures; as a picture; as an episode.

    \b
    wunder worlds show Labyrinth
    wunder worlds show Labyrinth -o labyrinth.svg -o walker.gif
    wunder worlds show Monaco -o monaco.svg -o drive.gif
    """
    from wunderkammer.domains.paired.showroom import Asked, Drawn

    found = _level(level, settings_of(config, home))
    catalogue, figures = found.room.catalogue, found.room.figures(found.level)
    wrong = [str(file) for file in out or () if file.suffix not in DRAWN]
    if wrong:
        raise ConfigError(f"cannot write {wrong[0]}: a {catalogue.one} is written as {', '.join(DRAWN)}")
    text, said = catalogue.write(found.level), {}
    for file in out or ():
        if file.suffix == ".txt":
            drawn = Drawn((text + "\n").encode(), "the text")
        else:
            drawn = found.room.draw(found.level, file.suffix, Asked(student, noise, horizon, seed))
        file.write_bytes(drawn.data)
        said[str(file)] = drawn.words
    if as_json:
        screen.emit({"world": found.world, catalogue.one: level, **figures, "map": text, "files": said})
        return
    print(text)
    screen.show(screen.pairs([(name, _said(figures[name], found.room)) for name in found.room.columns]))
    for file_, words in said.items():
        print(f"{file_}: {words}")


@app.command("import")
def import_(
    file: Annotated[Path, typer.Argument(help="Levels in their text form, each under its [Name]; or one.")],
    name: Annotated[str | None, typer.Option("--as", help="Name of the suite; default: that of the file.")] = None,
    config: Config = None,
    home: Home = None,
) -> None:
    """Check the mazes or tracks of a file and keep them as a suite.

    \b
    wunder worlds import mine.txt
    wunder worlds import mine.txt --as corners
    """
    from wunderkammer.domains.paired.showroom import own

    settings = settings_of(config, home)
    words = _text(file)
    _, room = _room_of(words)
    catalogue = room.catalogue
    levels = catalogue.parse(words, str(file))
    target = own(settings.home, room) / f"{catalogue.suite_name(name or file.stem)}.txt"
    if target.stem in [one.name for one in _suites(None)]:
        raise ConfigError(f"{target.stem} is a suite that comes with the world; give another name with --as")
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(catalogue.compose(levels), "utf-8")
    shut = [one for one, level in levels.items() if not room.figures(level)["solvable"]]
    tail = f"; {room.shut} in {len(shut)}: {', '.join(shut)}" if shut else ""
    print(screen.line(f"{target.stem}: {len(levels)} {catalogue.many}{tail}"))


@app.command()
def export(
    name: Annotated[str, typer.Argument(help="A suite, a level, or the beginning of a run's id: its elites.")],
    file: Annotated[Path, typer.Argument(help="Where to; `import` reads it.")],
    config: Config = None,
    home: Home = None,
) -> None:
    """Write levels to a file in their text form.

    \b
    wunder worlds export held-out held-out.txt
    wunder worlds export 4f1c found.txt
    """
    settings = settings_of(config, home)
    there = list(_suites(settings))
    found: list[tuple[Showroom, Mapping[str, Any]]] = [(one.room, one.levels) for one in there if one.name == name]
    found += [(one.room, {name: one.levels[name]}) for one in there if name in one.levels]
    room, levels = found[0] if found else _elites(name, settings, tuple(one.name for one in there))
    file.write_text(room.catalogue.compose(levels), "utf-8")
    print(f"{file}: {len(levels)} {room.catalogue.many}")


def _suites(settings: Settings | None) -> Iterator[Suite]:
    """All suites of all worlds; None: those that come with them."""
    from wunderkammer.domains.paired.showroom import own, showrooms

    for world, room in showrooms().items():
        folder = None if settings is None else own(settings.home, room)
        for name, levels in room.catalogue.suites(folder).items():
            yield Suite(world, room, name, levels)


def _level(name: str, settings: Settings) -> Found:
    """A level by name in any world, or the one in a file."""
    from wunderkammer.domains.paired.showroom import own, showrooms

    file = Path(name)
    if file.is_file():
        words = _text(file)
        world, room = _room_of(words)
        levels = room.catalogue.parse(words, name)
        if len(levels) != 1:
            raise ConfigError(f"{name} holds {len(levels)} {room.catalogue.many}; import it, then show one by name")
        return Found(world, room, next(iter(levels.values())))
    known = []
    for world, room in showrooms().items():
        there = room.catalogue.names(own(settings.home, room))
        made = room.catalogue.made(name) if room.catalogue.made else None
        if made is not None or name in there:
            return Found(world, room, there[name] if made is None else made)
        known += [*there, *([room.catalogue.example] if room.catalogue.example else [])]
    raise ConfigError(f"unknown level {name!r}{instead(name, known)}")


def _room_of(words: str) -> tuple[str, Showroom]:
    """The world whose text it looks like; mazes where it looks like nothing."""
    from wunderkammer.domains.paired.showroom import showrooms

    rooms = showrooms()
    return next(
        ((name, room) for name, room in reversed(rooms.items()) if room.wrote(words)), next(iter(rooms.items()))
    )


def _text(file: Path) -> str:
    try:
        return file.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as fault:
        raise ConfigError(f"cannot read {file}: {fault}") from fault


def _elites(run: str, settings: Settings, suites: tuple[str, ...]) -> tuple[Showroom, Mapping[str, Any]]:
    """The elites of a run that searched for levels."""
    from wunderkammer.apps.mazes import found

    there = found(run, settings)
    if there is None:
        raise ConfigError(f"{run} is no run that found levels, and no suite; suites are: {', '.join(suites)}")
    return there


def _table(suites: list[Suite]) -> None:
    """The levels of suites of one world."""
    room = suites[0].room
    rows = [
        [one.name, name, *(_said(figures[column], room) for column in room.columns)]
        for one in suites
        for name, figures in ((name, room.figures(level)) for name, level in one.levels.items())
    ]
    screen.show(screen.table(("suite", room.catalogue.one, *room.columns), rows))


def _said(value: Any, room: Showroom) -> Any:
    if isinstance(value, bool):
        return "yes" if value else room.shut
    return room.shut if value is None else value
