"""`jobgen mcp`: the SDK's own client over standard input and output."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from anyio.from_thread import BlockingPortal, start_blocking_portal

from tests.support.process import BIN
from tests.support.tree import SHOP, read_tree, write_tree

if TYPE_CHECKING:
    from mcp import Client

pytestmark = pytest.mark.xdist_group("mcp")


class Agent:
    """A coding agent that is connected to the server."""

    def __init__(self, client: Client, portal: BlockingPortal) -> None:
        self._client = client
        self._portal = portal

    def tools(self) -> Any:
        return self._portal.call(self._client.list_tools).tools

    def call(self, tool: str, **arguments: object) -> Any:
        """Return the result of a tool that succeeds."""
        result = self._portal.call(self._client.call_tool, tool, arguments)
        assert not result.is_error, result.content
        return result.structured_content

    def fail(self, tool: str, **arguments: object) -> str:
        """Return the message of a tool that fails."""
        result = self._portal.call(self._client.call_tool, tool, arguments)
        assert result.is_error
        return str(result.content[0].text)


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The project of the server."""
    return write_tree(tmp_path_factory.mktemp("mcp") / "my shop", SHOP)


@pytest.fixture(scope="module")
def agent(root: Path) -> Iterator[Agent]:
    # Not by each process of pytest: importing it takes longer than these tests.
    from mcp import Client, StdioServerParameters

    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    command = StdioServerParameters(
        command=str(BIN / "jobgen"), args=["mcp"], cwd=root / "Web", env=environment
    )
    with (
        start_blocking_portal() as portal,
        portal.wrap_async_context_manager(Client(command)) as client,
    ):
        yield Agent(client, portal)


def test_tools_say_what_they_do_and_only_one_writes(agent: Agent) -> None:
    tools = {tool.name: tool for tool in agent.tools()}
    assert set(tools) == {
        "info",
        "list_generators",
        "list_jobs",
        "preview",
        "preview_undo",
        "preview_fixes",
        "apply",
        "check",
    }
    assert all(tool.description for tool in tools.values())
    document = (Path(__file__).parents[2] / "docs/agents.md").read_text()
    section = document.partition("## MCP server\n")[2]
    assert re.findall(r"^\| `(\w+)`", section, re.MULTILINE) == list(tools)
    assert [name for name, tool in tools.items() if not tool.annotations.read_only_hint] == [
        "apply"
    ]
    assert set(tools["preview"].input_schema["required"]) == {"generator", "arguments"}


def test_plan_is_previewed_applied_by_its_digest_and_undone(agent: Agent, root: Path) -> None:
    before = read_tree(root)
    generators = {each["name"]: each for each in agent.call("list_generators")["generators"]}
    assert generators["job"]["arguments"]["required"] == ["name"]
    assert "new" not in generators

    arguments = {"name": "Scrape", "columns": ["url:text", "band:references"]}
    shown = agent.call("preview", generator="job", arguments=arguments)
    assert read_tree(root) == before
    paths = [action["path"] for action in shown["plan"]["actions"]]
    assert "Web/Job/Scrape.py" in paths
    assert "+class Scrape(Job[ScrapeJob]):" in str(shown["plan"])

    applied = agent.call("apply", digest=shown["digest"])
    assert {"op": "create", "path": "Web/Job/Scrape.py"} in applied["applied"]
    assert applied["next_steps"]
    after = {str(each["path"]): each["after"] for each in shown["plan"]["actions"]}
    assert (root / "Web/Job/Scrape.py").read_text() == after["Web/Job/Scrape.py"]

    (job,) = agent.call("list_jobs")["jobs"]
    assert (job["name"], [each["name"] for each in job["columns"]]) == (
        "Scrape",
        ["url", "band_id"],
    )
    assert agent.call("info")["findings"] == agent.call("check")["findings"] == []
    assert "previewed, or it was applied" in agent.fail("apply", digest=shown["digest"])
    again = agent.call("preview", generator="job", arguments=arguments)
    assert again["digest"] is None

    undo = agent.call("preview_undo")
    assert undo["undoes"] == "jobgen job Scrape url:text band:references --app Web"
    assert (root / "Web/Job/Scrape.py").exists()
    assert "DROP TABLE" in str(agent.call("apply", digest=undo["digest"])["next_steps"])
    assert read_tree(root) == before
    assert "nothing to undo" in agent.fail("preview_undo")


def test_plan_is_refused_after_a_file_changed(agent: Agent, root: Path) -> None:
    shown = agent.call("preview", generator="job", arguments={"name": "Late"})
    schema = root / "Application/Schema.sql"
    text = schema.read_text()
    schema.write_text(text + "-- edited\n")
    before = read_tree(root)
    message = agent.fail("apply", digest=shown["digest"])
    assert "Files changed since the plan was made: Application/Schema.sql" in message
    assert read_tree(root) == before
    schema.write_text(text)


def test_conflict_blocks_until_it_is_decided(agent: Agent, root: Path) -> None:
    script = root / "Application/Script/Report.py"
    script.parent.mkdir()
    script.write_text("# mine\n")
    arguments = {"name": "Report"}
    shown = agent.call("preview", generator="script", arguments=arguments)
    assert shown["digest"] is None
    assert shown["plan"]["issues"][0]["kind"] == "conflict"
    kept = agent.call("preview", generator="script", arguments=arguments, conflicts="keep")
    assert kept["digest"] is None
    over = agent.call("preview", generator="script", arguments=arguments, conflicts="overwrite")
    agent.call("apply", digest=over["digest"])
    assert "async def run()" in script.read_text()
    script.unlink()
    script.parent.rmdir()


def test_findings_are_fixed_by_a_plan(agent: Agent, root: Path) -> None:
    types = root / "Generated/Types.py"
    types.unlink(missing_ok=True)
    assert [each["rule"] for each in agent.call("check")["findings"]] == ["types-outdated"]
    agent.call("apply", digest=agent.call("preview_fixes")["digest"])
    assert types.exists()
    assert agent.call("check")["findings"] == []
    assert agent.call("preview_fixes")["digest"] is None


@pytest.mark.parametrize(
    ("tool", "arguments", "message"),
    [
        (
            "preview",
            {"generator": "new", "arguments": {}},
            "There is no generator 'new'. There are:",
        ),
        ("preview", {"generator": "job", "arguments": {}}, "job needs the argument 'name'."),
        (
            "preview",
            {"generator": "job", "arguments": {"name": "A", "force": "x"}},
            "job has no argument 'force'; it has: name, columns, app,",
        ),
        (
            "preview",
            {"generator": "job", "arguments": {"name": ["A"]}},
            "The argument 'name' must be a string.",
        ),
        (
            "preview",
            {"generator": "job", "arguments": {"name": "A", "columns": "url:text"}},
            "The argument 'columns' must be a list of strings.",
        ),
        ("preview", {"generator": "job", "arguments": {"name": "../../etc"}}, "'../../etc'"),
        (
            "preview",
            {"generator": "job", "arguments": {"name": "A"}, "conflicts": "no"},
            "conflicts",
        ),
        ("preview", {"generator": "job"}, "arguments"),
        ("apply", {"digest": "0" * 64}, "No plan with this digest"),
        ("apply", {"digest": 5}, "digest"),
    ],
)
def test_bad_input_is_an_error_with_its_reason(
    agent: Agent, root: Path, tool: str, arguments: dict[str, object], message: str
) -> None:
    before = read_tree(root)
    answer = agent.fail(tool, **arguments)
    assert message in answer
    assert "Traceback" not in answer
    assert read_tree(root) == before


def test_broken_project_is_an_error_and_the_server_goes_on(agent: Agent, root: Path) -> None:
    config = root / "pyproject.toml"
    text = config.read_text()
    config.write_text("[tool.jobgen\n")
    for tool in ("info", "list_generators", "check", "preview_undo"):
        assert "pyproject.toml is not valid TOML" in agent.fail(tool)
    config.write_text(text)
    assert agent.call("info")["name"] == "my shop"


def test_command_without_a_project_or_the_sdk_says_what_to_do(tmp_path: Path, root: Path) -> None:
    def run(cwd: Path, **environment: str) -> str:
        done = subprocess.run(
            [BIN / "jobgen", "mcp"],
            cwd=cwd,
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stdout) == (1, "")
        return done.stderr

    assert "No project here" in run(tmp_path)
    (tmp_path / "sitecustomize.py").write_text("import sys\nsys.modules['mcp'] = None\n")
    message = run(root, PYTHONPATH=str(tmp_path))
    assert "The package mcp is not installed" in message
    assert 'pip install "jobgen[mcp]"' in message
    assert "Traceback" not in message
