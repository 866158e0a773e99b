"""`jobgen list`: the generators, and the project's jobs and scripts."""

from __future__ import annotations

import json
from pathlib import Path

import click

from jobgen.cli import output
from jobgen.errors import ExitCode
from jobgen.generate.table import project_generators
from jobgen.project import FoundFile, Project, find_project


@click.command()
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help="Print the list as JSON, with a JSON Schema for each generator.",
)
def command(as_json: bool) -> int:
    """List the generators, and the project's jobs and scripts."""
    project = find_project(Path.cwd())
    jobs, scripts = project.jobs(), project.scripts()
    if as_json:
        output.line(json.dumps(_as_json(project, jobs, scripts), indent=2, ensure_ascii=False))
        return ExitCode.DONE
    _section("Generators", [(each.command, each.summary) for each in project_generators()])
    _section("Jobs", [(job.name, str(job.path)) for job in jobs])
    _section("Scripts", [(script.name, str(script.path)) for script in scripts])
    return ExitCode.DONE


def _section(title: str, rows: list[tuple[str, str]]) -> None:
    output.line(output.styled(title, "bold"))
    width = max((len(name) for name, _ in rows), default=0)
    for name, text in rows:
        output.line(f"  {name:<{width}}  {text}")
    if not rows:
        output.line("  none")


def _as_json(
    project: Project, jobs: tuple[FoundFile, ...], scripts: tuple[FoundFile, ...]
) -> dict[str, object]:
    return {
        "version": 1,
        "generators": [each.describe(project) for each in project_generators()],
        "applications": list(dict.fromkeys((project.application, *project.applications()))),
        "jobs": [
            {
                "name": job.name,
                "app": job.app,
                "path": str(job.path),
                "table": f"{job.snake_name}_jobs",
            }
            for job in jobs
        ],
        "scripts": [{"name": script.name, "path": str(script.path)} for script in scripts],
    }
