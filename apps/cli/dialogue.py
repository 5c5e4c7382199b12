"""The dialogue of `wunder chat`: a line at a time, commands and words, until Ctrl-D."""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any, TypeVar

from wunderkammer import domains
from wunderkammer.agents.guide.examination import too_small
from wunderkammer.agents.guide.tool import Bounds
from wunderkammer.apps.chat.arguments import Watch
from wunderkammer.apps.chat.commands import COMMANDS
from wunderkammer.apps.chat.conversation import weakness
from wunderkammer.apps.chat.operations.working import event_in_words
from wunderkammer.apps.chat.reading import Request
from wunderkammer.apps.chat.session import Session, Turn, session
from wunderkammer.apps.cli import screen
from wunderkammer.apps.cli.chat import REMEDY, Said, show_sheet
from wunderkammer.core.errors import ConfigError, WunderError
from wunderkammer.core.settings import EMBEDDED, Settings
from wunderkammer.memory import runs

HISTORY = "chat_history"
MOST_LINES = 1000
"""Of the history that is kept."""
LOOK_S = 0.5
"""Between two looks at a run that is followed."""
HERE = {
    "help": ("[COMMAND]", "this list"),
    "thread": ("[NAME]", "which conversation this is; go to another"),
    "model": ("[ADDRESS]", "who plays the guide, and whether it can; have another one play it"),
    "quit": ("", "leave; so does Ctrl-D"),
}
"""Commands of the terminal alone."""

T = TypeVar("T")


class Dialogue:
    """Reads lines, and answers each. One event loop for all of it; Ctrl-C cancels what is being answered."""

    def __init__(self, settings: Settings, config: Path | None, thread: str, bounds: Bounds, yes: bool) -> None:
        self._settings = settings
        self._config = config
        self._thread = thread
        self._bounds = bounds
        self._yes = yes
        self._said = Said()
        self._stack = AsyncExitStack()
        self._talk: Session

    def go(self) -> None:
        """Until the user leaves."""
        self._terminal = sys.stdin.isatty()
        with asyncio.Runner() as runner, _history(self._settings.home, self._complete):
            self._run = runner.run
            self._open()
            try:
                self._greet()
                while (line := self._read("wunder> ")) is not None and self._answer(line.strip()):
                    pass
            finally:
                self._run(self._stack.aclose())

    # ---- lines ---------------------------------------------------------------------------------------------------

    def _read(self, prompt: str) -> str | None:
        """A line; None at the end of input. Ctrl-C begins the line anew."""
        while True:
            try:
                return input(prompt if self._terminal else "")
            except EOFError:
                if self._terminal:
                    print()
                return None
            except KeyboardInterrupt:
                print("\n(Ctrl-D leaves)")

    def _answer(self, line: str) -> bool:
        """Answer one line; False where it was the last."""
        if not line:
            return True
        try:
            name, _, rest = line.removeprefix("/").partition(" ")
            if name in HERE and (line.startswith("/") or line in HERE):
                return self._here(name, rest.strip())
            request = self._talk.read(line)
            if request is None:
                self._speak(line)
            elif isinstance(request.arguments, Watch):
                self._until(self._follow(request.arguments.run))
            else:
                self._command(request)
        except WunderError as fault:
            self._said.line(f"{fault}")
        return True

    def _until(self, work: Coroutine[Any, Any, T]) -> T | None:
        """The result of some work; None where Ctrl-C ended it."""
        try:
            return self._run(work)
        except KeyboardInterrupt:
            self._said.line("(ended)")
            return None

    # ---- commands ------------------------------------------------------------------------------------------------

    def _command(self, request: Request) -> None:
        question = self._until(self._talk.question(request))
        if question is None or (question and not self._sure(question)):
            return
        if (sheet := self._until(self._do(request))) is not None:
            show_sheet(sheet)

    async def _do(self, request: Request) -> Any:
        try:
            return await self._talk.do(request)
        finally:
            await self._talk.settle()

    def _sure(self, question: str) -> bool:
        """Ask y/n. Whoever cannot be asked has not said yes."""
        self._said.end()
        print(screen.line(question))
        said = self._read("y/n> ")
        yes = said is not None and said.strip().lower() in ("y", "yes")
        if not yes:
            print("not done")
        return yes

    def _here(self, name: str, rest: str) -> bool:
        match name:
            case "help":
                self._help(rest)
            case "thread":
                if rest:
                    self._open(thread=rest)
                    self._greet()
                print(f"thread {self._thread}")
            case "model":
                if rest:
                    self._open(settings=self._settings.with_role("guide", rest))
                self._until(self._model())
            case _:
                return False
        return True

    def _help(self, name: str) -> None:
        wanted = name.removeprefix("/")
        rows = [(one.written, one.says) for one in COMMANDS if wanted in ("", one.name)]
        rows += [(f"/{here} {usage}".strip(), says) for here, (usage, says) in HERE.items() if wanted in ("", here)]
        if not rows:
            raise ConfigError(f"there is no command {name!r}; /help lists them")
        screen.show(screen.table(("command", "what it does"), rows))
        if not wanted:
            print("Options are written NAME=VALUE. Anything else is for the guide. Ctrl-C ends a reply, Ctrl-D leaves.")

    async def _model(self) -> None:
        able = await self._talk.fitness()
        if too_small(self._settings):
            screen.show(screen.pairs([("server", EMBEDDED), ("guide", able.why)]))
            return
        server, model = await self._talk.gateway.seat("guide")
        tools = (await self._talk.gateway.abilities("guide")).tools
        way = {True: "native tool calls", False: "choices in JSON", None: "not asked yet"}[tools]
        facts = [("server", server), ("model", model), ("tools", way), ("guide", "able" if able.fit else able.why)]
        screen.show(screen.pairs(facts))

    async def _follow(self, name: str) -> None:
        """Events of a run as they come, until it rests."""
        office = self._talk.office
        one, seen = office.find(name), 0
        print(f"{one.kind} {one.id} of {one.domain}: {one.status}")
        while True:
            running = office.find(one.id).status == "running"
            told = await asyncio.to_thread(runs.told, office.ledger, one.id)
            for _, event in told[max(seen, len(told) - 12 if not seen else 0) :]:
                kind, words = event_in_words(event)
                print(screen.line(f"{kind:>10}  {words}", 160), flush=True)
            seen = len(told)
            if not running:
                return
            await asyncio.sleep(LOOK_S)

    # ---- words ---------------------------------------------------------------------------------------------------

    def _speak(self, words: str) -> None:
        able = self._until(self._talk.fitness())
        if able is None:
            return
        if not able.fit:
            print(screen.line(weakness(able.why, words, REMEDY)))
            return
        self._finish(self._until(self._talk.say(words)))

    def _finish(self, turn: Turn | None) -> None:
        """Through all questions to the end of a turn."""
        while turn is not None and turn.question:
            turn = self._until(self._talk.answer(self._sure(turn.question)))
        self._said.end()

    # ---- life ----------------------------------------------------------------------------------------------------

    def _open(self, settings: Settings | None = None, thread: str | None = None) -> None:
        """Begin a session with a model and a thread; the one before is closed once the new one stands."""
        wanted, name = settings or self._settings, thread or self._thread
        stack = AsyncExitStack()
        opened = session(
            wanted, self._said.tell, thread=name, config=self._config, bounds=self._bounds, trusting=self._yes
        )
        self._talk = self._run(stack.enter_async_context(opened))
        before, self._stack = self._stack, stack
        self._settings, self._thread = wanted, name
        self._run(before.aclose())

    def _greet(self) -> None:
        """Say where one is, and go on with a turn that was left in its middle."""
        if self._terminal:
            running = self._talk.office.running()
            words = ", ".join(f"{one.kind} {one.id}" for one in running) or "nothing"
            print(f"thread {self._thread}; at work: {words}; /help lists the commands")
        turn = self._until(self._talk.resume())
        if turn is not None:
            self._finish(turn)

    def _complete(self, text: str, state: int) -> str | None:
        names = [f"/{one.name}" for one in COMMANDS] + [f"/{name}" for name in HERE]
        others = [*domains.installed(), *(one.id for one in self._talk.office.everything())]
        fits = [name for name in (*names, *others) if text and name.startswith(text)]
        return fits[state] if state < len(fits) else None


@contextlib.contextmanager
def _history(home: Path, complete: Any) -> Any:
    """Lines that were typed, kept in HOME; nothing where there is no readline or nobody types."""
    try:
        import readline
    except ImportError:  # Windows
        yield
        return
    if not sys.stdin.isatty():
        yield
        return
    file = home / HISTORY
    with contextlib.suppress(OSError):
        readline.read_history_file(file)
    readline.set_history_length(MOST_LINES)
    readline.set_completer(complete)
    readline.set_completer_delims(" ")
    readline.parse_and_bind("tab: complete")
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            file.parent.mkdir(parents=True, exist_ok=True)
            readline.write_history_file(file)
            file.chmod(0o600)
