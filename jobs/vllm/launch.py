"""How vLLM is started: its command line, its environment, its devices."""

from __future__ import annotations

from pathlib import Path

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.frozen import Frozen
from wunderkammer.core.settings import VllmSettings

FILE = "launch.json"
PROGRAM = "vllm.entrypoints.openai.api_server"
"""And not the command `vllm`, which the CPU build breaks on a machine without a GPU."""
HOLDER = "vLLM "
"""How the leases of servers begin; a job's is its id."""
RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
"""What vLLM takes for --max-lora-rank."""


class Launch(Frozen):
    """What the keeper of a server is told."""

    command: tuple[str, ...]
    variables: dict[str, str]
    url: str
    """http://host:port, without /v1."""
    model: str
    """The name that it is served under."""
    devices: tuple[str, ...]
    """Ids to lease."""
    leases: Path
    """Where leases lie."""
    linger: float
    """Seconds to stay after the last user."""
    hidden: tuple[str, ...]
    """Names of variables that hold secrets."""


def served_name(model: str) -> str:
    """What a model is called: a hub name as it is, of a folder the last part; no path of ours goes to the ledger."""
    folder = Path(model).expanduser()
    return (folder.absolute().name or folder.resolve().name) if folder.is_dir() else model


def command(vllm: VllmSettings, python: Path) -> tuple[str, ...]:
    """The command line; `ConfigError` for what vLLM would refuse only after a minute."""
    if vllm.model is None:
        raise ConfigError("[servers.NAME.vllm] names no model, so there is nothing to start")
    if vllm.max_lora_rank not in RANKS:
        raise ConfigError(f"max_lora_rank = {vllm.max_lora_rank}: vLLM takes {', '.join(map(str, RANKS))}")
    folder = Path(vllm.model).expanduser()
    model = str(folder.resolve()) if folder.is_dir() else vllm.model
    words = [str(python), "-m", PROGRAM, "--model", model, "--served-model-name", served_name(vllm.model)]
    words += ["--host", "127.0.0.1", "--port", str(vllm.port)]
    words += ["--enable-lora", "--max-lora-rank", str(vllm.max_lora_rank), "--max-loras", str(vllm.max_loras)]
    if vllm.gpus:
        words += ["--gpu-memory-utilization", str(vllm.gpu_memory_utilization)]
        words += ["--tensor-parallel-size", str(len(vllm.gpus))] if len(vllm.gpus) > 1 else []
        words += ["--enable-sleep-mode"] if vllm.sleep else []
    return (*words, *vllm.args)


def variables(vllm: VllmSettings) -> dict[str, str]:
    """What vLLM reads of its environment."""
    told = {
        "VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True",
        "VLLM_HOST_IP": "127.0.0.1",  # else its processes find one another over the network
        "VLLM_NO_USAGE_STATS": "1",
        "VLLM_DO_NOT_TRACK": "1",
        "DO_NOT_TRACK": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "PYTHONUNBUFFERED": "1",
        "CUDA_DEVICE_ORDER": "PCI_BUS_ID",
        "CUDA_VISIBLE_DEVICES": ",".join(map(str, vllm.gpus)),
    }
    if vllm.sleep and vllm.gpus:
        told["VLLM_SERVER_DEV_MODE"] = "1"  # /sleep, /wake_up
    if not vllm.gpus:
        told |= {"VLLM_TARGET_DEVICE": "cpu", "VLLM_CPU_OMP_THREADS_BIND": "nobind", "VLLM_CPU_KVCACHE_SPACE": "1"}
    if vllm.model is not None and Path(vllm.model).expanduser().is_dir():
        told["HF_HUB_OFFLINE"] = "1"  # everything is here: nobody is asked
    return told
