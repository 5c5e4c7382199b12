"""Questions with pictures: what servers are sent, what counts, and what stays as it was."""

from __future__ import annotations

from typing import Literal

from pydantic import BaseModel

from wunderkammer.core.contract import Message
from wunderkammer.core.settings import RoleSettings
from wunderkammer.models.abilities import Abilities
from wunderkammer.models.ask import Ask
from wunderkammer.models.ladder import fields
from wunderkammer.models.question import Question
from wunderkammer.models.rehearsal.ask import read_chat

PICTURES = ("data:image/png;base64,AAAA", "data:image/png;base64,BBBB")


class Colour(BaseModel):
    colour: Literal["red", "blue"]


def question(*pictures: str, schema: type[BaseModel] | None = None) -> Question:
    asked = Ask(
        role="judge", messages=(Message(role="user", content="Which?", pictures=pictures),), schema=schema, samples=1
    )
    return Question.of(asked, "form" if schema else "yes", "tiny", RoleSettings(server="here", model="tiny"))


def test_words_alone_are_sent_as_they_always_were() -> None:
    assert question().turns == [{"role": "user", "content": "Which?"}]


def test_pictures_are_parts_before_the_words_and_part_of_the_question() -> None:
    (turn,) = question(*PICTURES).turns
    assert [part["type"] for part in turn["content"]] == ["image_url", "image_url", "text"]
    assert turn["content"][0]["image_url"] == {"url": PICTURES[0]}
    hashes = {question(*shown).hash("here") for shown in ((), PICTURES, PICTURES[:1], PICTURES[::-1])}
    assert len(hashes) == 4
    assert question(*PICTURES).load(1).prompt > question().load(1).prompt + 500


def test_a_form_in_words_is_put_after_pictures() -> None:
    body = fields(question(PICTURES[0], schema=Colour), Abilities(json_schema=False, json_object=False))
    *_, words, form = body["messages"][-1]["content"]
    assert words == {"type": "text", "text": "Which?"}
    assert '"colour"' in form["text"]


def test_a_rehearsal_sees_what_it_is_shown() -> None:
    body = fields(question(*PICTURES), Abilities())
    read = read_chat(body)
    assert (read.pictures, read.last) == (PICTURES, "Which?")
