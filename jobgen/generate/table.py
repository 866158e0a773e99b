"""The table of generators, from which the command line and `jobgen list` are built.

This module imports no generator, so that help and completion stay fast.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from jobgen_runtime.job_table.unique import DEFAULT_WHILE, UNIQUE_WHILE

from jobgen.generate.generator import Argument, ArgumentKind, Generator

if TYPE_CHECKING:
    from jobgen.project import Project

_NAME_PATTERN = "^[A-Za-z][A-Za-z0-9]*(_[A-Za-z0-9]+)*$"
_COLUMN_PATTERN = "^[a-z_][a-z0-9_]*:.+$"


def _applications(project: Project) -> list[str]:
    return list(dict.fromkeys((project.application, *project.applications())))


def _default_application(project: Project) -> str:
    return project.application


def _unique_while(_project: Project) -> str:
    return DEFAULT_WHILE


def _jobs(project: Project) -> list[str]:
    return sorted({job.name for job in project.jobs()})


def _scripts(project: Project) -> list[str]:
    return [script.name for script in project.scripts()]


def _layout(default: str | None) -> Argument:
    return Argument(
        "layout",
        ArgumentKind.OPTION,
        "guide (default): Web/Job/EmailCustomers.py, as IHP. pep8: shop/jobs/email_customers.py.",
        choices=("guide", "pep8"),
        default=default,
    )


GROUPS = {
    "deploy": "Write files to deploy with: images, services, lines for cron.",
    "destroy": "Remove a job or a script.",
    "models": "Write models of the tables of jobs for an ORM.",
}
"""The summary of each command that has several generators below it."""

GENERATORS = (
    Generator(
        "new",
        "New application",
        "Create a new application.",
        """
        NAME is the application's name, and that of its new folder. The application runs at
        once: `make install`, then `make dev`.
        """,
        (
            Argument("name", ArgumentKind.WORD, "The application's name."),
            _layout("guide"),
            Argument(
                "runtime",
                ArgumentKind.OPTION,
                "Where to install jobgen-runtime from; by default, where it came from here.",
                metavar="PATH|URL",
            ),
        ),
        in_project=False,
        resolves_conflicts=False,
        apply="create_application",
    ),
    Generator(
        "init",
        "Jobs for this application",
        "Add jobs to the application in this folder.",
        """
        Missing files are written, and [tool.jobgen] is appended to pyproject.toml. No other
        file is changed. Remaining steps are printed.
        """,
        (
            _layout(None),
            Argument(
                "app",
                ArgumentKind.OPTION,
                "The application that jobs belong to; by default Web, or your package.",
                metavar="NAME",
            ),
        ),
        in_project=False,
        resolves_conflicts=False,
    ),
    Generator(
        "job",
        "Background job",
        "Write a background job: its table, module, registration and record.",
        """
        NAME is the job's name in any spelling: EmailCustomers, email_customers or
        email_customers_jobs. The job's own columns follow, as in

        \b
            jobgen job InitialScrape band:references pages:int note:text?

        A column is name:type[?][:unique][:index][=default]. ? allows NULL, :index adds an index,
        and =default is the value of jobs created without one, as in pages:int=1. references means
        the table bands (or band, or the one that =TABLE names).

        --unique band allows one unfinished job for each band; --unique band,day for each pair.
        """,
        (
            Argument(
                "name",
                ArgumentKind.WORD,
                "The job's name, in any spelling.",
                pattern=_NAME_PATTERN,
                examples=("EmailCustomers",),
            ),
            Argument(
                "columns",
                ArgumentKind.WORDS,
                "The job's own columns, as name:type[?][:unique][:index][=default].",
                metavar="[COLUMN:TYPE]...",
                pattern=_COLUMN_PATTERN,
                examples=("band:references", "pages:int", "note:text?"),
            ),
            Argument(
                "app",
                ArgumentKind.OPTION,
                "The application that the job belongs to; a new name creates a new one.",
                metavar="APP",
                project_default=_default_application,
                project_examples=_applications,
            ),
            Argument(
                "priority",
                ArgumentKind.FLAG,
                "Give the jobs a column priority: workers start the highest first.",
            ),
            Argument(
                "unique",
                ArgumentKind.OPTIONS,
                "Columns, separated by commas: one job at a time for each of their values.",
                metavar="COLUMN[,COLUMN]",
                examples=("band",),
            ),
            Argument(
                "while",
                ArgumentKind.OPTION,
                "Which jobs count for --unique; by default unfinished ones, which wait or run.",
                choices=tuple(UNIQUE_WHILE),
                project_default=_unique_while,
            ),
            Argument(
                "on_failed",
                ArgumentKind.FLAG,
                "Report failures of other jobs, those of classes that name this one in on_failed.",
            ),
            Argument(
                "result",
                ArgumentKind.OPTIONS,
                "A column that the job fills while it runs, as name:type?. May be repeated.",
                metavar="COLUMN:TYPE?",
                pattern=_COLUMN_PATTERN,
                examples=("url:text?",),
            ),
            Argument(
                "no_test",
                ArgumentKind.FLAG,
                "Write no first test, which projects that use pytest get with a new job.",
            ),
            Argument(
                "trace",
                ArgumentKind.FLAG,
                "Give the jobs a column traceparent: spans of OpenTelemetry are linked by it.",
            ),
        ),
        edits_registrations=True,
        undo_steps="undo_steps",
    ),
    Generator(
        "column",
        "Columns",
        "Add columns to a table of Schema.sql.",
        """
        TABLE is a table of Schema.sql, your own or a job's, or the name of the job. Its columns
        are written as those of `jobgen job`:

        \b
            jobgen column bands 'note:text?' rating:int=0 label:references

        Schema.sql gets ALTER TABLE, and the record its attribute. A project with files of
        migrations gets one more.
        """,
        (
            Argument(
                "table",
                ArgumentKind.WORD,
                "The table that gets the columns.",
                examples=("bands",),
            ),
            Argument(
                "columns",
                ArgumentKind.WORDS,
                "The columns, as name:type; ? allows NULL, = gives a default.",
                metavar="COLUMN:TYPE...",
                pattern=_COLUMN_PATTERN,
                examples=("note:text?", "rating:int=0"),
            ),
        ),
        undo_steps="undo_steps",
    ),
    Generator(
        "script",
        "Script",
        "Write an executable script for a terminal or cron.",
        """
        A script called Run<Job>, such as RunEmailCustomersJob, creates a row of that job. Any
        other script prints Hello World.
        """,
        (
            Argument(
                "name",
                ArgumentKind.WORD,
                "The script's name; Run<Job> creates a row of that job.",
                pattern=_NAME_PATTERN,
                examples=("RunEmailCustomersJob",),
            ),
        ),
    ),
    Generator(
        "types",
        "Typed records",
        "Update the typed records to match Schema.sql.",
        """
        Generated/Types.py then has one record for each table.
        """,
        outdated="The typed records are outdated: Schema.sql has changed, or an older version of "
        "jobgen wrote them. Update them with: jobgen types",
    ),
    Generator(
        "models sqlalchemy",
        "Models for SQLAlchemy",
        "Write models of the tables of jobs for SQLAlchemy.",
        """
        They are next to Types.py, for joins and relationships with your own models. Each change of
        Types.py changes them as well.
        """,
    ),
    Generator(
        "models django",
        "Models for Django",
        "Write models of the tables of jobs for Django, which it does not manage.",
        """
        They are next to Types.py, for queries, relations and the admin. Each change of Types.py
        changes them as well.
        """,
        (
            Argument(
                "label",
                ArgumentKind.OPTION,
                "The label of the app that they belong to, where there are several.",
                metavar="LABEL",
            ),
        ),
    ),
    Generator(
        "deploy docker",
        "Dockerfile",
        "Write a Dockerfile for the worker, the web application and the migration.",
        """
        The dependencies come from uv.lock, requirements.txt or pyproject.toml. The file is yours
        from then on.
        """,
    ),
    Generator(
        "deploy compose",
        "Docker Compose",
        "Write compose.yaml: PostgreSQL, migration, workers and web application.",
        """
        It builds the images of the Dockerfile that `jobgen deploy docker` writes.
        """,
    ),
    Generator(
        "deploy kubernetes",
        "Kubernetes",
        "Write deployments for Kubernetes, with a scale by the number of due jobs.",
        """
        They run the images of the Dockerfile that `jobgen deploy docker` writes. The files are in
        deploy/kubernetes, and yours from then on.
        """,
    ),
    Generator(
        "deploy systemd",
        "Services of systemd",
        "Write units of systemd: workers, and a timer for each script.",
        """
        They run the programs that `jobgen build all` writes. The files are in deploy/systemd, and
        yours from then on.
        """,
    ),
    Generator(
        "deploy cron",
        "Lines for cron",
        "Write the line of each script for cron.",
        """
        They run the programs that `jobgen build all` writes. The file is in deploy/cron.d, and
        yours from then on.
        """,
    ),
    Generator(
        "deploy prometheus",
        "Alerts and dashboard",
        "Write alerts for Prometheus and a dashboard for Grafana.",
        """
        They are about what `run-jobs --metrics` reports. The files are in deploy/prometheus, and
        yours from then on.
        """,
    ),
    Generator(
        "destroy job",
        "Remove a job",
        "Remove a job: its table, module, registration and record.",
        """
        Files that were edited since are kept and named. No database is changed: the SQL to run
        there is printed.
        """,
        (
            Argument("name", ArgumentKind.WORD, "The job to remove.", project_examples=_jobs),
            Argument(
                "app",
                ArgumentKind.OPTION,
                "The job's application, where several have a job of this name.",
                metavar="APP",
                project_default=_default_application,
                project_examples=_applications,
            ),
        ),
        edits_registrations=True,
        question="Remove all of this?",
    ),
    Generator(
        "destroy script",
        "Remove a script",
        "Delete a script, unless it was edited.",
        "",
        (Argument("name", ArgumentKind.WORD, "The script to delete.", project_examples=_scripts),),
        question="Remove all of this?",
    ),
)


def project_generators() -> list[Generator]:
    """Return the generators that run in an existing project."""
    return [generator for generator in GENERATORS if generator.in_project]


def find_generator(name: str) -> Generator | None:
    """Return the generator of this name, such as `destroy job`; None if there is none."""
    return next((each for each in GENERATORS if each.name == name), None)
