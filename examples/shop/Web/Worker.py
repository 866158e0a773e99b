from typing import Any

from jobgen_runtime import Job

from Web.Job.EmailCustomers import EmailCustomers

workers: list[type[Job[Any]]] = [EmailCustomers]
