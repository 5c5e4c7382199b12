"""A page taken apart, to see that words made no element; and words that would like to."""

from __future__ import annotations

from html.parser import HTMLParser

HOSTILE = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "' onmouseover='alert(1)",
    "</style></title></textarea><svg/onload=alert(1)>",
    "javascript:alert(1)",
    "<!-- --!> ]]> <![CDATA[",
    "{{ 7 * 7 }} {% raw %} {{ r.plan }}",
    "\u202egnp.exe\u202c \u2066hidden\u2069 \U000e0041\U000e0042",
    "a\x00b\x1b[31mred\x07\x85",
    "&lt;b&gt; &#60;script&#62; &amp",
    "\ud800 half a pair",
    "x" * 1_000_000,
    "\n" * 5_000,
    "",
]
"""What models may write, to hurt a page or whoever reads it."""
VOID = {"meta", "path", "rect", "circle", "line", "br", "img"}


class Skeleton(HTMLParser):
    """Elements with their attributes in order, and all text; refuses tags that do not nest."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, tuple[tuple[str, str | None], ...]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.strays: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, tuple(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open, f"</{tag}> closes nothing"
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] != "style":
            self.words.append(data)

    def handle_comment(self, data: str) -> None:
        self.strays.append(data)

    def handle_pi(self, data: str) -> None:
        self.strays.append(data)

    def unknown_decl(self, data: str) -> None:
        self.strays.append(data)

    @property
    def text(self) -> str:
        return "".join(self.words)

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [dict(attrs) for name, attrs in self.elements if name == tag]
