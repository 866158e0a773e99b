"""The names of a job's options, and what is probably meant by a similar name."""

from __future__ import annotations

import re
from difflib import get_close_matches

OPTIONS = (
    "max_attempts",
    "timeout",
    "slow_after",
    "max_concurrency",
    "global_concurrency",
    "strict_order",
    "backoff",
    "isolation",
    "schedule",
    "keep",
    "keep_failed",
    "expires_after",
    "on_failed",
    "keep_attempts",
)
"""The options of a job class."""

# What other queues call these options.
_ELSEWHERE = {
    "attempts": "max_attempts",
    "tries": "max_attempts",
    "retries": "max_attempts",
    "max_retries": "max_attempts",
    "max_retry": "max_attempts",
    "num_retries": "max_attempts",
    "retry_count": "max_attempts",
    "retry_limit": "max_attempts",
    "max_tries": "max_attempts",
    "timeout_seconds": "timeout",
    "timeout_in_seconds": "timeout",
    "timeout_in_microseconds": "timeout",
    "time_limit": "timeout",
    "soft_time_limit": "timeout",
    "job_timeout": "timeout",
    "concurrency": "max_concurrency",
    "expires": "expires_after",
    "expires_in": "expires_after",
    "max_age": "expires_after",
    "retry_backoff": "backoff",
    "retry_delay": "backoff",
    "default_retry_delay": "backoff",
    "cron": "schedule",
    "crontab": "schedule",
    "run_every": "schedule",
    "retention": "keep",
    "keep_result": "keep",
    "result_ttl": "keep",
    "failure_ttl": "keep_failed",
}
_SIMILARITY = 0.8
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")


def meant_option(name: str) -> str | None:
    """Return the option that an attribute was probably meant as; None if it is none."""
    snake = _HUMP.sub("_", name).lower()
    if snake in _ELSEWHERE:
        return _ELSEWHERE[snake]
    return next(iter(get_close_matches(snake, OPTIONS, 1, _SIMILARITY)), None)
