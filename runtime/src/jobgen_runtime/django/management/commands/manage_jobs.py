"""`manage.py manage_jobs`: control jobs, with the commands of `manage-jobs`."""

from __future__ import annotations

import argparse
from pathlib import Path

from jobgen_runtime.cli.manage_jobs import build_parser, main
from jobgen_runtime.django.programs import ProgramCommand, common_options


class Command(ProgramCommand):
    """Controls single jobs and whole kinds."""

    help = "Control single jobs and whole kinds, on all workers."

    def build_parser(self) -> argparse.ArgumentParser:
        """Return the parser of `manage-jobs`."""
        return build_parser()

    def run_program(self, options: argparse.Namespace, root: Path, own: list[str]) -> None:
        """Run the command."""
        del options
        main([*common_options(root), *own])
