"""The messages of the commands about a database that rejects them or does not answer."""

from __future__ import annotations

from psycopg.conninfo import make_conninfo

from tests.support.application import Application

COMMANDS = {
    "run-jobs": ["run-jobs", "--drain"],
    "run-jobs --check": ["run-jobs", "--check"],
    "run-jobs --health": ["run-jobs", "--health", "0"],
    "run-script": ["run-script", "Insert.py"],
    "manage-jobs status": ["manage-jobs", "status"],
    "jobgen migrate": ["jobgen", "migrate", "--check"],
    "jobgen types": ["jobgen", "types", "--check"],
}
INSERT = """
from Generated.Types import ProbeJob

async def run():
    await ProbeJob.create()
"""


def write_project(app: Application) -> None:
    app.write("Insert.py", INSERT)
    app.write("pyproject.toml", "[tool.jobgen]\nschema_source = 'database'\n")
    app.write("Application/Schema.sql", "CREATE TABLE names (name TEXT);\n")


def test_every_command_says_alike_that_the_database_rejects_the_connection(
    app: Application,
) -> None:
    write_project(app)
    app.env["DATABASE_URL"] = make_conninfo(app.env["DATABASE_URL"], user="no_such_role")
    processes = {name: app.start(*command) for name, command in COMMANDS.items()}
    said = {name: process.wait_for_exit(1).splitlines() for name, process in processes.items()}
    for name, lines in said.items():
        start = next(n for n, line in enumerate(lines) if "The database rejects the conn" in line)
        assert 'role "no_such_role" does not exist' in lines[start], name
        assert "that the database and the role exist." in lines[start + 1]
        assert "does not answer" not in "\n".join(lines)
        assert "Traceback" not in "\n".join(lines)


def test_commands_that_do_not_wait_say_alike_that_the_database_does_not_answer(
    app: Application,
) -> None:
    write_project(app)
    app.env["DATABASE_URL"] = "postgresql://someone@/x?host=/nowhere"
    waiting = {"run-jobs", "run-jobs --health"}
    processes = {name: app.start(*each) for name, each in COMMANDS.items() if name not in waiting}
    for name, process in processes.items():
        output = process.wait_for_exit(1)
        assert "The database does not answer: " in output, name
        assert "`jobgen postgres status`" in output
        assert "Traceback" not in output


def test_invalid_address_is_told_without_its_password(app: Application) -> None:
    write_project(app)
    commands = {
        **COMMANDS,
        "jobgen check": ["jobgen", "check"],
        "jobgen postgres psql": ["jobgen", "postgres", "psql"],
    }
    for address, reason in (
        ("postgres//ada:secret@127.0.0.1/x", "is invalid: missing = after …."),
        ("mysql://ada:secret@db/x", "it begins with mysql://, and jobgen needs PostgreSQL."),
    ):
        app.env["DATABASE_URL"] = address
        processes = {name: app.start(*command) for name, command in commands.items()}
        for name, process in processes.items():
            # Without a database, `jobgen check` checks the files.
            output = process.wait_for_exit(3 if name == "jobgen check" else 1)
            assert reason in output, name
            assert "secret" not in output, name
            assert "Traceback" not in output, name
