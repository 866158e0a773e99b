from typing import Any

from jobgen_runtime import Job

workers: list[type[Job[Any]]] = []
