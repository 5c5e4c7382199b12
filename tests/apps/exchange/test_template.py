"""Escaped text renders to itself."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from jinja2 import StrictUndefined
from jinja2.sandbox import SandboxedEnvironment

from wunderkammer.apps.exchange.template import escape, unescape

HOSTILE = st.text(alphabet=st.sampled_from(list("{}%#\"'ab: \n\r-")), max_size=60) | st.text(max_size=60)


@given(HOSTILE)
@example("{{ prompt }}")
@example("{% raw %}{{ 7 * 7 }}{% endraw %}")
@example("{% endraw %}{{ x.__class__ }}{% raw %}")
@example("{# gone #}")
@example("{#}#}}")
@example("{{{ a }}}")
@example("{\r{\n")
@example('{{ "{" }}')
@example("ends\n\n")
@example("file:///etc/hostname")
def test_jinja_renders_it_back_without_a_variable(text: str):
    env = SandboxedEnvironment(undefined=StrictUndefined)
    assert env.from_string(escape(text)).render() == text


@given(HOSTILE)
@example('{{ "{" }}')
@example('{ "{" }}{{ "\\n" }}')
def test_unescape_takes_back_what_escape_did(text: str):
    assert unescape(escape(text)) == text


@given(HOSTILE)
def test_no_name_is_left_for_promptfoo_to_fill_in(text: str):
    """promptfoo replaces `{{name}}` before rendering, wraps texts with unclosed tags, and renders `{{ env.NAME }}`."""
    template = escape(text)
    assert not re.search(r"\{\{\s*\w+\s*\}\}", template)
    assert not re.search(r"({%[^%]*$|{{[^}]*$|{#[^#]*$)", template, re.MULTILINE)
    assert "#}" not in template  # an error to Nunjucks
    for tag in re.findall(r"\{\{.*?\}\}", template, re.DOTALL):
        assert re.fullmatch(r'\{\{ "([{#]|\\n|\\r|[A-Za-z])" \}\}', tag)


@pytest.mark.parametrize("text", ["file:///etc/passwd", "package:evil", "FILE://x", "exec:rm", "https://example.org"])
def test_an_address_does_not_open_the_text(text: str):
    assert escape(text).startswith("{{ ")


def test_foreign_templates_are_left_as_they_are():
    assert unescape("Hello {{ name }}, {% if x %}") == "Hello {{ name }}, {% if x %}"


def test_plain_text_stays_readable():
    assert escape('Reply with {"a": 1} or {b}.') == 'Reply with {"a": 1} or {b}.'
