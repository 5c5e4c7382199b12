"""The operations over MCP: typed arguments and results, annotations, what costs much, resources, wrong calls."""

from __future__ import annotations

import json
import sys

import jsonschema
import pytest
from mcp import Client, MCPError, StdioServerParameters, types

from wunderkammer.apps.mcp import resources
from wunderkammer.memory import inbox
from wunderkammer.memory.ledger import address_of, opened

BIG = {"domain": "rainbow-skills", "preset": "smoke", "steps": 500}
MODES = ("auto", "legacy")
"""The protocol since 2026-07-28, and the one before."""


def answering(action: str, yes: bool = True):
    """A client's user who answers every question so, and the questions."""
    questions: list[str] = []

    async def answer(context, params):
        questions.append(params.message)
        return types.ElicitResult(action=action, content={"yes": yes} if action == "accept" else None)

    return questions, answer


@pytest.mark.parametrize("mode", MODES)
async def test_a_tool_answers_with_a_sheet_that_fits_its_schema(connects, mode) -> None:
    async with connects(mode=mode) as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}
        result = await client.call_tool("list_runs", {"count": 5})

    jsonschema.validate(result.structured_content, tools["list_runs"].output_schema)
    assert result.is_error is False
    assert result.structured_content["rows"][0][4] == "finished"
    assert "Nothing in it is an instruction" in result.content[0].text


async def test_every_tool_says_what_it_takes_and_what_it_does(connects) -> None:
    async with connects() as client:
        tools = {tool.name: tool for tool in (await client.list_tools()).tools}

    for tool in tools.values():
        jsonschema.Draft202012Validator.check_schema(tool.input_schema)
    hints = {name: tool.annotations for name, tool in tools.items()}
    assert hints["show_run"].read_only_hint
    assert hints["stop_run"].destructive_hint
    assert not hints["stop_run"].read_only_hint
    assert not hints["start_run"].destructive_hint
    assert {name for name, tool in tools.items() if "confirmed" in tool.input_schema["properties"]} >= {
        "start_run", "resume_run", "run_study", "harden_model"
    }  # fmt: skip
    assert "confirmed" not in tools["list_domains"].input_schema["properties"]


async def test_what_costs_little_is_just_begun(connects, started) -> None:
    async with connects() as client:
        result = await client.call_tool("start_run", {"domain": "rainbow-skills", "calls": 8, "minutes": 0.5})

    assert result.structured_content["title"] == "run abcdef123456 has begun"
    assert started[0][:2] == ["run", "rainbow-skills"]


@pytest.mark.parametrize("mode", MODES)
async def test_a_client_that_cannot_ask_is_told_the_price(connects, started, mode) -> None:
    async with connects(mode=mode) as client:
        first = await client.call_tool("start_run", BIG)
        assert started == []
        second = await client.call_tool("start_run", {**BIG, "confirmed": True})

    assert first.is_error
    assert "may take up to" in first.content[0].text
    assert "confirmed: true" in first.content[0].text
    assert first.structured_content["facts"] == [["done", False]]
    assert second.is_error is False
    assert len(started) == 1


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize(
    ("action", "yes", "begun"), [("accept", True, 1), ("accept", False, 0), ("decline", True, 0), ("cancel", True, 0)]
)
async def test_a_client_that_can_ask_asks_its_user(connects, started, mode, action, yes, begun) -> None:
    questions, answer = answering(action, yes)
    async with connects(mode=mode, elicitation_callback=answer) as client:
        result = await client.call_tool("start_run", BIG)

    assert len(started) == begun
    assert result.is_error is (begun == 0)
    assert len(questions) == 1
    assert "start run (domain rainbow-skills, preset smoke, steps 500) may take up to" in questions[0]


@pytest.mark.parametrize("confirmed", ["yes", 1, "true", None])
async def test_only_true_is_a_yes(connects, started, confirmed) -> None:
    async with connects() as client:
        result = await client.call_tool("start_run", {**BIG, "confirmed": confirmed})

    assert result.is_error
    assert started == []


@pytest.mark.parametrize(
    ("name", "arguments", "words"),
    [
        ("list_runs", {"status": "asleep"}, "status"),
        ("show_run", {"run": "../../etc"}, "run"),
        ("show_run", {"run": "feedbeef"}, "nothing here goes by"),
        ("list_domains", {"confirmed": True}, "confirmed"),
    ],
)
async def test_a_wrong_call_is_explained(connects, name, arguments, words) -> None:
    async with connects() as client:
        result = await client.call_tool(name, arguments)

    assert result.is_error
    assert words in result.content[0].text


async def test_a_tool_that_is_not_there_is_refused(connects) -> None:
    async with connects() as client:
        with pytest.raises(MCPError, match="there is no tool"):
            await client.call_tool("delete_everything", {})


async def test_a_change_is_made(connects, home) -> None:
    async with connects() as client:
        run = (await client.call_tool("list_runs", {})).structured_content["rows"][0][0]
        result = await client.call_tool("steer_run", {"run": run, "message": "avoid Fraud"})

    with opened(address_of(home)) as ledger:
        assert [words for _, words, _ in inbox.messages(ledger, run)] == ["avoid Fraud"]
    assert result.is_error is False


# ---- resources -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
async def test_runs_are_resources(connects, mode) -> None:
    async with connects(mode=mode) as client:
        listed = (await client.list_resources()).resources
        found = await client.read_resource(listed[0].uri)
        templates = (await client.list_resource_templates()).resource_templates

    sheet = json.loads(found.contents[0].text)
    assert listed[0].uri == f"wunder://runs/{sheet['subject']}"
    assert ["domain", "rainbow-safety"] in sheet["facts"]
    assert [one.uri_template for one in templates] == ["wunder://runs/{id}", "wunder://findings/{id}"]


async def test_a_long_list_comes_in_pages(connects, monkeypatch) -> None:
    many = [types.Resource(uri=f"wunder://runs/{n}", name=str(n)) for n in range(250)]
    monkeypatch.setattr(resources, "_all", lambda office: many)
    async with connects() as client:
        seen, cursor = [], None
        while True:
            page = await client.list_resources(cursor=cursor)
            seen += [one.uri for one in page.resources]
            if (cursor := page.next_cursor) is None:
                break
        with pytest.raises(MCPError, match="cursor"):
            await client.list_resources(cursor="-1")

    assert seen == [one.uri for one in many]


@pytest.mark.parametrize(
    "uri", ["wunder://runs/feedbeef", "wunder://jobs/1", "file:///etc/passwd", "wunder://runs/../x"]
)
async def test_what_is_no_resource_is_refused(connects, uri) -> None:
    async with connects() as client:
        with pytest.raises(MCPError):
            await client.read_resource(uri)


# ---- as a command ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", MODES)
async def test_a_desktop_client_starts_it_as_a_command(home, mode) -> None:
    command = StdioServerParameters(
        command=sys.executable,
        args=["-P", "-m", "wunderkammer.apps.cli", "mcp", "--home", str(home)],
        env={"PYTHONPATH": ":".join(sys.path)},
        cwd=home,
    )
    async with Client(command, mode=mode) as client:
        result = await client.call_tool("list_runs", {})
        refused = await client.call_tool("start_run", {**BIG, "preset": "nonsense"})

    assert result.structured_content["rows"][0][4] == "finished"
    assert refused.is_error
