"""Whatever model somebody names, as an embedder."""

from __future__ import annotations

from pathlib import Path

from wunderkammer.core.errors import ConfigError
from wunderkammer.learners.vlm.embedder import Embedder

OPEN_CLIP = "open_clip:"


def opened(name: str, device: str = "cpu") -> Embedder:
    """name: a folder with a CLIP of ours, or with a CLIP or SigLIP of transformers; OWNER/NAME on the hub; or
    `open_clip:MODEL/WEIGHTS`.

    Raises:
        ConfigError: there is no such model, or a library that it needs is not there; one line says which.
    """
    if name.startswith(OPEN_CLIP):
        from wunderkammer.learners.vlm.open_clip import OpenClip

        return OpenClip.read(name.removeprefix(OPEN_CLIP), device)
    try:
        from wunderkammer.learners.vlm.clip import Clip
        from wunderkammer.learners.vlm.hub import Hub
    except ModuleNotFoundError as lacking:
        raise ConfigError(f"to look at pictures takes torch and transformers ({lacking}): make trainer") from None
    folder = Path(name).expanduser()
    if folder.is_dir():
        return Clip.read(folder, device) if Clip.is_one(folder) else Hub.read(str(folder), device)
    if name.count("/") != 1 or name.startswith((".", "/", "~")):
        raise ConfigError(
            f"{name}: no such folder; a model is a folder, OWNER/NAME on the hub, or {OPEN_CLIP}MODEL/WEIGHTS"
        )
    return Hub.read(name, device)
