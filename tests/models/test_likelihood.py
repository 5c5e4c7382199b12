"""Likelihood of a text after another, from a server that echoes its prompt and from one that does not."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

import pytest

from wunderkammer.core.errors import BadReply, ConfigError, Refused
from wunderkammer.core.settings import Settings
from wunderkammer.models.likelihood import Likelihood


class Echoes(BaseHTTPRequestHandler):
    """Words as tokens, each with log-probability minus its length; `mute` echoes nothing, `none` is not there."""

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if asked["model"] == "none":
            self.answer(404, {"error": {"message": "no such model"}})
            return
        tokens = re.findall(r"\s*\S+", asked["prompt"]) if asked["echo"] and asked["model"] != "mute" else []
        logprobs = [None, *(-float(len(token.strip())) for token in tokens[1:])][: len(tokens)]
        told = {
            "tokens": [*tokens, " more"],
            "token_logprobs": [*logprobs, -99.0],
            "text_offset": [],
            "top_logprobs": [],
        }
        choice = {"index": 0, "text": "", "finish_reason": "length", "logprobs": told}
        self.answer(200, {"id": "c", "object": "text_completion", "created": 0, "model": "m", "choices": [choice]})

    def answer(self, status: int, body: dict[str, Any]) -> None:
        data = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *args: object) -> None: ...


@pytest.fixture
def url() -> Iterator[str]:
    with ThreadingHTTPServer(("127.0.0.1", 0), Echoes) as server:
        thread = Thread(target=server.serve_forever, args=(0.01,))
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/v1"
        server.shutdown()
        thread.join()


def test_only_the_tokens_of_the_text_count(url: str) -> None:
    with Likelihood(url, "m") as score:
        assert score("aaaa bbbb", " cc dddd") == pytest.approx((2 + 4) / 2)
        assert score("", "aa bbb cccc") == pytest.approx((3 + 4) / 2)  # nothing is known of the first token of all


def test_a_server_that_keeps_its_prompt_to_itself_is_told_apart(url: str) -> None:
    with Likelihood(url, "mute") as score, pytest.raises(BadReply, match="gives no log-probabilities of prompts"):
        score("a", " b")
    with Likelihood(url, "none") as score, pytest.raises(Refused, match="answered 404"):
        score("a", " b")


def test_an_address_is_read_as_everywhere(url: str) -> None:
    with Likelihood.at(Settings(), f"{url}#m") as score:
        assert score.name == "m"
        assert math.isfinite(score("a", " b"))
    with pytest.raises(ConfigError, match="write http"):
        Likelihood.at(Settings(), "nowhere#m")
