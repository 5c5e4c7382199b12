"""The bodies of OpenAI-compatible replies, each a pure function of script and request."""

from __future__ import annotations

import base64
import json
import math
import re
import struct
from collections.abc import Iterator, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from wunderkammer.core.ids import rng_for
from wunderkammer.models.rehearsal import words
from wunderkammer.models.rehearsal.ask import Ask, BadRequest, Said, schema_in
from wunderkammer.models.rehearsal.script import Script
from wunderkammer.models.rehearsal.shapes import Shape

Body = dict[str, Any]
DIMENSIONS = 64
_YES_NO = re.compile(r"\byes\b.*\bno\b|\bno\b.*\byes\b", re.IGNORECASE | re.DOTALL)
_DONE = "data: [DONE]\n\n"


def chat(script: Script, ask: Ask) -> Body:
    """The body of a chat completion."""
    choices = [_choice(script, ask, index) for index in range(1 if "n" in script.ignores else max(1, ask.n))]
    return {
        "id": f"chatcmpl-{ask.id}",
        "object": "chat.completion",
        "created": 0,  # a clock would make equal requests differ
        "model": ask.model,
        "choices": choices,
        "usage": _usage(ask.words, [c["message"]["content"] for c in choices]),
    }


def stream(body: Mapping[str, Any]) -> Iterator[str]:
    """The server-sent events of a chat completion: a few tokens each, then finish, usage and end."""
    head = {**{k: body[k] for k in ("id", "created", "model")}, "object": "chat.completion.chunk"}

    def event(choices: list[Body], **more: object) -> str:
        return f"data: {json.dumps({**head, 'choices': choices, **more})}\n\n"

    for choice in body["choices"]:
        yield event([_delta(choice["index"], {"role": "assistant", "content": ""}, None)])
        pieces = words.tokens(choice["message"]["content"] or "")
        size = max(1, len(pieces) // 8)
        for at in range(0, len(pieces), size):
            yield event([_delta(choice["index"], {"content": "".join(pieces[at : at + size])}, None)])
        for place, call in enumerate(choice["message"].get("tool_calls", ())):
            for piece in _call_pieces(place, call):
                yield event([_delta(choice["index"], {"tool_calls": [piece]}, None)])
        yield event([_delta(choice["index"], {}, choice["finish_reason"])])
    yield event([], usage=body["usage"])
    yield _DONE


def completion(script: Script, request: str, body: Mapping[str, Any]) -> Body:
    """The body of a plain completion; `echo` with `logprobs` gives the log-probabilities of the prompt."""
    prompts = body.get("prompt", "")
    prompts = prompts if isinstance(prompts, list) else [prompts]
    if not all(isinstance(p, str) for p in prompts):
        raise BadRequest("prompt: a text or a list of texts is required")
    echo = bool(body.get("echo")) and "echo" not in script.ignores
    wanted = body.get("logprobs") if "logprobs" not in script.ignores else None
    limit = 16 if body.get("max_tokens") is None else int(body["max_tokens"])
    choices: list[Body] = []
    for index, prompt in enumerate(prompts):
        rng = rng_for(script.seed, request, index)
        text = "".join(words.tokens(words.sentence(rng, limit))[:limit]) if limit > 0 else ""
        shown = prompt + text if echo else text
        logprobs = _legacy_logprobs(script.seed, shown, int(wanted), echo=echo) if wanted is not None else None
        choices.append({"index": index, "text": shown, "logprobs": logprobs, "finish_reason": "length"})
    usage = _usage("".join(prompts), [c["text"] for c in choices])
    head = {"id": f"cmpl-{request}", "object": "text_completion", "created": 0, "model": str(body.get("model", ""))}
    return {**head, "choices": choices, "usage": usage}


def embeddings(script: Script, body: Mapping[str, Any]) -> Body:
    """Unit vectors: the sum of a random vector per word, so that texts that share words are near."""
    texts = body.get("input")
    texts = [texts] if isinstance(texts, str) else texts
    if not isinstance(texts, list) or not texts or not all(isinstance(t, str) for t in texts):
        raise BadRequest("input: a text or a list of texts is required")
    size = int(body.get("dimensions") or DIMENSIONS)
    data: list[Body] = []
    for index, text in enumerate(texts):
        vector: object = _embed(script.seed, text, size)
        if body.get("encoding_format") == "base64":
            vector = base64.b64encode(struct.pack(f"<{size}f", *_embed(script.seed, text, size))).decode()
        data.append({"object": "embedding", "index": index, "embedding": vector})
    used = sum(words.count(t) for t in texts)
    usage = {"prompt_tokens": used, "total_tokens": used}
    return {"object": "list", "model": str(body.get("model", "")), "data": data, "usage": usage}


def error(message: str, kind: str, status: int) -> Body:
    """The error object of the protocol."""
    return {"error": {"message": message, "type": kind, "param": None, "code": status}}


def _choice(script: Script, ask: Ask, index: int) -> Body:
    rng = rng_for(script.seed, ask.id, index)
    said = (script.player(ask, rng) if script.player else None) or improvise(script, ask, rng)
    pieces = words.tokens(said.text)
    cut = ask.max_tokens is not None and len(pieces) > ask.max_tokens
    text = "".join(pieces[: ask.max_tokens]) if cut else said.text
    logprobs = None
    if ask.logprobs and "logprobs" not in script.ignores:
        logprobs = {"content": _logprobs(rng, said, words.tokens(text), ask.top_logprobs)}
    message: Body = {"role": "assistant", "content": text}
    finish = "length" if cut else "stop"
    if said.calls and ask.tools and "tools" not in script.ignores:
        message["tool_calls"] = [_call(f"call{ask.id[:6]}{place}", *call) for place, call in enumerate(said.calls)]
        finish = "tool_calls"
    return {"index": index, "message": message, "logprobs": logprobs, "finish_reason": finish}


def _call(name: str, function: str, arguments: str) -> Body:
    return {"id": name, "type": "function", "function": {"name": function, "arguments": arguments}}


def _call_pieces(place: int, call: Body) -> Iterator[Body]:
    """A tool call as a stream has it: its name first, its arguments in two halves."""
    function = call["function"]
    yield {"index": place, **call, "function": {"name": function["name"], "arguments": ""}}
    half = len(function["arguments"]) // 2
    for part in (function["arguments"][:half], function["arguments"][half:]):
        yield {"index": place, "function": {"arguments": part}}


def improvise(script: Script, ask: Ask, rng: Random) -> Said:
    """A reply with nobody behind it: a tool where one must be called, an instance of the schema, yes or no where that
    is the question, else words."""
    if ask.must_call and ask.tools:
        name, form = next(iter(ask.tools.items()))
        return Said("", calls=((name, json.dumps(Shape(rng).instance(form))),))
    if ask.schema is not None and "schema" not in script.ignores:
        return Said(json.dumps(Shape(rng).instance(ask.schema)))
    if ask.json and "json" not in script.ignores:
        form = schema_in(ask.words) or {"type": "object", "properties": {"text": {"type": "string"}}}
        return Said(json.dumps(Shape(rng).instance(form)))
    if (schema := schema_in(ask.words)) is not None:  # asked in words for JSON: given as chatty models do
        return Said(f"Here you are:\n```json\n{json.dumps(Shape(rng).instance(schema))}\n```")
    if _YES_NO.search(ask.last):
        return choice_of_two("Yes", "No", rng.random(), rng)
    return Said(words.sentence(rng, rng.randint(8, 40)))


def choice_of_two(yes: str, no: str, probability: float, rng: Random) -> Said:
    """`yes` with a probability, else `no`."""
    p = min(0.999, max(0.001, probability))
    return Said(yes, p, no) if rng.random() < p else Said(no, 1 - p, yes)


def _logprobs(rng: Random, said: Said, pieces: Sequence[str], top: int) -> list[Body]:
    """One entry per token. The first one's rivals carry the choice, where the question was one."""
    found = []
    for place, piece in enumerate(pieces):
        p = said.yes if place == 0 and said.yes is not None else rng.uniform(0.3, 0.95)
        rivals = [(piece, p)]
        rest = 1 - p
        if place == 0 and said.yes is not None:
            rivals.append((said.other, rest * 0.999))
            rest *= 0.001
        while len(rivals) < top:
            rest /= 2
            rivals.append((" " + words.sentence(rng, 1)[:-1].lower(), rest))
        rivals.sort(key=lambda rival: -rival[1])
        found.append({**_token(piece, p), "top_logprobs": [_token(*rival) for rival in rivals[:top]]})
    return found


def _token(piece: str, probability: float) -> Body:
    return {"token": piece, "logprob": math.log(max(probability, 1e-30)), "bytes": list(piece.encode())}


def _legacy_logprobs(seed: int, text: str, top: int, *, echo: bool) -> Body:
    """Per token of the text; the first token of an echoed prompt has none, since nothing stands before it."""
    pieces = words.tokens(text)
    offsets = [0]
    for piece in pieces[:-1]:
        offsets.append(offsets[-1] + len(piece))
    values: list[float | None] = [math.log(rng_for(seed, "token", p).uniform(0.05, 0.95)) for p in pieces]
    if echo and values:
        values[0] = None
    tops = [None if v is None else {p: v} for p, v in zip(pieces, values, strict=True)] if top else None
    return {"tokens": pieces, "token_logprobs": values, "top_logprobs": tops, "text_offset": offsets[: len(pieces)]}


def _usage(prompt: str, texts: Sequence[str]) -> Body:
    asked, said = words.count(prompt), sum(words.count(t) for t in texts)
    return {"prompt_tokens": asked, "completion_tokens": said, "total_tokens": asked + said}


def _delta(index: int, delta: Body, finish: str | None) -> Body:
    return {"index": index, "delta": delta, "finish_reason": finish}


def _embed(seed: int, text: str, size: int) -> list[float]:
    terms = text.lower().split() or [""]
    total = [sum(column) for column in zip(*(_direction(seed, term, size) for term in terms), strict=True)]
    norm = math.sqrt(sum(x * x for x in total)) or 1.0
    return [x / norm for x in total]


@lru_cache(maxsize=4096)
def _direction(seed: int, term: str, size: int) -> tuple[float, ...]:
    rng = rng_for(seed, "direction", term)
    return tuple(rng.gauss(0, 1) for _ in range(size))
