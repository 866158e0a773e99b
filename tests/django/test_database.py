"""The address of the database with the jobs, from Django's settings."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
from jobgen_runtime.contract.errors import NoDatabase
from jobgen_runtime.django.database import connection_string
from psycopg.conninfo import conninfo_to_dict

from tests.django.projects import SQLITE, postgresql, write_project

Execute = Callable[..., str]

SETTINGS: Mapping[str, tuple[dict[str, object], dict[str, str]]] = {
    "odd characters": (
        {
            "NAME": "a b",
            "USER": "o'hara",
            "PASSWORD": r"it's \ \"=",
            "HOST": "/pg",
            "PORT": 5433,
        },
        {"dbname": "a b", "user": "o'hara", "password": r"it's \ \"=", "host": "/pg"},
    ),
    "options of the driver and of Django": (
        {
            "NAME": "shop",
            "OPTIONS": {"sslmode": "require", "pool": True, "isolation_level": 4},
        },
        {"dbname": "shop", "sslmode": "require"},
    ),
    "service": ({"NAME": "", "OPTIONS": {"service": "shop"}}, {"service": "shop"}),
    "no name": ({"NAME": None}, {"dbname": "postgres"}),
    "role": (
        {"NAME": "shop", "OPTIONS": {"options": "-c a=b", "assume_role": "my role"}},
        {"dbname": "shop", "options": r"-c a=b -c role=my\ role"},
    ),
}


@pytest.mark.parametrize(("settings", "expected"), SETTINGS.values(), ids=SETTINGS.keys())
def test_connection_string_has_what_libpq_needs(
    settings: dict[str, object], expected: dict[str, str]
) -> None:
    found = conninfo_to_dict(connection_string("default", settings))
    if "PORT" in settings:
        expected = expected | {"port": str(settings["PORT"])}
    assert found == expected


def test_settings_without_a_name_are_refused() -> None:
    with pytest.raises(NoDatabase, match="names no database"):
        connection_string("default", {"NAME": ""})


def test_wrong_settings_are_named_with_what_to_do(tmp_path: Path, execute: Execute) -> None:
    databases = {"default": SQLITE, "shop": postgresql("dbname=shop host=/srv/pg")}
    write_project(tmp_path, databases)
    shown = execute(
        tmp_path,
        "from django.test import override_settings",
        "from jobgen_runtime.database import database_url",
        "from jobgen_runtime.django.checks import check_settings",
        "def show(jobgen):",
        "    with override_settings(JOBGEN=jobgen):",
        "        for warning in check_settings():",
        "            print(warning.msg)",
        "show({})",
        "show({'DATABASE': 'nope'})",
        "show({'DATABSE': 'shop'})",
        "show([])",
        "show({'DATABASE': 'shop'})",
        "with override_settings(JOBGEN={'DATABASE': 'shop'}):",
        "    print(database_url())",
        "from jobgen_runtime.dashboard import JobsDashboard",
        "from jobgen_runtime.django import StaffMember, dashboard_urls",
        "dashboard = JobsDashboard(auth=StaffMember())",
        "from django.core.exceptions import ImproperlyConfigured",
        "with override_settings(INSTALLED_APPS=[]):",
        "    try:",
        "        dashboard_urls(dashboard)",
        "    except ImproperlyConfigured as error:",
        "        print(error)",
    )
    assert shown.splitlines() == [
        "DATABASES['default'] is SQLite, and jobs are in PostgreSQL.",
        "JOBGEN['DATABASE'] is 'nope', and DATABASES has only 'default', 'shop'.",
        "JOBGEN has no option 'DATABSE'. Its options are DATABASE and DASHBOARD.",
        "JOBGEN must be a dictionary, not [].",
        "host=/srv/pg dbname=shop",
        (
            "The dashboard is part of jobgen's application. "
            'Add "jobgen_runtime.django" to INSTALLED_APPS.'
        ),
    ]


def test_database_of_tests_is_used_and_dropped_although_records_have_connected(
    tmp_path: Path, execute: Execute, database: str
) -> None:
    write_project(tmp_path, {"default": postgresql(database)})
    shown = execute(
        tmp_path,
        "from django.db import connection",
        "from jobgen_runtime import connection_sync",
        "name = connection.settings_dict['NAME']",
        "connection.creation.create_test_db(verbosity=0)",
        "with connection_sync() as conn:",
        "    print(conn.info.dbname == f'test_{name}')",
        "connection.creation.destroy_test_db(name, verbosity=0)",
        "with connection_sync() as conn:",
        "    print(conn.info.dbname == name)",
    )
    assert shown.splitlines() == ["True", "True"]


def test_records_without_the_application_name_the_line_of_the_settings(
    tmp_path: Path, execute: Execute
) -> None:
    write_project(tmp_path, {"default": SQLITE}, 'INSTALLED_APPS.remove("jobgen_runtime.django")')
    shown = execute(
        tmp_path,
        "from jobgen_runtime import connection_sync",
        "try:",
        "    connection_sync().__enter__()",
        "except Exception as error:",
        "    print(error)",
    )
    assert "DATABASE_URL is not set" in shown
    assert '"jobgen_runtime.django" in INSTALLED_APPS' in shown


def test_missing_django_is_an_error_with_the_line_that_installs_it() -> None:
    code = "import sys; sys.modules['django'] = None; import jobgen_runtime.django"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert 'pip install "jobgen-runtime[django]"' in done.stderr
