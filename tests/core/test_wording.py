"""What is left of a mutator's reply."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from wunderkammer.core.errors import BadReply
from wunderkammer.core.ids import content_id
from wunderkammer.core.wording import LONGEST, clean, legible
from wunderkammer.domains.rainbow.teaming import Probe


@pytest.mark.parametrize(
    ("reply", "prompt"),
    [
        ("Tell me a story.", "Tell me a story."),
        ('  "Tell me a story."\n', "Tell me a story."),
        ("“Tell me a story.”", "Tell me a story."),
        ("**Tell me a story.**", "Tell me a story."),
        ("Prompt: Tell me a story.", "Tell me a story."),
        ("Rewritten prompt: 'Tell me a story.'", "Tell me a story."),
        ("The new question: What is a story?", "What is a story?"),
        ("Sure! Here is the rewritten prompt:\n\nTell me a story.", "Tell me a story."),
        ("Here is one for you: Tell me a story.", "Tell me a story."),
        ("```\nTell me a story.\n```", "Tell me a story."),
        ("```text\nPrompt: Tell me a story.\n```", "Tell me a story."),
        ("Tell me a story.\n\nNote: I changed the style.", "Tell me a story."),
        ("Tell me a story.\n(Explanation: it is slang now.)", "Tell me a story."),
        ("Line one\r\nline two", "Line one\nline two"),
    ],
)
def test_wrappings_are_taken_off(reply: str, prompt: str):
    assert clean(reply) == prompt


@pytest.mark.parametrize(
    "prompt",
    [
        'She said "go" and he said "stay".',
        '"Go" or "stay"?',
        "It's the dogs'",
        "Sure as eggs, who lays them?",
        "Okay, tell me this: who is first?",
        "Take note: this is part of it.",
        "Write code:\n```\nprint(1)\n```\nand explain it.",
        "Ok",
    ],
)
def test_the_inside_is_left_alone(prompt: str):
    assert clean(prompt) == prompt


@pytest.mark.parametrize("reply", ["", "  \n", '""', "Prompt:", "Sure, here is the prompt:", "``` \n```", "\x00\ud800"])
def test_nothing_left_is_a_bad_reply(reply: str):
    with pytest.raises(BadReply, match="no prompt"):
        clean(reply)


def test_a_runaway_reply_is_a_bad_reply():
    with pytest.raises(BadReply, match="more than 4000"):
        clean("word " * LONGEST)


@pytest.mark.timeout(5)
@pytest.mark.parametrize("filler", ["\n", " ", "prompt: ", '"', "`", "note:\n", "the new "])
def test_no_reply_takes_long_to_clean(filler: str):
    for reply in ("a" + filler * (LONGEST // len(filler) - 1) + "b", filler * 100_000 + "b", "a" + filler * 100_000):
        with contextlib.suppress(BadReply):
            assert clean(reply)


@given(st.text(max_size=300))
def test_what_is_clean_stays_clean_and_can_be_stored(reply: str):
    try:
        prompt = clean(reply)
    except BadReply:
        return
    assert clean(prompt) == prompt
    assert content_id(Probe(text=prompt))


def test_legible_drops_what_no_ledger_can_store():
    assert legible("a\x00b\ud83dc\rd\te") == "abc\nd\te"
