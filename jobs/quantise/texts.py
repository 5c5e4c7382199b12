"""Texts to calibrate on and to be examined on: what is at hand without a download, and files of the user's.

Everything that has a `held` part is split by source file: no text is both calibrated and examined on.
"""

from __future__ import annotations

import ast
import gzip
import hashlib
import json
import re
import string
import sysconfig
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from random import Random
from typing import Literal

from wunderkammer.jobs.desk import Unable
from wunderkammer.jobs.finetune.questions import QUESTIONS
from wunderkammer.jobs.quantise.hub import texts_of

Part = Literal["calibration", "held"]
BUILT_IN = ("prose", "code", "shuffled", "questions", "noise")
"""English prose; source code; the prose with its words in random order; short facts; punctuation, as in the paper."""
EXAMINED = ("prose", "code")
_HELD = 4
"""One file in so many is held out."""
_WORDS = 25


def read(name: str, part: Part, rng: Random, file: Path | None = None, data: str = "") -> Iterator[str]:
    """Texts of a set, endless; `Unable` where there is no such set, or a file that cannot be read.

    file: of the user's, for a name that is not built in: see `of_file`. data: or the name of a data set.
    """
    if name == "noise":
        return _noise(rng)
    if file is not None:
        texts = of_file(file)
    elif data:
        texts = texts_of(data)
    elif name in _SOURCES:
        texts = _SOURCES[name](part)
    else:
        raise Unable(f"no calibration set {name!r}: {', '.join(BUILT_IN)}, or a file of yours")
    if not texts:
        raise Unable(f"set {name!r} holds no text")
    return _endless(texts, rng)


def digest(texts: Mapping[str, str] | list[str]) -> str:
    """A name for what was used: figures over texts of other names do not compare."""
    return hashlib.blake2b(json.dumps(texts, sort_keys=True).encode(), digest_size=12).hexdigest()


def _endless(texts: list[str], rng: Random) -> Iterator[str]:
    """All texts in random order, then again in another one."""
    while True:
        yield from rng.sample(texts, len(texts))


def _noise(rng: Random) -> Iterator[str]:
    while True:
        yield "".join(rng.choices(string.punctuation + " ", k=400))


# ---- what every Python brings along ---------------------------------------------------------------------------------


@cache
def _prose(part: Part) -> list[str]:
    """Paragraphs of the documentation strings of the standard library."""
    return _parted(part, _paragraphs)


@cache
def _code(part: Part) -> list[str]:
    """Source files of the standard library, in pieces of sixty lines."""
    return _parted(part, _pieces)


def _shuffled(part: Part) -> list[str]:
    """The prose without its order: the same words, no language."""
    texts = _prose(part)
    words = " ".join(texts).split()
    Random(0).shuffle(words)
    return [" ".join(words[at : at + 80]) for at in range(0, len(words), 80)]


def _questions(_: Part) -> list[str]:
    """Short facts with their right endings; none of them is held out."""
    return [f"{question.beginning} {question.endings[0]}" for question in QUESTIONS]


_SOURCES: Mapping[str, Callable[[Part], list[str]]] = {
    "prose": _prose,
    "code": _code,
    "shuffled": _shuffled,
    "questions": _questions,
}


def _parted(part: Part, of: Callable[[Path], Iterator[str]]) -> list[str]:
    """Texts of one part, each once. What stands in files of both is held out: modules copy from one another."""
    root = Path(sysconfig.get_paths()["stdlib"])
    files = sorted([*root.glob("*.py"), *root.glob("*/*.py")])
    ours = [file for file in files if not {"site-packages", "test", "tests", "idlelib"} & {*file.parts}]
    held = dict.fromkeys(text for file in ours if _is_held(file) for text in of(file))
    if part == "held":
        return list(held)
    return list(dict.fromkeys(text for file in ours if not _is_held(file) for text in of(file) if text not in held))


def _is_held(file: Path) -> bool:
    name = f"{file.parent.name}/{file.name}".encode()
    return int.from_bytes(hashlib.blake2b(name, digest_size=4).digest()) % _HELD == 0


def _paragraphs(file: Path) -> Iterator[str]:
    for text in _docstrings(file):
        for block in re.split(r"\n\s*\n", text):
            words = " ".join(block.split())
            if len(words.split()) >= _WORDS and not re.search(r">>>|[{}<>|=]", words):
                yield words


def _pieces(file: Path) -> Iterator[str]:
    lines = file.read_text("utf-8", "replace").splitlines()
    pieces = ("\n".join(lines[at : at + 60]) for at in range(0, len(lines), 60))
    return (piece for piece in pieces if len(piece) > 200)


def _docstrings(file: Path) -> Iterator[str]:
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (SyntaxError, UnicodeDecodeError):  # a few files of the library are wrong on purpose
        return
    for node in ast.walk(tree):
        if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)):
            yield ast.get_docstring(node) or ""


# ---- what the user brings --------------------------------------------------------------------------------------------


def of_file(file: Path) -> list[str]:
    """Plain text, whose paragraphs stand apart by blank lines, or `.jsonl` with a string or a field `text` in each
    line; either may be packed (`.gz`). `Unable` where it is neither."""
    packed = file.suffix == ".gz"
    try:
        text = (gzip.decompress(file.read_bytes()) if packed else file.read_bytes()).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as fault:
        raise Unable(f"{file} cannot be read as text: {fault}") from None
    if (file.with_suffix("") if packed else file).suffix != ".jsonl":
        return [block.strip() for block in re.split(r"\n\s*\n", text) if block.strip()]
    return [_of_line(file, number, line) for number, line in enumerate(text.splitlines(), 1) if line.strip()]


def _of_line(file: Path, number: int, line: str) -> str:
    try:
        found = json.loads(line)
    except ValueError:
        raise Unable(f"{file}, line {number}: not JSON") from None
    text = found.get("text") if isinstance(found, dict) else found
    if not isinstance(text, str):
        raise Unable(f'{file}, line {number}: neither a string nor an object with "text"')
    return text
