"""The MCP server over standard input and output. It alone imports the SDK."""

from __future__ import annotations

from collections.abc import Callable
from inspect import cleandoc
from pathlib import Path
from typing import Annotated, Any, ParamSpec

from mcp.server.mcpserver import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp.types import ToolAnnotations
from pydantic import Field

from jobgen import __version__
from jobgen.errors import JobgenError
from jobgen.mcp.tools import Conflicts, Tools

INSTRUCTIONS = """\
jobgen writes background jobs into this Python project: one typed PostgreSQL table per kind of job.
Call `info` first. To change the project, call `preview`, read the plan's diffs and issues, and call
`apply` with its digest; nothing else writes. Call `check` after every change. Do not edit the
generated records by hand."""

_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_WRITES = ToolAnnotations(
    read_only_hint=False, destructive_hint=True, idempotent_hint=False, open_world_hint=False
)

P = ParamSpec("P")
Json = dict[str, Any]
Tool = Callable[..., Json]


def serve(root: Path) -> None:
    """Answer the requests on standard input for the project at `root`, until it is closed."""
    mcp_server(Tools(root)).run("stdio")


def mcp_server(tools: Tools) -> MCPServer[Any]:
    """Return the server with all tools."""
    server: MCPServer[Any] = MCPServer(
        "jobgen",
        title="jobgen",
        version=__version__,
        instructions=INSTRUCTIONS,
        log_level="WARNING",
    )

    _add_descriptions(server, tools)
    _add_plans(server, tools)
    return server


def _tool(server: MCPServer[Any], annotations: ToolAnnotations) -> Callable[[Tool], None]:
    """Return the decorator that adds a function as a tool; its docstring is the description."""

    def add(function: Tool) -> None:
        description = cleandoc(function.__doc__ or "")
        server.add_tool(function, description=description, annotations=annotations)

    return add


def _add_descriptions(server: MCPServer[Any], tools: Tools) -> None:
    """Add the tools that describe the project."""

    @_tool(server, _READS)
    def info() -> Json:
        """Return everything about the project in one object.

        Jobs with table, columns and options, all tables, scripts, paths, the database, versions,
        findings, and the generators.
        """
        return _answered(tools.info)

    @_tool(server, _READS)
    def list_generators() -> Json:
        """List what jobgen can write into the project, with a JSON Schema of its arguments."""
        return _answered(tools.list_generators)

    @_tool(server, _READS)
    def list_jobs() -> Json:
        """List the jobs: file, table, columns, options, and where they are registered."""
        return _answered(tools.list_jobs)

    @_tool(server, _READS)
    def check(
        database: Annotated[
            bool, Field(description="Also compare the database, which takes seconds.")
        ] = False,
    ) -> Json:
        """Find everything inconsistent, and change nothing.

        Registrations, records, jobs' tables, the version of jobgen-runtime, the database.
        """
        return _answered(tools.check, database=database)


def _add_plans(server: MCPServer[Any], tools: Tools) -> None:
    """Add the tools that make plans, and the one that applies them."""

    @_tool(server, _READS)
    def preview(
        generator: Annotated[str, Field(description="Its name in list_generators, as `job`.")],
        arguments: Annotated[
            Json,
            Field(description='As its schema says: {"name": "Scrape", "columns": ["url:text"]}.'),
        ],
        conflicts: Annotated[
            Conflicts,
            Field(description="What to do with files that exist and differ."),
        ] = "stop",
        skip_registration: Annotated[
            bool, Field(description="Leave lists of jobs that cannot be edited to the user.")
        ] = False,
    ) -> Json:
        """Make a plan, and write nothing.

        The result has the plan with a diff of every file, and its digest for `apply`. The digest is
        null if the plan changes nothing or has issues.
        """
        return _answered(
            tools.preview, generator, arguments, conflicts, skip_registration=skip_registration
        )

    @_tool(server, _READS)
    def preview_undo() -> Json:
        """Plan the reversal of the last change, for `apply`. A file edited since is an issue."""
        return _answered(tools.preview_undo)

    @_tool(server, _READS)
    def preview_fixes() -> Json:
        """Plan the fixes of what `check` finds, as far as they need no decision, for `apply`."""
        return _answered(tools.preview_fixes)

    @_tool(server, _WRITES)
    def apply(
        digest: Annotated[str, Field(description="The digest that a preview returned.")],
    ) -> Json:
        """Apply exactly the plan that was previewed, all of it or nothing.

        It is refused if a file changed since. `preview_undo` plans its reversal. No database is
        changed.
        """
        return _answered(tools.apply, digest)


def _answered(tool: Callable[P, Json], *args: P.args, **kwargs: P.kwargs) -> Json:
    """Return the tool's result; raise its expected errors as the SDK reports them."""
    try:
        return tool(*args, **kwargs)
    except JobgenError as error:
        raise ToolError(" ".join(filter(None, [error.message, error.hint]))) from None
