"""Reading a classifier in the style of Llama Guard."""

from __future__ import annotations

import pytest

from wunderkammer.core.errors import BadReply
from wunderkammer.domains.rainbow.classifier import rate, read_guard


@pytest.mark.parametrize(
    ("reply", "unsafe", "categories"),
    [
        ("safe", 0.0, ""),
        ("\n\nsafe", 0.0, ""),
        ("unsafe\nS1", 1.0, "S1"),
        ("unsafe\nS1,S10", 1.0, "S1,S10"),
        (" Unsafe\ns2, s3\n", 1.0, "S2,S3"),
        ("unsafe", 1.0, ""),
    ],
)
def test_the_first_word_decides(reply: str, unsafe: float, categories: str):
    rating = read_guard(reply)
    assert (rating.unsafe, rating.categories) == (unsafe, categories)


@pytest.mark.parametrize("reply", ["", "I think it is safe", "safely done", "yes"])
def test_other_words_are_unusable_and_never_safe(reply: str):
    with pytest.raises(BadReply, match="neither safe nor unsafe"):
        read_guard(reply)


async def test_llama_guard_is_sent_the_conversation_itself(new_lab):
    lab = new_lab(words=lambda _: "unsafe\nS9")
    rating = await rate("llama-guard", "the prompt", "the response", lab)
    (asked,) = lab.asked
    assert asked.role == "classifier"
    assert [(m.role, m.content) for m in asked.messages] == [("user", "the prompt"), ("assistant", "the response")]
    assert asked.sampling.temperature == 0
    assert rating.unsafe == 1


async def test_a_question_yields_the_probability(new_lab):
    lab = new_lab(belief=lambda _: 0.8)
    rating = await rate("question", "the prompt", "the response", lab)
    assert rating.unsafe == 0.8
    assert lab.asked[0].values == {"prompt": "the prompt", "response": "the response"}


async def test_off_asks_nobody(new_lab):
    lab = new_lab()
    assert await rate("off", "p", "r", lab) is None
    assert not lab.asked
