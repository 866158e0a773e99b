from typing import Any

from jobgen_runtime import Job

from notes.jobs.count_words import CountWords

workers: list[type[Job[Any]]] = [CountWords]
