"""`wunder jobs`: what is being trained and measured, by whom, and how far it is; start, watch and end a job."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.listing import Listing
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import counted

if TYPE_CHECKING:
    from wunderkammer.core.settings import Settings
    from wunderkammer.core.work import Job, Standing
    from wunderkammer.jobs.dispatcher import Dispatcher

jobs_app = typer.Typer(name="jobs", cls=Listing, rich_markup_mode=None)

JobId = Annotated[str, typer.Argument(help="Beginning of a job's id; default: the latest.", metavar="ID")]
UNITS = {"s": 1, "m": 60, "h": 3600, "d": 86_400}
STOPPED = 130
"""Exit code after Ctrl-C, as shells have it."""


def add_to(app: typer.Typer) -> None:
    """Register the commands."""
    app.add_typer(jobs_app)


# ---- looking ---------------------------------------------------------------------------------------------------------


@jobs_app.callback(invoke_without_command=True)
def list_jobs(context: typer.Context, as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """Every job: where it stands, how far and how fast it is, what it holds, why it waits or failed.

    \b
    wunder jobs
    wunder jobs tail -f
    wunder jobs --json | jq '.[] | select(.status == "failed") | .reason'
    """
    if context.invoked_subcommand:
        return
    from wunderkammer.apps import jobview
    from wunderkammer.apps.cli import jobwords

    settings = settings_of(config, home)
    found = asyncio.run(jobview.everything(settings))
    if as_json:
        screen.emit([jobview.plain(one) for one in found])
    elif not found:
        print("no jobs yet")
    else:
        screen.show(
            screen.table(
                jobwords.COLUMNS, (jobwords.row(jobview.folder_of(settings, one.job.id), one) for one in found)
            )
        )


@jobs_app.command()
def show(job: JobId = "latest", as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """One job: what it is, where it stands, what it made, the end of its log.

    \b
    wunder jobs show
    wunder jobs show 4f1c --json
    """
    from wunderkammer.apps import jobview
    from wunderkammer.apps.cli import jobwords
    from wunderkammer.jobs.folder import read, tail

    settings = settings_of(config, home)
    standing = _find(settings, job)
    folder = jobview.folder_of(settings, standing.job.id)
    made = read(folder.out / "manifest.json") or {}
    result = read(folder.out / "result.json")
    if as_json:
        screen.emit(
            {**jobview.plain(standing), "files": made.get("files", []), "result": result, "folder": str(folder.path)}
        )
        return
    screen.show(screen.pairs(jobwords.facts(folder, standing)))
    if made.get("files"):
        rows = [(one["name"], one["size"], one["sha256"][:12]) for one in made["files"]]
        screen.show(screen.table(("file", "bytes", "sha256"), rows, numbers=("bytes",)))
    if result is not None:
        screen.show(screen.pairs((name, screen.line(json.dumps(value), 100)) for name, value in result.items()))
    if standing.status == "failed":
        print("\n".join(screen.plain(line) for line in tail(folder.log).splitlines()[-12:]))


@jobs_app.command()
def tail(
    job: JobId = "latest",
    follow: Annotated[bool, typer.Option("--follow", "-f", help="Go on until the job is over.")] = False,
    lines: Annotated[int, typer.Option("--lines", "-n", min=0, help="How many to begin with.")] = 20,
    config: Config = None,
    home: Home = None,
) -> None:
    """The end of a job's log. Ctrl-C ends the looking, not the job.

    \b
    wunder jobs tail -f
    wunder jobs tail 4f1c -n 200
    """
    from wunderkammer.apps import joblog, jobview

    settings = settings_of(config, home)
    folder = jobview.folder_of(settings, _find(settings, job).job.id)

    async def go() -> None:
        async for text in joblog.follow(settings, folder, lines, on=follow):
            print(screen.plain(text), end="", flush=True)

    try:
        asyncio.run(go())
    except KeyboardInterrupt:
        raise typer.Exit(STOPPED) from None


@jobs_app.command()
def gpus(as_json: Json = False, config: Config = None, home: Home = None) -> None:
    """The GPUs of this machine, and which job holds which.

    \b
    wunder jobs gpus
    """
    from wunderkammer.apps import jobview

    rows = [one.plain() for one in jobview.lent(settings_of(config, home))]
    if as_json:
        screen.emit(rows)
    elif not rows:
        print("no GPU seen: there is no driver, or the package nvidia-ml-py is not installed")
    else:
        numbers = ("gpu", "memory_gib", "free_gib")
        screen.show(screen.table(tuple(rows[0]), [tuple(row.values()) for row in rows], numbers=numbers))


# ---- doing -----------------------------------------------------------------------------------------------------------


@jobs_app.command()
def run(
    module: Annotated[str, typer.Argument(help="Import name of a module with a `main(desk)`.")],
    arg: Annotated[list[str] | None, typer.Option("--arg", "-a", help="NAME=VALUE for the module.")] = None,
    seed: Annotated[int, typer.Option(help="Seed of its random numbers.")] = 0,
    gpus_wanted: Annotated[int, typer.Option("--gpus", min=0, help="How many GPUs.")] = 0,
    gpu_memory: Annotated[float, typer.Option(min=0, help="GiB that must be free on each GPU.")] = 0.0,
    cores: Annotated[int, typer.Option(min=1, help="How many cores.")] = 1,
    memory: Annotated[float, typer.Option(help="GiB of main memory.")] = 1.0,
    limit: Annotated[str | None, typer.Option(help="It is ended after this long: 90, 30m, 2h, 1d.")] = None,
    attempts: Annotated[int, typer.Option(min=1, max=20, help="Starts in all, when it is killed.")] = 2,
    environment: Annotated[str, typer.Option(help="What `wunder setup` calls it; default: our own.")] = "",
    title: Annotated[str, typer.Option(help="What lists call it.")] = "",
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Do not wait for it.")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Run a module as a job: the same again is not run twice. Ctrl-C leaves it running.

    \b
    wunder jobs run wunderkammer.jobs.finetune.weights --arg base=org/model-1b --environment finetune --limit 2h
    wunder jobs run mypackage.training --arg rate=0.001 --gpus 1 --detach
    """
    from wunderkammer.core.settings import checked
    from wunderkammer.core.work import Job, Resources

    settings = settings_of(config, home)
    needs = {"cores": cores, "memory_gib": memory, "gpus": gpus_wanted, "gpu_memory_gib": gpu_memory}
    job = checked(
        Job,
        {
            "module": module,
            "args": dict(map(_argument, arg or [])),
            "seed": seed,
            "needs": checked(Resources, needs, "jobs run"),
            "limit_s": None if limit is None else _seconds(limit),
            "attempts": attempts,
            "environment": environment,
            "title": title,
        },
        "jobs run",
    )
    see_through(settings, job, detach)


@jobs_app.command()
def retry(
    job: JobId = "latest",
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Do not wait for it.")] = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Queue a job again that failed or was cancelled; it goes on from its checkpoint.

    \b
    wunder jobs retry
    """
    settings = settings_of(config, home)
    see_through(settings, _find(settings, job).job, detach)


@jobs_app.command()
def cancel(job: JobId, config: Config = None, home: Home = None) -> None:
    """End a job with everything that it started.

    \b
    wunder jobs cancel 4f1c
    """
    settings = settings_of(config, home)
    found = asyncio.run(_dispatcher(settings).cancel(_find(settings, job).job.id))
    print(screen.line(f"job {found.job.id} is {found.status}"))


@jobs_app.command("export")
def export_jobs(
    file: Annotated[Path, typer.Argument(help="What to write, for example cells.tar.gz.", show_default=False)],
    like: Annotated[str, typer.Option(help="Those alone whose title or id begins so.")] = "",
    largest: Annotated[float, typer.Option(min=0, help="MiB of artifacts that a job may have.")] = 16.0,
    config: Config = None,
    home: Home = None,
) -> None:
    """The jobs that are done, with what they made, as one file: to bring together what several machines measured.

    \b
    wunder jobs export cells.tar.gz --like "embedded: "
    """
    from wunderkammer.apps import jobview
    from wunderkammer.jobs.parcel import MIB, pack

    settings = settings_of(config, home)
    found = [one.job for one in asyncio.run(jobview.everything(settings)) if one.status == "done"]
    wanted = [job for job in found if job.title.startswith(like) or job.id.startswith(like)]
    if not wanted:
        raise ConfigError(f"no job that is done begins with {like[:60]!r}; `wunder jobs` lists them")
    try:
        packed = pack((jobview.folder_of(settings, job.id) for job in wanted), file, round(largest * MIB))
    except OSError as fault:
        raise ConfigError(f"{file}: {fault.strerror or fault}") from None
    left = f", {packed.large} left out that have more than {largest:g} MiB (--largest)" if packed.large else ""
    print(f"{file}: {counted(packed.jobs, 'job')}{left}")


@jobs_app.command("import")
def import_jobs(
    file: Annotated[Path, typer.Argument(help="What `wunder jobs export` wrote.", show_default=False)],
    config: Config = None,
    home: Home = None,
) -> None:
    """Take in jobs that were done elsewhere; they are not run again, and studies find their figures.

    Whoever made the file is believed. What is done or under way here stays as it is.

    \b
    wunder jobs import cells.tar.gz
    """
    from wunderkammer.jobs.parcel import unpack

    settings = settings_of(config, home)
    taken = unpack(file, settings.home.expanduser().resolve() / "jobs")
    known = f", {taken.known} done or under way already" if taken.known else ""
    print(f"{file}: {counted(taken.jobs, 'job')}{known}")


def see_through(settings: Settings, job: Job, detach: bool, *, silent: bool = False) -> Standing:
    """Submit a job and show how it comes along; how it stands then. Raises where it fails.

    silent: where its artifacts lie is not printed, so that a command can print JSON alone.
    """
    from wunderkammer.apps.cli.joblive import watching

    dispatcher = _dispatcher(settings)

    async def go() -> Standing:
        standing = await dispatcher.submit(job)
        if detach or standing.over:
            return standing
        print(f"job {job.id}; Ctrl-C leaves it running", file=sys.stderr)
        with watching() as tell:
            return (await dispatcher.wait([job.id], tell))[job.id]

    try:
        found = asyncio.run(go())
    except KeyboardInterrupt:
        short = job.id[:8]
        print(f"\njob {short} goes on; wunder jobs tail -f {short}; wunder jobs cancel {short}", file=sys.stderr)
        raise typer.Exit(STOPPED) from None
    place = dispatcher.artifacts(job.id) if found.over else f"job {job.id} is {found.status}"
    if not silent:
        print(place)
    return found


# ---- words -----------------------------------------------------------------------------------------------------------


def _dispatcher(settings: Settings) -> Dispatcher:
    from wunderkammer.jobs.choice import dispatcher

    return dispatcher(settings)


def _find(settings: Settings, wanted: str) -> Standing:
    from wunderkammer.apps import jobview

    return asyncio.run(jobview.find(settings, wanted))


def _argument(text: str) -> tuple[str, str | int | float | bool]:
    """NAME=VALUE; numbers, true and false are such, all else is text."""
    name, equals, value = text.partition("=")
    if not equals or not name.strip():
        raise ConfigError(f"--arg {text!r}: write --arg NAME=VALUE")
    try:
        found = json.loads(value)
    except ValueError:
        found = value
    return name.strip(), found if isinstance(found, (int, float, bool)) else value


def _seconds(text: str) -> float:
    unit = UNITS.get(text[-1:], 0)
    try:
        return float(text[:-1]) * unit if unit else float(text)
    except ValueError:
        raise ConfigError(f"--limit {text!r}: seconds, or a number with s, m, h or d, such as 90m") from None
