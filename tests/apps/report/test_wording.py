"""Words and figures as the page writes them."""

from __future__ import annotations

import pytest
from markupsafe import Markup

from wunderkammer.apps.report.wording import (
    LONGEST,
    brief,
    compact,
    cut,
    duration,
    moment,
    money,
    number,
    percent,
    visible,
)


@pytest.mark.parametrize(
    ("said", "expected"),
    [
        (number(2016), "2,016"),
        (number(0.834), "0.83"),
        (number(0.00012), "0.00012"),
        (number(float("nan")), "–"),
        (number(None), "–"),
        (brief(0.834), ".83"),
        (brief(-0.2), "-.20"),
        (brief(1.0), "1.0"),
        (brief(0.996), "1.0"),
        (brief(0), ".00"),
        (brief(1234), "1.23k"),
        (brief(None), "·"),
        (compact(250_000), "250k"),
        (compact(0.25), "0.25"),
        (compact(1.5e6), "1.5M"),
        (percent(0.834), "83\N{NO-BREAK SPACE}%"),
        (money(1.5, "$"), "$1.50"),
        (money(0.00312, "EUR"), "0.0031 EUR"),
        (money(2, ""), "2.00"),
        (duration(0.42), "0.42 s"),
        (duration(320), "5 min 20 s"),
        (duration(11_040), "3 h 04 min"),
        (duration(59.9), "60 s"),
        (moment(0), "1 January 1970, 00:00 UTC"),
        (cut("abcdef", 3), "abc … (3 more characters)"),
        (cut("abc", 3), "abc"),
    ],
)
def test_is_said_so(said: str, expected: str) -> None:
    assert said == expected


def test_visible_shows_the_hidden_and_leaves_languages_alone() -> None:
    assert visible("a\u200bb") == "a⟨U+200B⟩b"
    assert visible("line\r\nline\tend") == "line\nline\tend"
    for text in ("می‌خواهم", "नमस्ते", "👩‍👩‍👧", "日本語", "שלום", "é"):
        assert visible(text) == text
    assert visible(3.5) == 3.5
    assert visible(Markup("<b>")) == Markup("<b>")
    assert len(str(visible("x" * 1_000_000))) < LONGEST + 60
