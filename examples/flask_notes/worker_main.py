from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jobgen_runtime import Hook, Job, JobRecord

from notes import create_app
from notes.worker import workers as notes_workers

workers: list[type[Job[Any]]] = [*notes_workers]

app = create_app()


@contextmanager
def in_app_context(_job: JobRecord) -> Iterator[None]:
    with app.app_context():
        yield


around: list[Hook] = [in_app_context]
