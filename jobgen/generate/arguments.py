"""The generators as data: for `jobgen list`, and for editors that make a form of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from jobgen.project import Project

JsonSchema = dict[str, object]

_DIALECT = "https://json-schema.org/draft/2020-12/schema"
_NAME_PATTERN = "^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$"
_COLUMN_PATTERN = "^[a-z_][a-z0-9_]*:.+$"


@dataclass(frozen=True, slots=True)
class Generator:
    """One generator: its command line, and the JSON Schema of its arguments.

    The properties stand in the order of the command line: those that are required, and
    `columns`, are its words, all others its options.
    """

    name: str
    command: str
    description: str
    properties: Callable[[Project], JsonSchema]
    required: tuple[str, ...] = ()

    def schema(self, project: Project) -> JsonSchema:
        """The JSON Schema of the arguments, with the project's own names where it can say them."""
        return {
            "$schema": _DIALECT,
            "type": "object",
            "properties": self.properties(project),
            "required": list(self.required),
            "additionalProperties": False,
        }


def _name(what: str, example: str) -> JsonSchema:
    return {
        "type": "string",
        "title": "Name",
        "description": what,
        "pattern": _NAME_PATTERN,
        "examples": [example],
    }


def _app(project: Project) -> JsonSchema:
    known = dict.fromkeys((project.application, *project.applications()))
    return {
        "type": "string",
        "title": "Application",
        "description": "The application that the job belongs to; a new name makes a new one.",
        "default": project.application,
        "examples": list(known),
    }


def _job(project: Project) -> JsonSchema:
    return {
        "name": _name("What the job does, in any spelling.", "EmailCustomers"),
        "columns": {
            "type": "array",
            "title": "Columns",
            "description": "The job's own columns, as name:type; ? allows NULL.",
            "items": {"type": "string", "pattern": _COLUMN_PATTERN},
            "default": [],
            "examples": [["band:references", "priority:int", "note:text?"]],
        },
        "app": _app(project),
    }


def _script(_: Project) -> JsonSchema:
    what = "The script's name; Run<Job> creates the record of that job."
    return {"name": _name(what, "RunEmailCustomersJob")}


def _types(_: Project) -> JsonSchema:
    return {}


def _existing_job(project: Project) -> JsonSchema:
    names = sorted({job.name for job in project.jobs()})
    return {"name": _choice("The job to take out.", names), "app": _app(project)}


def _existing_script(project: Project) -> JsonSchema:
    return {"name": _choice("The script to delete.", [s.name for s in project.scripts()])}


def _choice(what: str, names: list[str]) -> JsonSchema:
    return {"type": "string", "title": "Name", "description": what, "examples": names}


GENERATORS = (
    Generator("job", "jobgen job", "A background job.", _job, ("name",)),
    Generator("script", "jobgen script", "A script for a terminal or cron.", _script, ("name",)),
    Generator("types", "jobgen types", "The typed records of Schema.sql.", _types),
    Generator(
        "destroy job", "jobgen destroy job", "Takes a job out again.", _existing_job, ("name",)
    ),
    Generator(
        "destroy script",
        "jobgen destroy script",
        "Deletes a script.",
        _existing_script,
        ("name",),
    ),
)
