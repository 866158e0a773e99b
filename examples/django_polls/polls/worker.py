from typing import Any

from jobgen_runtime import Job

from polls.jobs.mail_results import MailResults


workers: list[type[Job[Any]]] = [MailResults]
