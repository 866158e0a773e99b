from typing import Any

from jobgen_runtime import Job

from Admin.Worker import workers as admin_workers
from Web.Worker import workers as web_workers

workers: list[type[Job[Any]]] = [*web_workers, *admin_workers]
