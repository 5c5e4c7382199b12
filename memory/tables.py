"""The ledger's tables. Rows are only ever added; every key follows from run and slot, so adding twice adds once."""

from __future__ import annotations

from sqlalchemy import (
    JSON,
    Boolean,
    Column,
    Dialect,
    Float,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    TypeDecorator,
)

from wunderkammer.core.wording import storable

SCHEMA = 1
"""Raised when a table changes in a way that an older program would misread."""


class Words(TypeDecorator[str]):
    """Text of models, servers and users, made such that every database takes it."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        return None if value is None else storable(value)


metadata = MetaData()

meta = Table("meta", metadata, Column("key", String, primary_key=True), Column("value", String, nullable=False))

runs = Table(
    "runs",
    metadata,
    Column("id", String, primary_key=True),
    Column("domain", String, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("plan_id", String, nullable=False),
    Column("roles", JSON, nullable=False),  # role -> {server, model, …}; addresses only, never keys
    Column("parent", String),  # the run that this one was forked from,
    Column("parent_slots", Integer, nullable=False, default=0),  # and how many of its slots it inherits
    Column("at", Float, nullable=False),
)

events = Table(
    "events",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("run", String, nullable=False, index=True),
    Column("kind", String, nullable=False),
    Column("key", String),  # for what may be told twice, after a crash, and is kept once
    Column("body", JSON, nullable=False),
    Column("at", Float, nullable=False),
    Index("events_once", "run", "kind", "key", unique=True),
)

aims = Table(
    "aims",
    metadata,
    Column("run", String, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("origin", String, nullable=False),
    Column("parents", JSON, nullable=False),
    Column("cell", JSON),
    Column("odds", JSON, nullable=False),
    Column("hint", Words, nullable=False),
)

candidates = Table(
    "candidates",
    metadata,
    Column("id", String, primary_key=True),
    Column("domain", String, nullable=False),
    Column("genome", JSON, nullable=False),
    Column("text", Words, nullable=False),
    Column("at", Float, nullable=False),
)

outcomes = Table(
    "outcomes",
    metadata,
    Column("run", String, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("step", Integer, nullable=False),
    Column("candidate", String),
    Column("parents", JSON, nullable=False),
    Column("aim", JSON),
    Column("arm", String),
    Column("fate", String, nullable=False),  # evaluated, or why it never was
    Column("score", Float),
    Column("fitness", Float),
    Column("cell", JSON),
    Column("measures", JSON, nullable=False),
    Column("notes", JSON, nullable=False),
    Column("artifacts", JSON, nullable=False),
    Column("error", Words),
    Column("at", Float, nullable=False),
    Index("outcomes_by_candidate", "run", "candidate", "slot"),  # with the slot, else SQLite walks the whole run
)

duels = Table(
    "duels",
    metadata,
    Column("run", String, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("incumbent", Integer, nullable=False),  # the slot whose elite was challenged
    Column("votes", JSON, nullable=False),
    Column("reasons", JSON, nullable=False),
    Column("accepted", Boolean, nullable=False),
)

novelty = Table(
    "novelty",
    metadata,
    Column("run", String, primary_key=True),
    Column("slot", Integer, primary_key=True),
    Column("embedder", String, primary_key=True),  # figures of different embedders stand side by side
    Column("candidate", String, nullable=False),
    Column("k", Integer, nullable=False),
    Column("in_domain", Float),
    Column("across", Float),
    Column("nearest", String),
    Column("distance", Float),
    Column("held", Integer, nullable=False),
)

losses = Table(
    "losses",
    metadata,
    Column("series", String, primary_key=True),  # hash of the artifacts up to the later of the two
    Column("observer", String, primary_key=True),
    Column("t", Integer, primary_key=True),
    Column("at", Integer, primary_key=True),
    Column("nats", Float, nullable=False),
)

calls = Table(
    "calls",
    metadata,
    Column("id", String, primary_key=True),
    Column("run", String, nullable=False),
    Column("slot", Integer, nullable=False),
    Column("role", String, nullable=False),
    Column("server", String, nullable=False),
    Column("model", String, nullable=False),
    Column("request", String, nullable=False),
    Column("texts", JSON, nullable=False),
    Column("detail", JSON, nullable=False),
    Column("prompt_tokens", Integer, nullable=False),
    Column("completion_tokens", Integer, nullable=False),
    Column("cost", Float, nullable=False),
    Column("seconds", Float, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("cached", Boolean, nullable=False),
    Column("status", String, nullable=False),
    Column("error", Words),
    Column("at", Float, nullable=False),
    Index("calls_by_slot", "run", "slot"),
    Index("calls_by_request", "request"),
)

findings = Table(
    "findings",
    metadata,
    Column("id", String, primary_key=True),
    Column("run", String, nullable=False, index=True),
    Column("body", JSON, nullable=False),
    Column("at", Float, nullable=False),
)

ventures = Table(  # what is begun and resumed like a run and is no search: studies, autonomous runs
    "ventures",
    metadata,
    Column("id", String, primary_key=True),
    Column("kind", String, nullable=False),  # study, autonomous
    Column("domain", String, nullable=False),  # of a study; else empty
    Column("plan", JSON, nullable=False),
    Column("plan_id", String, nullable=False),
    Column("roles", JSON, nullable=False),
    Column("parent", String),  # the autonomous run that began it
    Column("at", Float, nullable=False),
)

inbox = Table(
    "inbox",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("run", String, nullable=False, index=True),
    Column("text", Words, nullable=False),
    Column("at", Float, nullable=False),
)

heard = Table(
    "heard",
    metadata,
    Column("message", Integer, primary_key=True),
    Column("run", String, nullable=False, index=True),
    Column("step", Integer, nullable=False),
    Column("effect", Words, nullable=False),
)

hardenings = Table(
    "hardenings",
    metadata,
    Column("id", String, primary_key=True),
    Column("domain", String, nullable=False),
    Column("plan", JSON, nullable=False),
    Column("roles", JSON, nullable=False),  # as in `runs`
    Column("at", Float, nullable=False),
)

stages = Table(
    "stages",
    metadata,
    Column("hardening", String, primary_key=True),
    Column("round", Integer, primary_key=True),  # 0: before anything was trained
    Column("name", String, primary_key=True),
    Column("body", JSON, nullable=False),  # what the stage came to: ids and figures
    Column("at", Float, nullable=False),
)

sayings = Table(  # what was said in conversations, as people read it; what a model is shown of it is a checkpoint's
    "sayings",
    metadata,
    Column("seq", Integer, primary_key=True, autoincrement=True),
    Column("thread", String, nullable=False, index=True),
    Column("turn", String, nullable=False),  # what one message of the user set off
    Column("kind", String, nullable=False),
    Column("key", String, index=True),  # by which a client that repeats the conversation finds it again
    Column("body", JSON, nullable=False),
    Column("at", Float, nullable=False),
)
