"""A base model as a transformers folder: from such a folder, a GGUF file or a model hub.

Arguments: `base` (a hub name, or the place of a folder or a `.gguf` file) and of a place `mark`, its content (see
`fingerprint.mark`). Artifact: `model/`. Figures: see `main`.
"""

from __future__ import annotations

import json
import os
import re
import shutil
from pathlib import Path
from typing import TYPE_CHECKING, Any

from wunderkammer.core.fingerprint import BESIDE, dtypes, file_hash, parameters, weight_files, weights_hash
from wunderkammer.jobs.desk import Desk, Unable

if TYPE_CHECKING:
    from tokenizers.pre_tokenizers import PreTokenizer

CARRIED = ("*.safetensors", *BESIDE, "README.md", "LICENSE*")
"""What belongs to a transformers folder. No pickled weights, no code."""
STORED = "bfloat16"
"""Number format of dequantised weights: its rounding is far below what the quantisation cost already."""


def main(desk: Desk) -> dict[str, object]:
    """Make `model/` and say what it is."""
    base, folder = str(desk.args["base"]), desk.out / "model"
    found = Path(base).expanduser()
    desk.tell(0, 2, f"reading {base}")
    if found.is_dir():
        source: dict[str, object] = {"source": "folder", "license": _license(found)}
        _carry(found, folder)
    elif found.is_file():
        source = from_gguf(found, folder)
    else:
        source = from_hub(base, folder)
    desk.tell(1, 2, "hashing")
    return {"base": found.name if found.exists() else base, **source, **describe(folder)}


def describe(folder: Path) -> dict[str, object]:
    """Hash, architecture, sizes and number formats of a transformers folder; `Unable` where it is none."""
    config = _config(folder)
    files = weight_files(folder)
    template = (folder / "chat_template.jinja").is_file() or "chat_template" in _read(folder / "tokenizer_config.json")
    return {
        "hash": weights_hash(folder),
        "architecture": (config.get("architectures") or ["?"])[0],
        "family": config.get("model_type", "?"),
        "parameters": parameters(files),
        "dtypes": list(dtypes(files)),
        "layers": config.get("num_hidden_layers"),
        "chat_template": template,
    }


def from_gguf(file: Path, folder: Path) -> dict[str, object]:
    """Dequantise a GGUF file into a transformers folder whose tokenizer agrees with llama.cpp's."""
    import torch
    from gguf import GGUFReader
    from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

    if file.suffix != ".gguf":
        raise Unable(f"{file} is neither a transformers folder nor a .gguf file")
    try:
        fields = GGUFReader(file).fields
    except ValueError as fault:
        raise Unable(f"{file} is no GGUF file that can be read: {fault}") from None
    said = {name: fields[name].contents() for name in _SAID if name in fields}
    tokenizer = AutoTokenizer.from_pretrained(str(file.parent), gguf_file=file.name)
    if said.get("tokenizer.ggml.model") == "gpt2":
        tokenizer.backend_tokenizer.pre_tokenizer = pre_tokenizer(str(said.get("tokenizer.ggml.pre", "default")))
    tokenizer.save_pretrained(folder)
    model = AutoModelForCausalLM.from_pretrained(
        str(file.parent),
        gguf_file=file.name,
        dtype=getattr(torch, STORED),
        quantization_config=GgufConfig(dequantize=True),
    )
    model.config.name_or_path = file.stem
    model.save_pretrained(folder)
    return {
        "source": "gguf",
        "source_hash": file_hash(file),
        "license": said.get("general.license", ""),
        "name": said.get("general.name", file.stem),
    }


_SAID = ("general.license", "general.name", "tokenizer.ggml.model", "tokenizer.ggml.pre")


def pre_tokenizer(name: str) -> PreTokenizer:
    """How text is cut before byte pairs are merged, by the name that GGUF has for it.

    transformers cuts every GGUF tokenizer as GPT-2's. SmolLM's sets each digit apart as well; without that, blanks
    before a number merge otherwise than in llama.cpp.
    """
    from tokenizers import pre_tokenizers

    plain = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)
    match name:
        case "gpt-2":
            return plain
        case "smollm":
            return pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), plain])
        case _:
            raise Unable(
                f"the GGUF's tokenizer {name!r} is not known here; give the original model as a folder instead"
            )


def from_hub(name: str, folder: Path) -> dict[str, object]:
    """Fetch a model from the hub that `HF_ENDPOINT` names, or from its cache."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    if not re.fullmatch(r"[\w.-]+/[\w.-]+", name):
        raise Unable(f"{name}: no such folder or file; give a folder, a .gguf file or a hub name such as owner/model")
    try:
        found = Path(snapshot_download(name, allow_patterns=list(CARRIED)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as fault:
        raise Unable(f"{name} cannot be had from the hub ({_line(fault)}); give a folder instead") from None
    _carry(found, folder)
    return {"source": "hub", "license": _license(found)}


def _carry(found: Path, folder: Path) -> None:
    """The files of a transformers folder, linked where the file system can: weights may have many gigabytes."""
    _config(found)
    if not weight_files(found):
        raise Unable(f"{found} has no *.safetensors; save the model again with `save_pretrained`")
    folder.mkdir(parents=True)
    for file in sorted({file for pattern in CARRIED for file in found.glob(pattern)}):
        try:
            os.link(file.resolve(), folder / file.name)
        except OSError:  # another file system, or one without links
            shutil.copy2(file, folder / file.name)


def _config(folder: Path) -> dict[str, Any]:
    if (folder / "adapter_config.json").is_file() and not (folder / "config.json").is_file():
        raise Unable(f"{folder} holds an adapter, not a model; give its base")
    config = _read(folder / "config.json")
    if not config:
        raise Unable(f"{folder} has no config.json; give the folder of a transformers model")
    return config


def _read(file: Path) -> dict[str, Any]:
    if not file.is_file():
        return {}
    read: dict[str, Any] = json.loads(file.read_text("utf-8"))
    return read


def _license(folder: Path) -> str:
    """What the model card's front matter says."""
    card = folder / "README.md"
    found = re.search(r"^license:\s*(\S+)", card.read_text("utf-8"), re.M) if card.is_file() else None
    return found[1] if found else ""


def _line(fault: Exception) -> str:
    return (str(fault).strip().splitlines() or [type(fault).__name__])[0]
