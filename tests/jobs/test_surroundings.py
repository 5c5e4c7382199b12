"""What a job sees of the environment: nothing that looks like a secret, and what it was given."""

from __future__ import annotations

import json
import sys

import pytest

from wunderkammer.core.settings import JobSettings, ServerSettings, Settings
from wunderkammer.core.work import Job, Resources
from wunderkammer.jobs.local import LocalDispatcher
from wunderkammer.jobs.surroundings import without_secrets


@pytest.mark.parametrize(
    "name",
    [
        "OPENAI_API_KEY", "HF_TOKEN", "HUGGING_FACE_HUB_TOKEN", "AWS_SECRET_ACCESS_KEY", "PGPASSWORD", "DB_PASSWORD",
        "MY_PASSWD", "GITHUB_TOKEN", "APIKEY", "AZURE_CLIENT_SECRET", "GOOGLE_APPLICATION_CREDENTIALS", "api_key",
        "SENTRY_DSN", "WUNDER_DATABASE", "SSH_PRIVATE_KEY", "SESSION_COOKIE", "OPENAIKEY", "AUTH",
    ],
)  # fmt: skip
def test_names_of_secrets_are_recognised(name):
    assert without_secrets({name: "x"}) == {}


@pytest.mark.parametrize(
    "name",
    [
        "PATH",
        "HOME",
        "PWD",
        "OLDPWD",
        "LANG",
        "HF_HOME",
        "KEYBOARD",
        "TOKENIZERS_PARALLELISM",
        "COMPASS",
        "LD_LIBRARY_PATH",
    ],
)
def test_ordinary_names_stay(name):
    assert without_secrets({name: "x"}) == {name: "x"}


def test_addresses_with_a_login_go_whatever_they_are_called():
    variables = {
        "ADDRESS": "postgresql://user:word@host/base",
        "PROXY": "http://user:word@proxy:3128",
        "PLAIN": "http://proxy:3128",
        "MAIL": "a@b.org",
    }
    assert set(without_secrets(variables)) == {"PLAIN", "MAIL"}


async def test_a_job_sees_no_secret_and_what_it_was_given(tmp_path, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-very-secret")
    monkeypatch.setenv("MY_HARMLESS_NAME", "very-secret-too")
    monkeypatch.setenv("GREETING", "hello")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0,1")
    server = ServerSettings(url="http://127.0.0.1:9/v1", key_env="MY_HARMLESS_NAME")
    here = LocalDispatcher(Settings(home=tmp_path, servers={"ours": server}, jobs=JobSettings(cores=4)))
    one = Job(module="stage.errands", args={"what": "environment"}, needs=Resources(cores=3))
    await here.submit(one)
    found = (await here.wait([one.id]))[one.id]
    text = (here.artifacts(found.job.id) / "result.json").read_text()
    seen = json.loads(text)["environment"]

    assert "very-secret" not in text
    assert seen["GREETING"] == "hello"
    assert seen["OMP_NUM_THREADS"] == "3"
    assert seen["CUDA_VISIBLE_DEVICES"] == ""
    assert json.loads(text)["python"] == sys.executable
    for file in here.jobs.rglob("*.json"):
        assert "very-secret" not in file.read_text()
