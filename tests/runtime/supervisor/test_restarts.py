"""The delays between the restarts of a process."""

from __future__ import annotations

from jobgen_runtime.supervisor.restarts import MAX_RESTARTS, WINDOW_SECONDS, RestartPolicy


def test_restart_delay_counts_only_exits_within_the_window() -> None:
    restarts = RestartPolicy()
    assert [restarts.delay_after_exit(at) for at in (0, 1, 2)] == [0.2, 0.4, 0.8]
    assert restarts.delay_after_exit(WINDOW_SECONDS + 3) == 0.2
    assert [restarts.delay_after_exit(WINDOW_SECONDS + 3) for _ in range(MAX_RESTARTS)][-2:] == [
        3.2,
        None,
    ]
