"""Ray as its dashboard's REST interface shows it: machines, and the jobs that it was handed (Ray Jobs).

Plain HTTP, so that neither Ray nor its version has to be installed where jobs are submitted. Written for Ray 2.50 and
later (its own client: `ray.job_submission.JobSubmissionClient`).
"""

from __future__ import annotations

import shlex
import time
from collections.abc import Mapping, Sequence
from typing import Any

import httpx
from pydantic import BaseModel, Field, SecretStr, TypeAdapter, ValidationError

from wunderkammer.core.errors import ConfigError
from wunderkammer.core.settings import public
from wunderkammer.jobs.cluster import News, Silent

PATIENCE = 30.0
"""Seconds for an answer; a head that has just come up takes its time over the first job."""
CONNECTS = 5.0
"""Seconds for a connection."""
QUIET = 5.0
"""Seconds for which a head that did not answer is not asked again."""
GIB = 2**30
_TIMED_OUT = "JOB_SUPERVISOR_ACTOR_START_TIMEOUT"


class Node(BaseModel):
    """A machine of the cluster."""

    node_id: str
    node_ip: str
    state: str
    resources_total: dict[str, float] = Field(default_factory=dict)

    @property
    def cores(self) -> float:
        return self.resources_total.get("CPU", 0.0)

    @property
    def gpus(self) -> float:
        return self.resources_total.get("GPU", 0.0)

    @property
    def memory_gib(self) -> float:
        return self.resources_total.get("memory", 0.0) / GIB


class Handed(BaseModel):
    """What Ray says of a job."""

    status: str
    message: str | None = None
    error_type: str | None = None

    def news(self) -> News:
        words = " ".join((self.message or self.status).split())[:300]
        match self.status:
            case "PENDING":
                return News("waits", words)
            case "RUNNING":
                return News("runs", words)
            case "STOPPED":
                return News("stopped", words)
        return News("expired" if self.error_type == _TIMED_OUT else "ended", words)


_NODES = TypeAdapter(list[Node])


class Dashboard:
    """A Ray head's."""

    def __init__(self, url: str, key: SecretStr | None = None, *, patience_s: float = PATIENCE) -> None:
        """key: the token of a cluster with `RAY_AUTH_MODE=token`. patience_s: seconds for an answer."""
        self.url = url.rstrip("/")
        headers = {} if key is None else {"Authorization": f"Bearer {key.get_secret_value()}"}
        try:
            self._http = httpx.Client(
                base_url=self.url, headers=headers, timeout=httpx.Timeout(patience_s, connect=CONNECTS), trust_env=False
            )
        except httpx.InvalidURL:
            raise ConfigError(f"[jobs] ray_url {public(url)!r} is no address: write http://host:8265") from None
        self._quiet_until = float("-inf")
        self._silence = ""

    def nodes(self) -> list[Node]:
        """The machines that are up."""
        answer = self._ask("GET", "/api/v0/nodes", params={"detail": 1, "limit": 10_000})
        try:
            found = _NODES.validate_python(answer.json()["data"]["result"]["result"])
        except (ValueError, KeyError, TypeError):
            raise self._strange(answer) from None
        return [one for one in found if one.state == "ALIVE"]

    def submit(self, name: str, command: Sequence[str], env: Mapping[str, str], **wants: Any) -> None:
        """Hand in a command under a name; one that is there already is left as it is.

        wants: `entrypoint_num_cpus`, `entrypoint_num_gpus`, `entrypoint_memory` (bytes), `entrypoint_label_selector`.
        """
        body = {
            "entrypoint": f"exec {shlex.join(command)}",
            "submission_id": name,
            "runtime_env": {"env_vars": dict(env)},
            **wants,
        }
        answer = self._ask("POST", "/api/jobs/", json=body)
        if answer.is_success or self.find(name) is not None:
            return
        raise ConfigError(f"Ray at {public(self.url)} refused the job: {_last_line(answer.text)}")

    def find(self, name: str) -> Handed | None:
        """What became of a job; None for one that Ray does not know."""
        answer = self._ask("GET", f"/api/jobs/{name}")
        if answer.status_code == httpx.codes.NOT_FOUND:
            return None
        try:
            return Handed.model_validate_json(answer.content)
        except ValidationError:
            raise self._strange(answer) from None

    def stop(self, name: str) -> None:
        """Ask for a job's end. One that is over, or unknown, is no fault."""
        self._ask("POST", f"/api/jobs/{name}/stop")

    def log(self, name: str) -> str:
        """What a job printed; nothing where that is gone with its machine."""
        answer = self._ask("GET", f"/api/jobs/{name}/logs")
        try:
            return str(answer.json()["logs"]) if answer.is_success else ""
        except (ValueError, KeyError, TypeError):
            raise self._strange(answer) from None

    def check(self) -> None:
        """`Silent` where nobody answers."""
        self._ask("GET", "/api/version")

    def close(self) -> None:
        """Hang up."""
        self._http.close()

    def _ask(self, method: str, path: str, **rest: Any) -> httpx.Response:
        if time.monotonic() < self._quiet_until:
            raise Silent(self._silence)
        try:
            answer = self._http.request(method, path, **rest)
        except httpx.HTTPError as fault:
            self._quiet_until = time.monotonic() + QUIET
            words = " ".join(str(fault).split()) or type(fault).__name__
            self._silence = f"Ray at {public(self.url)} does not answer ({words}); is it up? see [jobs] ray_url"
            raise Silent(self._silence) from None
        if answer.status_code in (401, 403):
            raise ConfigError(f"Ray at {public(self.url)} wants a token: name its variable in [jobs] ray_key_env")
        return answer

    def _strange(self, answer: httpx.Response) -> Silent:
        words = f"{answer.status_code}: {_last_line(answer.text) or 'nothing'}"
        return Silent(f"what answers at {public(self.url)} is no Ray dashboard, or not well ({words})")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if len(line.strip()) > 1]
    return lines[-1][:300] if lines else ""
