"""What vLLM is told over HTTP beside questions: which adapters to serve, when to sleep."""

from __future__ import annotations

from http import HTTPStatus
from pathlib import Path
from typing import Any

import httpx
from pydantic import BaseModel, ValidationError

from wunderkammer.core.errors import ConfigError, ModelError, Refused, ServerDown, ServerFault

LIST_S = 10.0
"""For whoever only wants to know how things stand."""
WORK_S = 600.0
"""For loading, falling asleep and waking, which move gigabytes."""
CUT = 300
"""Characters of a server's words in an error."""


class Listed(BaseModel):
    """One line of /v1/models."""

    id: str
    root: str | None = None
    """The folder or hub name that it was loaded from."""
    parent: str | None = None
    """Of an adapter: its base. None: a base itself."""
    max_model_len: int | None = None


class _List(BaseModel):
    data: list[Listed]


class Engine:
    """One vLLM server. Every method raises `ModelError` in one line where it cannot be reached or breaks off."""

    def __init__(self, url: str, key: str | None = None) -> None:
        """url: ends in /v1, without a login. key: what the server was started with as --api-key."""
        self.url = url
        self._root = url.removesuffix("/v1")
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._http = httpx.AsyncClient(
            headers=headers,
            timeout=httpx.Timeout(WORK_S, connect=5.0),
            trust_env=False,
            verify=url.startswith("https://"),  # reading certificates takes a tenth of a second, for nothing at http
        )

    async def close(self) -> None:
        await self._http.aclose()

    async def listens(self) -> bool:
        """Whether anybody does; somebody who is slow to answer does."""
        try:
            await self._http.get(f"{self._root}/health", timeout=LIST_S)
        except httpx.ConnectError:
            return False
        except httpx.TransportError:
            return True
        return True

    async def healthy(self) -> bool:
        """Whether it listens and its engine lives."""
        try:
            return (await self._http.get(f"{self._root}/health", timeout=LIST_S)).status_code == HTTPStatus.OK
        except httpx.TransportError:
            return False

    async def models(self) -> tuple[Listed, ...]:
        """Base first, then the adapters. Answered by a sleeping server too."""
        found = await self._ask("GET", "/v1/models", within=LIST_S)
        _accept(found, self.url)
        try:
            return tuple(_List.model_validate_json(found.content).data)
        except ValidationError:
            raise ServerFault(f"{self.url}: /v1/models is no list of models; is it vLLM?") from None

    async def load(self, name: str, folder: Path, *, in_place: bool = False) -> None:
        """Serve an adapter. in_place: whatever is served under the name gives way; else that is a `ConfigError`.

        A reload under the same path keeps what vLLM cached of the old weights: other weights want another path.
        """
        body = {"lora_name": name, "lora_path": str(folder), "load_inplace": in_place}
        found = await self._ask("POST", "/v1/load_lora_adapter", json=body)
        if found.status_code == HTTPStatus.OK:
            return
        said = _words(found)
        if found.status_code == HTTPStatus.NOT_FOUND and "lora" not in said.lower():
            raise ConfigError(f"{self.url} takes no adapters: start vLLM with VLLM_ALLOW_RUNTIME_LORA_UPDATING=True")
        if found.status_code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.BAD_GATEWAY):
            _accept(found, self.url)
        raise ConfigError(f"{self.url} does not take adapter {name}: {why_not(said, folder)}")

    async def unload(self, name: str) -> bool:
        """Stop serving an adapter; False where it was not served."""
        found = await self._ask("POST", "/v1/unload_lora_adapter", json={"lora_name": name})
        if found.status_code == HTTPStatus.NOT_FOUND:
            return False
        _accept(found, self.url)
        return True

    async def can_sleep(self) -> bool:
        """Whether sleep would free anything. Where it would not, a request to the sleeper hangs all the same."""
        found = await self._ask("GET", "/server_info", params={"config_format": "json"})
        if found.status_code == HTTPStatus.NOT_FOUND:  # not in development mode, so it has no /sleep either
            return False
        _accept(found, self.url)
        config = found.json().get("vllm_config")
        model = config.get("model_config") if isinstance(config, dict) else None
        return bool(isinstance(model, dict) and model.get("enable_sleep_mode"))

    async def asleep(self) -> bool:
        found = await self._ask("GET", "/is_sleeping", within=LIST_S)
        if found.status_code == HTTPStatus.NOT_FOUND:
            return False
        _accept(found, self.url)
        return found.json().get("is_sleeping") is True

    async def sleep(self, level: int) -> None:
        """Free the GPU. Who asks sees to it that no request of ours is under way; others' are waited for."""
        _accept(await self._ask("POST", "/sleep", params={"level": level, "mode": "wait"}), self.url)

    async def wake(self, level: int) -> None:
        """Take the GPU again, after a sleep of that level."""
        if level < 2:
            _accept(await self._ask("POST", "/wake_up"), self.url)
            return
        # Weights that were dropped are read anew before there is room for anything else.
        _accept(await self._ask("POST", "/wake_up", params={"tags": "weights"}), self.url)
        _accept(await self._ask("POST", "/collective_rpc", json={"method": "reload_weights"}), self.url)
        _accept(await self._ask("POST", "/wake_up", params={"tags": "kv_cache"}), self.url)

    async def _ask(self, verb: str, path: str, *, within: float = WORK_S, **more: Any) -> httpx.Response:
        try:
            return await self._http.request(verb, self._root + path, timeout=within, **more)
        except httpx.ConnectError:
            raise ServerDown(f"{self.url}: nobody answers") from None
        except httpx.TimeoutException:
            raise ServerFault(f"{self.url}: {path} was not answered within {within:.0f} s") from None
        except httpx.TransportError as fault:
            raise ServerFault(f"{self.url}: {path} broke off ({fault or type(fault).__name__})") from None


def why_not(said: str, folder: Path) -> str:
    """In a user's words why vLLM refused an adapter."""
    low = said.lower()
    if "max_lora_rank" in low:
        return f"{said}; raise max_lora_rank in [servers.NAME.vllm] and start the server anew"
    if "no adapter found" in low or "not found" in low or "no such file" in low:
        return f"it does not see {folder}; a server in a container needs HOME/adapters at the same path"
    if "size mismatch" in low or "shape" in low or "expected target modules" in low or "size of tensor" in low:
        return f"it was trained on another base ({said})"
    return said or "no reason given"


def _accept(found: httpx.Response, url: str) -> None:
    if found.status_code < HTTPStatus.BAD_REQUEST:
        return
    line = f"{url}: {found.request.url.path} answered {found.status_code}: {_words(found) or 'nothing'}"
    fault: type[ModelError] = ServerFault if found.status_code >= HTTPStatus.INTERNAL_SERVER_ERROR else Refused
    raise fault(line)


def _words(found: httpx.Response) -> str:
    """What an error body says, on one line."""
    try:
        body = found.json()
    except ValueError:
        body = found.text
    error = body.get("error", body) if isinstance(body, dict) else body
    words = error.get("message", error.get("detail", error)) if isinstance(error, dict) else error
    line = " ".join(str(words).split())
    return line if len(line) <= CUT else line[: CUT - 1] + "…"
