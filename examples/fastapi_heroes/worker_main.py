from typing import Any

from jobgen_runtime import Job

from app.worker import workers as app_workers

workers: list[type[Job[Any]]] = [*app_workers]
