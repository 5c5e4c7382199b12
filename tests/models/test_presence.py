"""Who listens, and who does not."""

from __future__ import annotations

import asyncio
import socket

from wunderkammer.core.settings import Settings
from wunderkammer.models.presence import absent


def settings(**ports: int) -> Settings:
    servers = {name: {"url": f"http://127.0.0.1:{port}/v1"} for name, port in ports.items()}
    return Settings(servers=servers, roles={name: {"server": name} for name in ports})


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


async def test_who_listens_is_there_and_who_does_not_is_named_once() -> None:
    server = await asyncio.start_server(lambda reader, writer: writer.close(), "127.0.0.1", 0)
    gone = free_port()
    async with server:
        here = server.sockets[0].getsockname()[1]
        found = await absent(settings(target=here, judge=gone), ("target", "judge", "judge"))
    assert found == [f"http://127.0.0.1:{gone}/v1"]


async def test_a_server_that_we_start_ourselves_is_not_asked() -> None:
    own = Settings(servers={"own": {"vllm": {"model": "m", "port": free_port()}}}, roles={"target": {"server": "own"}})
    assert await absent(own, ("target", "mutator")) == []
