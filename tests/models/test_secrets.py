"""Keys and passwords are sent to their server and seen nowhere else."""

from __future__ import annotations

import base64
import logging
import traceback

import pytest

from wunderkammer.core.errors import ConfigError, ModelError
from wunderkammer.models import address

KEY = "sk-very-secret-0123456789"
PASSWORD = "p@ss/word"
ENCODED = "p%40ss%2Fword"
TOKEN = base64.b64encode(f"annabel:{PASSWORD}".encode()).decode()


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setenv("MY_KEY", KEY)


def with_login(url: str) -> str:
    return url.replace("http://", f"http://annabel:{ENCODED}@")


@pytest.mark.usefixtures("key")
async def test_the_key_is_sent(house, server):
    await house.gateway(key_env="MY_KEY").complete(house.ask())
    assert server.headers[0]["Authorization"] == f"Bearer {KEY}"


async def test_a_login_in_the_url_is_sent_as_basic_authorization(house, server):
    reply = await house.gateway(url=with_login(server.url)).complete(house.ask())
    assert server.headers[0]["Authorization"] == f"Basic {TOKEN}"
    assert reply.call.server == server.url


async def test_a_server_without_a_key_gets_a_made_up_one(house, server, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    monkeypatch.setenv("OPENAI_ORG_ID", "org-mine")
    monkeypatch.setenv("OPENAI_PROJECT_ID", "proj-mine")
    await house.gateway().complete(house.ask())
    sent = " ".join(server.headers[0].values())
    assert server.headers[0]["Authorization"] == "Bearer none"
    assert KEY not in sent
    assert "mine" not in sent


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("status", [200, 400, 401, 404, 429, 500])
async def test_a_server_that_repeats_its_key_does_not_spread_it(house, server, caplog, status):
    caplog.set_level(logging.DEBUG)
    server.always = server.fail(status, f"wrong key {KEY}! " * 3)
    with pytest.raises(ModelError) as caught:
        await house.gateway(key_env="MY_KEY", attempts=2).complete(house.ask())
    everything = [
        *traceback.format_exception(caught.value),
        repr(caught.value.__dict__),
        caplog.text,
        *(call.model_dump_json() for call in house.calls),
        *(file.read_text() for file in house.home.iterdir()),
    ]
    assert "***" in str(caught.value)
    assert not [text for text in everything if KEY in text]


@pytest.mark.usefixtures("key")
async def test_a_reply_that_repeats_the_key_is_kept_without_it(house, server):
    server.always = server.say(f"My key is {KEY}.")
    reply = await house.gateway(key_env="MY_KEY").complete(house.ask())
    assert reply.texts == reply.call.texts == ("My key is ***.",)


@pytest.mark.parametrize("shown", [PASSWORD, ENCODED, TOKEN])
async def test_a_login_is_struck_out_in_every_spelling(house, server, caplog, shown):
    caplog.set_level(logging.DEBUG)
    server.always = server.fail(401, f"no {shown} here")
    with pytest.raises(ModelError) as caught:
        await house.gateway(url=with_login(server.url)).complete(house.ask())
    text = "".join(traceback.format_exception(caught.value)) + caplog.text + house.calls[0].model_dump_json()
    assert not [secret for secret in (PASSWORD, ENCODED, TOKEN) if secret in text]


async def test_a_server_that_is_down_shows_no_login(house):
    with pytest.raises(ModelError) as caught:
        await house.gateway(url=f"http://annabel:{ENCODED}@nowhere.invalid/v1", attempts=1).complete(house.ask())
    text = str(caught.value) + repr(caught.value) + house.calls[0].model_dump_json()
    assert "nowhere.invalid" in text
    assert not [secret for secret in ("annabel", PASSWORD, ENCODED, TOKEN) if secret in text]


@pytest.mark.parametrize(
    "url",
    [
        f"http://annabel:{ENCODED}@host/v1?key=abc",
        f"http://annabel:{ENCODED}@host:port/v1",
        f"http://annabel:{ENCODED}@/v1",
        f"http://annabel:{ENCODED}@[::1/v1",
    ],
)
def test_an_address_that_cannot_be_used_is_refused_without_repeating_it(url):
    with pytest.raises(ConfigError) as caught:
        address.parse(url)
    assert not [part for part in ("annabel", ENCODED, PASSWORD, "abc") if part in str(caught.value)]


def test_key_and_login_together_are_refused():
    with pytest.raises(ConfigError, match="not both"):
        address.parse("http://annabel:pw@host/v1", KEY)


def test_a_lone_user_is_a_secret():
    place = address.parse("https://token123@host/v1/")
    assert place.url == "https://host/v1"
    assert place.redact("token123 is wrong") == "*** is wrong"
    assert "token123" not in repr(place)
