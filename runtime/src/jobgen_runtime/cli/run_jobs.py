"""`run-jobs`: run the worker, in one process or several."""

from __future__ import annotations

import argparse
import asyncio
import logging
import os
import signal
import sys
from collections.abc import Sequence
from importlib.metadata import version
from pathlib import Path
from typing import Any

from jobgen_runtime.cli.check import check
from jobgen_runtime.cli.errors import run_command
from jobgen_runtime.cli.event_loops import choose_event_loop, run_to_its_end
from jobgen_runtime.cli.forced_exit import force_exit_later
from jobgen_runtime.cli.health_endpoint import serve_health
from jobgen_runtime.cli.logs import configure_logging
from jobgen_runtime.cli.metrics_endpoint import make_scrape, serve_metrics
from jobgen_runtime.cli.options import find_project, parse_options
from jobgen_runtime.cli.systemd import notifying_systemd, take_notify_socket
from jobgen_runtime.database import database_url, describe_url
from jobgen_runtime.executor import discard_broken_output
from jobgen_runtime.heartbeat import Intervals
from jobgen_runtime.job import Job
from jobgen_runtime.job.hooks import check_hooks
from jobgen_runtime.metrics import Counts, ProcessMetrics, Reading, Scrape
from jobgen_runtime.project import (
    activate_project,
    application_of,
    load_workers,
    project_hooks,
)
from jobgen_runtime.supervisor import (
    HealthSigns,
    JobSelection,
    Supervisor,
    SupervisorChannel,
    WorkerProcess,
    WorkerSettings,
    accept_signal,
    select_jobs,
    validate_jobs,
)

log = logging.getLogger("jobgen.worker")

SCRAPE_TIMEOUT = 30.0
"""Seconds after which a scrape ends that the supervisor's loop does not answer."""


def main(arguments: Sequence[str] | None = None) -> None:
    """Run the command and exit; `arguments` are those of the command line if None."""
    arguments = sys.argv[1:] if arguments is None else list(arguments)
    options = parse_options(arguments)
    accept_signal()
    number, _ = options.child or (None, None)
    level = logging.DEBUG if options.verbose else logging.INFO
    configure_logging(level, log_format=options.log_format, process=number)
    log_errors = options.log_format == "json"
    sys.exit(run_command(lambda: _run(options, arguments), "run-jobs", log_errors=log_errors))


def _run(options: argparse.Namespace, arguments: Sequence[str]) -> int:
    root = find_project(options)
    settings = WorkerSettings(
        grace=options.grace,
        poll=options.poll,
        drain=options.drain,
        max_jobs=options.max_jobs,
        max_rss=options.max_rss,
        wait_for_schema=options.wait_for_schema,
        intervals=Intervals(options.heartbeat),
    )
    if options.check:
        return check(*_load_jobs(options, root))
    if options.child:
        # A terminal sends Ctrl-C to the supervisor too, which decides.
        signal.signal(signal.SIGINT, lambda _number, _frame: None)
        channel, signs = SupervisorChannel(options.child[1]), HealthSigns()
        if options.health or options.metrics:
            channel.report_health(signs)
        metrics = ProcessMetrics() if options.metrics else None
        if metrics is not None:
            channel.report_metrics(metrics)
        return _run_worker(options, root, settings, signs, channel, metrics=metrics)
    if options.processes > 1:
        return _run_supervisor(options, root, settings, arguments)
    signs = HealthSigns()
    metrics = ProcessMetrics() if options.metrics else None

    def scrape() -> Scrape:
        found = (metrics.counts(), metrics.read()) if metrics else (Counts(), Reading())
        return make_scrape(found, {1: signs}, settings)

    with (
        serve_health(options.health, lambda: [signs], settings),
        serve_metrics(options.metrics, scrape, is_supervisor=False),
    ):
        return _run_worker(options, root, settings, signs, None, metrics=metrics)


def _run_supervisor(
    options: argparse.Namespace, root: Path, settings: WorkerSettings, arguments: Sequence[str]
) -> int:
    log.info("run-jobs %s of %s: %d processes", version("jobgen-runtime"), root, options.processes)

    def command(number: int, descriptor: int) -> list[str]:
        program = [sys.executable, "-P", "-m", "jobgen_runtime.cli.start_worker"]
        return [*program, *arguments, f"--child={number}:{descriptor}"]

    async def run() -> int:
        supervisor = Supervisor(options.processes, command, drain=options.drain)

        def signs() -> list[HealthSigns]:
            return list(supervisor.health_signs.values())

        loop = asyncio.get_running_loop()

        def scrape() -> Scrape:
            collected = asyncio.run_coroutine_threadsafe(supervisor.collect_metrics(), loop)
            return make_scrape(
                collected.result(SCRAPE_TIMEOUT),
                dict(supervisor.health_signs),
                settings,
                restarts=supervisor.restarts,
            )

        with (
            serve_health(options.health, signs, settings),
            serve_metrics(options.metrics, scrape, is_supervisor=True),
        ):
            async with notifying_systemd(notify_socket, signs, settings):
                return await supervisor.run()

    notify_socket = take_notify_socket(os.environ)
    return asyncio.run(run())


def _run_worker(
    options: argparse.Namespace,
    root: Path,
    settings: WorkerSettings,
    signs: HealthSigns,
    channel: SupervisorChannel | None,
    *,
    metrics: ProcessMetrics | None,
) -> int:
    jobs, registered = _load_jobs(options, root)
    loop = choose_event_loop(options.loop)
    log.info(
        "run-jobs %s of %s: %d %s, %s, loop %s",
        version("jobgen-runtime"),
        root,
        *(len(jobs), "kind of job" if len(jobs) == 1 else "kinds of job"),
        *(describe_url(database_url()), loop.name),
    )

    notify_socket = take_notify_socket(os.environ)
    # Of several processes, one is enough to log what none of them runs.
    is_first = options.child is None or options.child[0] == 1

    async def run() -> int:
        process = WorkerProcess(
            jobs,
            settings,
            signs,
            channel,
            registered=registered if is_first else (),
            metrics=metrics,
        )
        async with notifying_systemd(notify_socket, lambda: [signs], settings):
            code = await process.run()
        force_exit_later(code)
        discard_broken_output()
        return code

    with asyncio.Runner(loop_factory=loop.factory) as runner:
        return run_to_its_end(run(), runner.get_loop())


def _load_jobs(
    options: argparse.Namespace, root: Path
) -> tuple[list[type[Job[Any]]], list[type[Job[Any]]]]:
    """Return the job classes that were asked for, and all that the project registers."""
    activate_project(root, options.setup)
    registered = validate_jobs(load_workers(root))
    check_hooks(project_hooks(), registered)
    selected = select_jobs(
        registered,
        JobSelection(options.jobs, options.app, options.excluded),
        lambda module: application_of(module, root),
    )
    return selected, registered


if __name__ == "__main__":
    main()
