"""Compiled programs that are kept: the second start of the same training does not compile again."""

from __future__ import annotations

from pathlib import Path

import jax


def keep_compiled(folder: Path) -> None:
    """Keep every program that JAX compiles from now on in a folder, and take from it what is there already.

    Programs are known by what they compute, JAX's version and the device, so that a folder may be shared by all.
    """
    folder.mkdir(parents=True, exist_ok=True)
    jax.config.update("jax_compilation_cache_dir", str(folder))
    jax.config.update("jax_persistent_cache_min_compile_time_secs", 0.1)
    jax.config.update("jax_persistent_cache_min_entry_size_bytes", -1)
