"""Text that another tool will render as a template, written so that it comes out as it went in.

promptfoo renders test variables with Nunjucks, PyRIT the seeds of a YAML file with Jinja2. A `{% raw %}` block is no
protection: the text can close it, and promptfoo fills in `{{name}}` inside one before Nunjucks runs. So each brace
that could open a tag becomes an expression of its own, `{{ "{" }}`, which names no variable and means the same to both;
so does the `#` of a stray `#}`, at which Nunjucks alone gives up.
"""

from __future__ import annotations

import re

_OPENING = re.compile(r"\{(?=[{%#\r]|\n\Z)|#(?=\})|\r|\n\Z")
_SCHEME = re.compile(r"(?=[A-Za-z][\w+.-]*:)[A-Za-z]")
_OURS = re.compile(r'\{\{ "([{#]|\\r|\\n|[A-Za-z])" \}\}')
_SPELT = {"\r": "\\r", "\n": "\\n"}
_MEANT = {spelt: meant for meant, spelt in _SPELT.items()}


def escape(text: str) -> str:
    """A template that renders to `text`.

    Carriage returns and a final newline are spelt out, since Jinja2 and promptfoo drop or change them. So is the first
    letter of a text that opens like an address: promptfoo would load `file://…` instead of sending it.
    """
    safe = _OPENING.sub(lambda found: _expression(found[0]), text)
    scheme = _SCHEME.match(text)
    return _expression(scheme[0]) + safe[1:] if scheme else safe


def unescape(template: str) -> str:
    """The text of a template that `escape` made; tags of anybody else stay as they are."""
    return _OURS.sub(lambda found: _MEANT.get(found[1], found[1]), template)


def _expression(character: str) -> str:
    return '{{ "' + _SPELT.get(character, character) + '" }}'
