"""Fixtures that run Django's commands in a project."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

import pytest

from tests.django.projects import IMPORTS
from tests.support import forked
from tests.support.forked import BIN


@pytest.fixture
def django_environment() -> dict[str, str]:
    """A user's environment, without DATABASE_URL."""
    kept = {name: os.environ[name] for name in ("HOME", "LANG", "TMPDIR") if name in os.environ}
    path = f"{BIN}{os.pathsep}{os.environ['PATH']}"
    return {**kept, "PATH": path, "DJANGO_SETTINGS_MODULE": "mysite.settings"}


@pytest.fixture
def execute(django_environment: Mapping[str, str]) -> Callable[..., str]:
    """Execute lines in a project after `django.setup()`, and return what they print.

    One process for several of Django's commands, because most of a command is its start.
    """

    def execute(project: Path, *lines: str, code: int = 0) -> str:
        script = project / "commands.py"
        start = "import django; django.setup()\nfrom django.core.management import call_command\n"
        script.write_text(start + "\n".join(lines) + "\n")
        command = [sys.executable, "-W", "error", str(script)]
        done = forked.run(command, project, django_environment, timeout=120, imports=IMPORTS)
        assert done.returncode == code, done.stdout + done.stderr
        return done.stdout + done.stderr

    return execute
