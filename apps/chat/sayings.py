"""What is said in a conversation, as pages are told of it: by the user, by the guide, by tools, by the program."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import Field, TypeAdapter, ValidationError

from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.core.contract import Frozen


class Heard(Frozen):
    """The user said something: words for the guide, or a command."""

    kind: Literal["user"] = "user"
    words: str


class Piece(Frozen):
    """The guide is saying something; not kept."""

    kind: Literal["words"] = "words"
    piece: str


class Anew(Frozen):
    """What it was saying is void: the model's server broke off, and it begins again; not kept."""

    kind: Literal["anew"] = "anew"


class Spoken(Frozen):
    """The guide, or the program in its place, has said something: the pieces before it, in one."""

    kind: Literal["guide"] = "guide"
    words: str


class Using(Frozen):
    """A tool is at work; not kept."""

    kind: Literal["using"] = "using"
    tool: str
    arguments: dict[str, Any]


class Used(Frozen):
    """A tool has found something. direct: the user asked for it by a command, and it is the answer."""

    kind: Literal["used"] = "used"
    direct: bool = False
    tool: str
    arguments: dict[str, Any]
    sheet: Sheet


class Failed(Frozen):
    """A tool was asked for wrongly, was forbidden, or could not do it."""

    kind: Literal["failed"] = "failed"
    tool: str
    why: str


class Asked(Frozen):
    """The user has to say yes or no before it goes on."""

    kind: Literal["question"] = "question"
    question: str


class Answered(Frozen):
    """The user did."""

    kind: Literal["answer"] = "answer"
    yes: bool


class Fault(Frozen):
    """The turn came to an end by a fault, in one line."""

    kind: Literal["fault"] = "fault"
    why: str


class Ended(Frozen):
    """The turn is over, or waits for an answer; kept only where it was stopped by the user. left: in its middle."""

    kind: Literal["ended"] = "ended"
    asking: bool = False
    left: bool = False
    stopped: bool = False


Saying = Annotated[
    Heard | Piece | Anew | Spoken | Using | Used | Failed | Asked | Answered | Fault | Ended,
    Field(discriminator="kind"),
]
_SAYING: TypeAdapter[Saying] = TypeAdapter(Saying)
PASSING = (Piece, Anew, Using)
"""What is told while it happens and stands nowhere afterwards."""


def read_saying(kind: str, body: Mapping[str, Any]) -> Saying:
    """What was kept, by its kind; a fault that says so where another version wrote it."""
    try:
        return _SAYING.validate_python({**body, "kind": kind})
    except ValidationError:
        return Fault(why="something was said here by another version, which this one cannot read")
