"""Sheets as Markdown: what stands in them means nothing there."""

from __future__ import annotations

import re

from wunderkammer.agents.guide.sheet import Sheet
from wunderkammer.apps.chat.markdown import fenced, in_markdown, plain


def test_a_sheet_has_all_its_parts() -> None:
    sheet = Sheet(
        title="2 runs",
        facts=(("cost", 0.12345), ("why", None)),
        columns=("id", "cells"),
        rows=(("abc", 4), ("def", None)),
        text="further words",
        files=("plots/x.svg",),
    )

    assert in_markdown(sheet) == (
        "**2 runs**\n\n- cost: 0.1235\n\n| id | cells |\n| --- | --- |\n| abc | 4 |\n| def |  |\n\n"
        "```text\nfurther words\n```\n\n`plots/x.svg`"
    )


def test_no_word_is_a_mark() -> None:
    evil = "a | b <script> [x](javascript:y) **bold** `code` ![i](j)\n# head"

    assert re.search(r"(?<!\\)[|<>\[\]()*`!#]", plain(evil)) is None
    assert "\n" not in plain(evil)


def test_no_text_closes_its_fence() -> None:
    text = "```\nout?\n`````\nout!"
    fence = re.match(r"`+", fenced(text))[0]

    assert fence not in text
    assert fenced(text).endswith(f"\n{fence}")
