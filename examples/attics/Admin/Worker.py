"""The jobs that the workers of Admin run."""

from typing import Any

from jobgen_runtime import Job

from Admin.Job.InitialScrape import InitialScrape

workers: list[type[Job[Any]]] = [InitialScrape]
