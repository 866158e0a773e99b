"""`manage.py run_jobs`: run the worker, with the options of `run-jobs`."""

from __future__ import annotations

import argparse
from pathlib import Path

from django.conf import settings

from jobgen_runtime.cli.options import build_parser
from jobgen_runtime.cli.run_jobs import main
from jobgen_runtime.django.programs import ProgramCommand, common_options
from jobgen_runtime.django.reload import run_with_reloader


class Command(ProgramCommand):
    """Runs the project's jobs."""

    help = "Run the project's jobs until shut down."

    def build_parser(self) -> argparse.ArgumentParser:
        """Return the parser of `run-jobs`."""
        return build_parser()

    def add_django_options(self, parser: argparse.ArgumentParser) -> None:
        """Add the options of the reloader to those of each command."""
        super().add_django_options(parser)
        reloads = parser.add_mutually_exclusive_group()
        reloads.add_argument(
            "--autoreload",
            action="store_true",
            default=None,
            help="start again when a Python file changes, after the running jobs (default: with "
            "DEBUG, if it is one process that neither drains nor checks)",
        )
        reloads.add_argument("--noreload", dest="autoreload", action="store_false")

    def run_program(self, options: argparse.Namespace, root: Path, own: list[str]) -> None:
        """Run the worker, or a reloader that runs it."""
        is_plain = not (options.drain or options.check or options.processes > 1)
        if options.autoreload and not is_plain:
            raise SystemExit(
                "run_jobs: --autoreload goes with one process that runs until shut down, without "
                "--drain, --check and --processes."
            )
        reloads = is_plain and (
            settings.DEBUG if options.autoreload is None else options.autoreload
        )
        arguments = [*own, *common_options(root)]
        if reloads:
            run_with_reloader(lambda: main(arguments), root)
        main(arguments)
