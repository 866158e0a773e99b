"""`run-jobs`: the worker, in one process or several."""

from __future__ import annotations

import argparse
import asyncio
import logging
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jobgen_runtime.cli.check import check
from jobgen_runtime.cli.ending import end_in_any_case
from jobgen_runtime.cli.faults import guarded
from jobgen_runtime.cli.health import serving
from jobgen_runtime.cli.logs import set_up
from jobgen_runtime.cli.loops import chosen_loop
from jobgen_runtime.cli.options import parser
from jobgen_runtime.database import database_url, describe_url
from jobgen_runtime.heartbeat import Intervals
from jobgen_runtime.job import Job
from jobgen_runtime.project import activate_project, application_of, load_workers, require_root
from jobgen_runtime.supervisor import (
    HealthSigns,
    JobSelection,
    Supervisor,
    SupervisorChannel,
    WorkerProcess,
    WorkerSettings,
    select_jobs,
    validate_jobs,
)

log = logging.getLogger("jobgen.worker")


def main(arguments: Sequence[str] | None = None) -> None:
    """The console script."""
    given = sys.argv[1:] if arguments is None else list(arguments)
    options = parser().parse_args(given)
    number, _ = options.child or (None, None)
    level = logging.DEBUG if options.verbose else logging.INFO
    set_up(level, form=options.log_format, process=number)
    as_json = options.log_format == "json"
    sys.exit(guarded(lambda: _run(options, given), "run-jobs", logged=as_json))


def _run(options: argparse.Namespace, given: Sequence[str]) -> int:
    root = require_root(options.root or Path.cwd())
    settings = WorkerSettings(
        grace=options.grace,
        poll=options.poll,
        drain=options.drain,
        intervals=Intervals(options.heartbeat),
    )
    if options.check:
        return check(_chosen_jobs(options, root))
    if options.child:
        # A terminal sends it to the parent too.
        signal.signal(signal.SIGINT, lambda _number, _frame: None)
        channel, signs = SupervisorChannel(options.child[1]), HealthSigns()
        if options.health:
            channel.report_health(signs)
        return _work(options, root, settings, signs, channel)
    if options.processes > 1:
        return _keep_processes(options, root, settings, given)
    signs = HealthSigns()
    with serving(options.health, lambda: [signs], settings):
        return _work(options, root, settings, signs, None)


def _keep_processes(
    options: argparse.Namespace, root: Path, settings: WorkerSettings, given: Sequence[str]
) -> int:
    log.info("run-jobs %s of %s: %d processes", version("jobgen-runtime"), root, options.processes)

    def command(number: int, descriptor: int) -> list[str]:
        program = [sys.executable, "-P", "-m", "jobgen_runtime.cli.run_jobs"]
        return [*program, *given, f"--child={number}:{descriptor}"]

    async def supervise() -> int:
        supervisor = Supervisor(options.processes, command, drain=options.drain)
        with serving(options.health, lambda: list(supervisor.health_signs.values()), settings):
            return await supervisor.run()

    return asyncio.run(supervise())


def _chosen_jobs(options: argparse.Namespace, root: Path) -> list[type[Job[Any]]]:
    activate_project(root)
    return select_jobs(
        validate_jobs(load_workers(root)),
        JobSelection(options.jobs, options.app, options.excepted),
        lambda module: application_of(module, root),
    )


def _work(
    options: argparse.Namespace,
    root: Path,
    settings: WorkerSettings,
    signs: HealthSigns,
    channel: SupervisorChannel | None,
) -> int:
    jobs = _chosen_jobs(options, root)
    loop = chosen_loop(options.loop)
    log.info(
        "run-jobs %s of %s: %d %s, %s, loop %s",
        version("jobgen-runtime"),
        root,
        *(len(jobs), "kind of job" if len(jobs) == 1 else "kinds of job"),
        *(describe_url(database_url()), loop.name),
    )

    async def supervise() -> int:
        code = await WorkerProcess(jobs, settings, signs, channel).run()
        end_in_any_case(code)
        return code

    with asyncio.Runner(loop_factory=loop.factory) as runner:
        return runner.run(supervise())


if __name__ == "__main__":
    main()
