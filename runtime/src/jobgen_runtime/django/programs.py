"""The commands of the runtime as commands of manage.py."""

from __future__ import annotations

import argparse
import sys
from abc import abstractmethod
from collections.abc import Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from jobgen_runtime.contract.errors import ProjectError
from jobgen_runtime.project import find_root

SETUP = "jobgen_runtime.django.setup"
"""The module that other processes import first where [tool.jobgen] names none."""


class ProgramCommand(BaseCommand):
    """A command of manage.py that takes its command line as a command of the runtime does."""

    requires_system_checks: Sequence[str] = []
    requires_migrations_checks = False

    @abstractmethod
    def build_parser(self) -> argparse.ArgumentParser:
        """Return the parser of the runtime's command."""

    @abstractmethod
    def run_program(self, options: argparse.Namespace, root: Path, own: list[str]) -> None:
        """Run the command and exit.

        Args:
            options: The options.
            root: The project's root.
            own: The arguments of the command line that are the runtime's own.
        """

    def add_django_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options that the runtime's command does not have."""
        parser.add_argument("--settings", help="the settings' module, such as mysite.settings")
        parser.add_argument("--pythonpath", metavar="DIR", help="a folder for the Python path")

    def run_from_argv(self, argv: list[str]) -> None:
        """Run the command with the arguments that follow its name."""
        parser = self._parser(argv[0], argv[1])
        django_options = argparse.ArgumentParser(add_help=False, allow_abbrev=False)
        self.add_django_options(django_options)
        options = parser.parse_args(argv[2:])
        _, own = django_options.parse_known_args(argv[2:])
        try:
            root = options.root or project_root()
        except ProjectError as error:
            sys.exit(f"{parser.prog}: {error}")
        self.run_program(options, root, own)

    def print_help(self, prog_name: str, subcommand: str) -> None:
        """Print the options."""
        self._parser(prog_name, subcommand).print_help()

    def handle(self, *_arguments: Any, **_options: Any) -> None:
        """Refuse `call_command`: the program installs signal handlers, and ends its process."""
        name = type(self).__module__.rpartition(".")[2]
        raise CommandError(f"Run {name} as a program: python manage.py {name}.")

    def _parser(self, prog_name: str, subcommand: str) -> argparse.ArgumentParser:
        parser = self.build_parser()
        parser.prog = f"{Path(prog_name).name} {subcommand}"
        self.add_django_options(parser)
        return parser


def common_options(root: Path) -> list[str]:
    """Return the arguments by which the runtime's commands find the project, and set Django up."""
    return [f"--root={root}", f"--setup={SETUP}"]


def project_root() -> Path:
    """Return the root of jobgen's project, which the settings or the current folder are in.

    Without one, it is the setting BASE_DIR, or the current folder: Django's Tasks need no file of
    jobgen's.

    Raises:
        ProjectError: A pyproject.toml cannot be read.
    """
    file = import_module(settings.SETTINGS_MODULE).__file__
    folders = [Path(file).parent] if file else []
    for folder in (*folders, Path.cwd()):
        if (root := find_root(folder)) is not None:
            return root
    return Path(getattr(settings, "BASE_DIR", Path.cwd()))
