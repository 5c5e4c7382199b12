"""`wunder chat`: the guide in the terminal, and one turn of it for scripts."""

from __future__ import annotations

import asyncio
import json
import sys
from typing import TYPE_CHECKING, Annotated, Any

import typer

from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.options import Config, Home, settings_of
from wunderkammer.apps.cli.screen import Json
from wunderkammer.core.errors import ConfigError

if TYPE_CHECKING:
    from pathlib import Path

    from wunderkammer.agents.guide.happenings import Happening
    from wunderkammer.agents.guide.sheet import Sheet
    from wunderkammer.agents.guide.tool import Bounds
    from wunderkammer.apps.chat.reading import Request
    from wunderkammer.apps.chat.session import Session
    from wunderkammer.core.settings import Settings

MAIN = "main"
REMEDY = "A larger model: wunder chat --model http://host:8000/v1#MODEL"


def add_to(app: typer.Typer) -> None:
    """Register the command."""
    app.command()(chat)


def chat(
    once: Annotated[
        str | None, typer.Option("--once", help="Say this, print the reply, leave.", metavar="WORDS")
    ] = None,
    thread: Annotated[
        str | None, typer.Option(help="Which conversation; default: main, and none that is kept for --once.")
    ] = None,
    model: Annotated[
        str | None, typer.Option("--model", help="Who plays the guide: http://host:8000/v1#MODEL, …", metavar="ADDRESS")
    ] = None,
    yes: Annotated[bool, typer.Option("--yes", "-y", help="Say yes to every question beforehand.")] = False,
    calls: Annotated[int, typer.Option(help="Ask before starting what may take more calls than this.", min=0)] = 200,
    minutes: Annotated[float, typer.Option(help="… or more minutes than this.", min=0)] = 10.0,
    as_json: Json = False,
    config: Config = None,
    home: Home = None,
) -> None:
    """Talk with the guide: it explains, starts, steers and compares. Commands work without any model: /help.

    Ctrl-C ends a reply, Ctrl-D leaves. Conversations are kept and go on where they were.

    \b
    wunder chat
    wunder chat --model http://host:8000/v1#qwen3-32b --thread monday
    wunder chat --once "which run found most?" --json
    wunder chat --once "/run rainbow-skills smoke" --yes
    """
    from wunderkammer.agents.guide.tool import Bounds

    settings = settings_of(config, home, {"guide": model})
    bounds = Bounds(calls=calls, minutes=minutes)
    if once is not None:
        _once(settings, config, once, thread or "", bounds, yes, as_json)
        return
    if as_json:
        raise ConfigError("--json is for one turn: wunder chat --once WORDS --json")
    from wunderkammer.apps.cli.dialogue import Dialogue

    Dialogue(settings, config, thread or MAIN, bounds, yes).go()


# ---- one turn --------------------------------------------------------------------------------------------------------


def _once(
    settings: Settings, config: Path | None, words: str, thread: str, bounds: Bounds, yes: bool, as_json: bool
) -> None:
    if not words.strip():
        raise ConfigError("--once: say something")
    said = Said(quiet=as_json)

    async def go() -> tuple[dict[str, Any], str]:
        from wunderkammer.apps.chat.session import session

        async with session(settings, said.tell, thread=thread, config=config, bounds=bounds, trusting=yes) as talk:
            request = talk.read(words.strip())
            found, fault = await (_command(talk, request, said) if request else _speech(talk, words, said))
            return {"thread": thread or None, **found}, fault

    try:
        found, fault = asyncio.run(go())
    except KeyboardInterrupt:
        raise typer.Exit(130) from None
    if as_json:
        screen.emit({**found, "fault": fault or None})
    if fault:
        raise ConfigError(fault)


async def _command(talk: Session, request: Request, said: Said) -> tuple[dict[str, Any], str]:

    if question := await talk.question(request):
        return {"command": request.command.name, "question": question}, f"{question} Add --yes"
    sheet = await talk.do(request)
    if not said.quiet:
        show_sheet(sheet)
    return {"command": request.command.name, "result": sheet.model_dump(mode="json")}, ""


async def _speech(talk: Session, words: str, said: Said) -> tuple[dict[str, Any], str]:
    from wunderkammer.apps.chat.conversation import weakness

    able = await talk.fitness()
    if not able.fit:
        return {"reply": None, "weak": able.why}, weakness(able.why, words, REMEDY)
    turn, refused = await talk.say(words), ""
    while turn.question:
        refused = refused or turn.question
        turn = await talk.answer(False)
    said.end()
    return {"reply": turn.reply, "tools": said.used}, f"{refused} It was not done; add --yes" if refused else ""


class Said:
    """Prints what happens while the guide answers, and remembers which tools it used. quiet: only remembers."""

    def __init__(self, *, quiet: bool = False) -> None:
        self.quiet = quiet
        self.used: list[dict[str, Any]] = []
        self._midway = False

    def tell(self, event: Happening) -> None:
        """Take in what happened."""
        from wunderkammer.agents.guide.happenings import Anew, Failed, Used, Using, Words

        match event:
            case Words():
                self._print(screen.plain(event.piece), end="")
                self._midway = not event.piece.endswith("\n")
            case Anew():
                self.line("… the server broke off; once more:")
            case Using():
                self.used.append({"tool": event.tool, "arguments": json.loads(event.arguments), "result": None})
                self.line(f"· {event.tool} {'' if event.arguments == '{}' else event.arguments}")
            case Used():
                self.used[-1]["result"] = event.sheet.model_dump(mode="json")
                self.line(f"  {event.sheet.title}")
                for file in event.sheet.files:
                    self.line(f"  {file}")
            case Failed():
                self.used.append({"tool": event.tool, "arguments": None, "fault": event.why})
                self.line(f"· {event.tool}: {event.why}")

    def line(self, words: str) -> None:
        """A line of the program's own, on standard error where the reply may be piped on."""
        self.end()
        if not self.quiet:
            print(screen.line(words), file=sys.stdout if sys.stdout.isatty() else sys.stderr, flush=True)

    def end(self) -> None:
        """End the line that is being written."""
        if self._midway:
            self._print("", end="\n")
            self._midway = False

    def _print(self, words: str, end: str) -> None:
        if not self.quiet:
            print(words, end=end, flush=True)


def show_sheet(sheet: Sheet) -> None:
    """A sheet in the terminal: every word of it as data."""
    parts: list[Any] = [screen.line(sheet.title)]
    if sheet.facts:
        parts.append(screen.pairs(sheet.facts))
    if sheet.rows:
        numbers = [
            name
            for place, name in enumerate(sheet.columns)
            if all(isinstance(row[place], (int, float)) or row[place] is None for row in sheet.rows)
        ]
        parts.append(screen.table(sheet.columns, sheet.rows, numbers=numbers))
    if sheet.text:
        parts.append(screen.plain(sheet.text))
    screen.show(*parts, *sheet.files)
